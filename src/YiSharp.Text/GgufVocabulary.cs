using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>
/// Reads the vocabulary of a GGUF file (<c>tokenizer.ggml.*</c>) as llama.cpp does (<c>src/llama-vocab.cpp</c>). Every kind of model is a row of a table, every
/// cut one of <see cref="PreTokenizerTable"/>; one without a row is refused by name.
/// </summary>
internal sealed class GgufVocabulary(IReadOnlyDictionary<string, object> metadata, string source)
{
    private const string Prefix = "tokenizer.ggml.";
    private const string UnknownSurface = " \u2047 ";

    private static readonly Dictionary<string, Func<GgufVocabulary, TokenizerParts>> Models = new(StringComparer.Ordinal)
    {
        ["gpt2"] = vocabulary => vocabulary.ReadByteLevel(),
        ["llama"] = vocabulary => vocabulary.ReadSentencePiece(),
    };

    /// <summary>Reads the tokenizer's part of a file's metadata.</summary>
    public static TokenizerParts Read(IReadOnlyDictionary<string, object> metadata, string source)
    {
        var vocabulary = new GgufVocabulary(metadata, source);
        string model = vocabulary.Required<string>("model", "a string");
        return Models.TryGetValue(model, out Func<GgufVocabulary, TokenizerParts>? read) ? read(vocabulary) : throw vocabulary.Unknown("model", model, string.Join(", ", Models.Keys));
    }

    private TokenizerParts ReadByteLevel()
    {
        (VocabularyBuilder builder, TokenKind[] kinds) = ReadTokens();
        string pre = metadata.ContainsKey(Prefix + "pre") ? Required<string>("pre", "a string") : "default";
        PreTokenizerRule rule = PreTokenizerTable.Find(pre) ?? throw Unknown("pre", pre, PreTokenizerTable.Names);
        string[] merges = Required<string[]>("merges", "a list of strings");
        var seen = new HashSet<string>(merges.Length, StringComparer.Ordinal);
        for (int i = 0; i < merges.Length; i++)
        {
            // Of equal merges the first counts; the table of pairs would take the last.
            if (seen.Add(merges[i])) builder.AddMerge(merges[i], Prefix + "merges", i);
        }
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = builder.Vocabulary,
            AddedTokens = AddedTokens(builder.Vocabulary, kinds),
            Model = new BpeModel(builder.Vocabulary, builder.Merges, new BpeOptions { ByteLevel = true, IgnoreMerges = rule.IgnoreMerges }),
            PreTokenizer = ReadCut(rule),
            Decoder = new DecoderOptions { ByteLevel = true, AddedTokensAreText = true },
        };
    }

    private TokenizerParts ReadSentencePiece()
    {
        (VocabularyBuilder builder, TokenKind[] kinds) = ReadTokens();
        float[] scores = Required<float[]>("scores", "a list of 32-bit floats");
        if (scores.Length != kinds.Length) throw Fail($"{Prefix}scores has {scores.Length} entries; expected {kinds.Length}, one for each token");
        int broken = Array.FindIndex(scores, score => !float.IsFinite(score));
        if (broken >= 0) throw Fail($"{Prefix}scores[{broken}] is {scores[broken]}; expected a finite number");

        bool addPrefix = Optional("add_space_prefix", absent: true);
        int unknown = Array.IndexOf(kinds, TokenKind.Unknown);
        INormalizer space = new ReplaceNormalizer(" ", SentencePieceVocabulary.Space);
        return new TokenizerParts
        {
            Source = source,
            Vocabulary = builder.Vocabulary,
            AddedTokens = AddedTokens(builder.Vocabulary, kinds),
            // llama.cpp looks for unions among all tokens, whatever they are.
            Model = new ScoredBpeModel([.. scores.Select((score, id) => new ScoredPiece(builder.Vocabulary.TokenOf(id)!, id, score))],
                new ScoredBpeOptions { ByteIds = BpeModel.ByteTokens(builder.Vocabulary), UnknownId = unknown >= 0 ? unknown : null }),
            Normalizer = addPrefix ? new NormalizerSequence([new PrependNormalizer(SentencePieceVocabulary.Space), space]) : space,
            Decoder = new DecoderOptions
            {
                ByteFallback = true,
                KeepsGoodBytes = true,
                AddedTokensAreText = true,
                Surfaces = Surfaces(kinds),
                Replacements = [(SentencePieceVocabulary.Space, " ")],
                LeadingSpace = addPrefix ? LeadingSpace.DropFirst : LeadingSpace.Keep,
            },
        };
    }

    /// <summary>What prints as sentencepiece has it: control tokens and places without a token nothing, the unknown one its mark.</summary>
    private static Dictionary<int, string> Surfaces(TokenKind[] kinds)
    {
        var surfaces = new Dictionary<int, string>();
        for (int id = 0; id < kinds.Length; id++)
        {
            if (kinds[id] is TokenKind.Control or TokenKind.Unused) surfaces[id] = "";
            else if (kinds[id] == TokenKind.Unknown) surfaces[id] = UnknownSurface;
        }
        return surfaces;
    }

    private static List<AddedToken> AddedTokens(Vocabulary vocabulary, TokenKind[] kinds)
    {
        var added = new List<AddedToken>();
        for (int id = 0; id < kinds.Length; id++)
        {
            if (kinds[id] is TokenKind.Control or TokenKind.UserDefined or TokenKind.Unknown) added.Add(new AddedToken(id, vocabulary.TokenOf(id)!) { Special = kinds[id] != TokenKind.UserDefined });
        }
        return added;
    }

    private (VocabularyBuilder, TokenKind[]) ReadTokens()
    {
        string[] tokens = Required<string[]>("tokens", "a list of strings");
        int[]? types = metadata.ContainsKey(Prefix + "token_type") ? Required<int[]>("token_type", "a list of 32-bit integers") : null;
        if (types is not null && types.Length != tokens.Length) throw Fail($"{Prefix}token_type has {types.Length} entries; expected {tokens.Length}, one for each token");
        var builder = new VocabularyBuilder(source, tokens.Length);
        for (int id = 0; id < tokens.Length; id++) builder.Add(tokens[id].Length > 0 ? tokens[id] : $"[EMPTY_{id}]", id, Prefix + "tokens");
        return (builder, GgufTokenKinds.Of(tokens, types));
    }

    private IPreTokenizer ReadCut(PreTokenizerRule rule)
    {
        using JsonDocument json = JsonDocument.Parse(rule.LlamaCpp);
        return PreTokenizerReader.Read(new JsonField(json.RootElement, source, $"{Prefix}pre {rule.Names[0]}"), modelTakesBytes: true);
    }

    private T Required<T>(string key, string expected) where T : class =>
        !metadata.TryGetValue(Prefix + key, out object? value) ? throw Fail($"{Prefix}{key} is missing; expected {expected}")
        : value as T ?? throw Fail($"{Prefix}{key} is {value.GetType().Name}; expected {expected}");

    private bool Optional(string key, bool absent) =>
        !metadata.TryGetValue(Prefix + key, out object? value) ? absent : value is bool flag ? flag : throw Fail($"{Prefix}{key} is {value.GetType().Name}; expected true or false");

    private NotSupportedException Unknown(string key, string name, string known) =>
        new($"{Prefix}{key} of {source} is {JsonField.Quote(name)}, which this version does not know; known: {known}.");

    private InvalidDataException Fail(string complaint) => new($"{complaint}, in {source}. The file is damaged, or it holds weights without a tokenizer.");
}
