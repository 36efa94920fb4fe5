using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <content>Where tokenizers come from.</content>
public sealed partial class Tokenizer
{
    private static readonly Dictionary<TokenizerFileKind, Func<string, TokenizerParts>> Readers = new()
    {
        [TokenizerFileKind.Json] = TokenizerJson.Read,
        [TokenizerFileKind.SentencePiece] = path => SentencePieceVocabulary.Parts(SentencePieceModel.Read(path)),
        [TokenizerFileKind.Gguf] = path =>
        {
            using GgufFile gguf = GgufFile.Open(path);
            return GgufVocabulary.Read(gguf.Metadata, path);
        },
    };

    /// <summary>The tokenizer of a model.</summary>
    /// <remarks>See <see cref="FromFile"/> for what is special in a folder.</remarks>
    /// <exception cref="InvalidDataException">The model has no tokenizer, or a damaged one.</exception>
    /// <exception cref="NotSupportedException">The tokenizer asks for a component that this version does not know.</exception>
    public static Tokenizer Load(Checkpoint checkpoint)
    {
        if (checkpoint.Gguf is { } gguf) return new Tokenizer(GgufVocabulary.Read(gguf.Metadata, gguf.Path));
        string file = checkpoint.VocabularyPath ?? throw new InvalidDataException($"{checkpoint.Path} has no tokenizer.json or tokenizer.model; put the one of its model there.");
        return OfFolder(file).Within(checkpoint, file);
    }

    /// <summary>Reads a <c>tokenizer.json</c>, a SentencePiece <c>.model</c> or a GGUF file's vocabulary as it is, or the tokenizer of a model folder.</summary>
    /// <remarks>
    /// A bare tokenizer.json splits off what it marks as added; a bare .model splits off nothing, as sentencepiece does. In a model folder these are control
    /// tokens too, where the vocabulary has them: what <c>tokenizer_config.json</c> names as special, the control pieces of a .model, and ChatML's three. Yi's
    /// tokenizer.json marks only ids 0-2, and its chat templates write 6, 7 and 8.
    /// </remarks>
    /// <exception cref="InvalidDataException">The file is damaged or not there.</exception>
    /// <exception cref="NotSupportedException">The file asks for a component that this version does not know.</exception>
    public static Tokenizer FromFile(string path)
    {
        if (Directory.Exists(path))
        {
            if (TokenizerFiles.VocabularyOf(path) is { } inFolder) return OfFolder(inFolder);
            path = TokenizerFiles.GgufOf(path) ?? throw new InvalidDataException($"{path} holds no tokenizer.json, tokenizer.model or .gguf; one of them was expected. Name the file itself.");
        }
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; expected a tokenizer.json, a SentencePiece .model, a .gguf file or a model folder.");
        return new Tokenizer(Readers[TokenizerFileKinds.Of(path)](path));
    }

    /// <summary>
    /// Holds the ids against the embedding table. Added tokens beyond it are let pass: many fine-tunes add a padding token and forget the table, and no text
    /// comes to it.
    /// </summary>
    private Tokenizer Within(Checkpoint checkpoint, string file)
    {
        int rows = checkpoint.Config.VocabSize;
        for (int id = rows; id < VocabSize; id++)
        {
            if (TokenOf(id) is { } token && !IsAdded(id))
                throw new InvalidDataException($"{file} gives {JsonField.Quote(token)} the id {id}, but config.json says \"vocab_size\": {rows}; ids below it were expected. The tokenizer belongs to another model.");
        }
        return this;
    }

    private static Tokenizer OfFolder(string vocabulary)
    {
        var tokens = new FolderTokens(new ModelFolder(Path.GetDirectoryName(vocabulary)!));
        if (TokenizerFileKinds.Of(vocabulary) != TokenizerFileKind.SentencePiece) return new Tokenizer(TokenizerJson.Read(vocabulary)).WithSpecial(tokens.Special);

        TokenizerParts parts = SentencePieceVocabulary.Parts(tokens.AddTo(SentencePieceModel.Read(vocabulary)));
        var tokenizer = new Tokenizer(parts with
        {
            AddedTokens = [.. tokens.Added.Select(token => new AddedToken(token.Id, token.Content) { Special = token.Special, SingleWord = token.SingleWord, StripLeft = token.StripLeft, StripRight = token.StripRight })],
        });
        return tokenizer.WithSpecial([.. tokens.Special, .. parts.ControlIds.Select(id => parts.Vocabulary.TokenOf(id)!)]);
    }
}
