using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>What a SentencePiece model comes to: text to ids and back as sentencepiece 0.2.3 does it.</summary>
internal static class SentencePieceVocabulary
{
    /// <summary>How pieces write a space.</summary>
    public const string Space = "▁";

    /// <summary>What a user-defined piece scores for each byte after its first, so that it is always taken.</summary>
    private const double UserDefinedScore = 0.1;

    private static readonly Dictionary<SentencePieceType, Func<SentencePieceModel, ITokenizerModel>> Models = new()
    {
        [SentencePieceType.Unigram] = Unigram,
        [SentencePieceType.Bpe] = Bpe,
    };

    /// <summary>The parts of a tokenizer. Control pieces are not looked for in texts, as in the original; a model folder adds them.</summary>
    /// <exception cref="InvalidDataException">The model's character map is damaged.</exception>
    public static TokenizerParts Parts(SentencePieceModel model)
    {
        var builder = new VocabularyBuilder(model.Path, model.Pieces.Count);
        var surfaces = new Dictionary<int, string>();
        var controls = new List<int>();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            (string text, _, TokenKind kind) = model.Pieces[id];
            builder.Add(text, id, "pieces");
            if (kind == TokenKind.Unknown) surfaces[id] = model.UnkSurface;
            if (kind != TokenKind.Control) continue;
            surfaces[id] = "";
            controls.Add(id);
        }
        return new TokenizerParts
        {
            Source = model.Path,
            Vocabulary = builder.Vocabulary,
            AddedTokens = [],
            ControlIds = controls,
            Model = Models[model.Type](model),
            Normalizer = Normalizer(model),
            Decoder = new DecoderOptions
            {
                ByteFallback = model.ByteFallback,
                KeepsGoodBytes = true,
                Surfaces = surfaces,
                Replacements = [(Space, " ")],
                LeadingSpace = model.RemoveExtraWhitespaces ? LeadingSpace.DropAll : model.AddDummyPrefix ? LeadingSpace.DropFirst : LeadingSpace.Keep,
            },
        };
    }

    private static SentencePieceNormalizer Normalizer(SentencePieceModel model)
    {
        PrecompiledCharsMap? map = model.PrecompiledCharsMap.Length == 0 ? null : new(model.PrecompiledCharsMap, $"normalizer_spec.precompiled_charsmap of {model.Path}");
        string[] userDefined = [.. model.Pieces.Where(piece => piece.Kind == TokenKind.UserDefined).Select(piece => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(piece.Text)))];
        return new SentencePieceNormalizer(model, map, userDefined.Length == 0 ? null : new PieceTrie(userDefined));
    }

    private static UnigramModel Unigram(SentencePieceModel model)
    {
        float[] scores = [.. model.Pieces.Where(piece => piece.Kind == TokenKind.Normal).Select(piece => piece.Score)];
        var pieces = new List<UnigramPiece>();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            (string text, float score, TokenKind kind) = model.Pieces[id];
            if (kind == TokenKind.Normal) pieces.Add(new UnigramPiece(text, id, score));
            else if (kind == TokenKind.UserDefined) pieces.Add(new UnigramPiece(text, id, (float)(UserDefinedScore * (Encoding.UTF8.GetByteCount(text) - 1))));
        }
        return new UnigramModel(pieces, new UnigramOptions
        {
            UnknownId = model.UnkId,
            LowestScore = scores.DefaultIfEmpty(float.MaxValue).Min(),
            ByteIds = model.ByteFallback ? ByteIds(model) : null,
            Rules = UnigramRules.SentencePiece,
        });
    }

    private static ScoredBpeModel Bpe(SentencePieceModel model)
    {
        var pieces = new List<ScoredPiece>();
        var userDefined = new List<(string, int)>();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            (string text, float score, TokenKind kind) = model.Pieces[id];
            if (kind is TokenKind.Normal or TokenKind.UserDefined or TokenKind.Unused) pieces.Add(new ScoredPiece(text, id, score, kind == TokenKind.Unused));
            if (kind == TokenKind.UserDefined) userDefined.Add((text, id));
        }
        return new ScoredBpeModel(pieces, new ScoredBpeOptions { UnknownId = model.UnkId, ByteIds = model.ByteFallback ? ByteIds(model) : null, UserDefined = userDefined });
    }

    private static int[] ByteIds(SentencePieceModel model)
    {
        var ids = new int[256];
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Kind == TokenKind.Byte && ByteToken.TryRead(model.Pieces[id].Text, out byte value)) ids[value] = id;
        }
        return ids;
    }
}
