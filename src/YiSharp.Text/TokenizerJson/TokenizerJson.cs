namespace YiSharp.Text;

/// <summary>
/// Reads <c>tokenizer.json</c> (tokenizers 0.23). Every kind of component is one row of a table; a kind that has no row is refused by name.
/// </summary>
internal static class TokenizerJson
{
    private const string Version = "1.0";

    /// <summary>Sections that change no ids of a single text, or that a caller decides on (docs/tokenizers.md).</summary>
    private static readonly string[] Ignored = ["truncation", "padding"];

    private static readonly Dictionary<string, Func<JsonField, JsonField, string, ReadModel>> Models = new(StringComparer.Ordinal)
    {
        ["BPE"] = BpeReader.Read,
        ["Unigram"] = UnigramReader.Read,
    };

    /// <summary>Reads a file; whatever is wrong with it is an <see cref="InvalidDataException"/> or, where it asks for more than we know, a <see cref="NotSupportedException"/>.</summary>
    public static TokenizerParts Read(string file)
    {
        JsonField root = JsonField.Read(file);
        JsonField model = root["model"];
        if (model.IsNull) throw model.Wrong("a tokenizer's model; is this a tokenizer.json?");
        if (root["version"].OptionalString() is { } version && version != Version) throw JsonTable.Unknown(root["version"], JsonField.Quote(version), Version);
        foreach (string name in Ignored)
        {
            if (root[name] is { IsNull: false, Kind: not System.Text.Json.JsonValueKind.Object } section) throw section.Wrong("an object or null");
        }

        string type = model["type"].IsNull && !model["merges"].IsNull ? "BPE" : model["type"].String();
        ReadModel read = JsonTable.Row(Models, type, model["type"])(model, root["pre_tokenizer"], file);
        List<AddedToken> added = AddedTokenReader.Read(root["added_tokens"], read.Vocabulary);
        return new TokenizerParts
        {
            Source = file,
            AddedTokens = added,
            Vocabulary = read.Vocabulary.Vocabulary,
            Model = read.Model,
            Normalizer = root["normalizer"].IsNull ? null : NormalizerReader.Read(root["normalizer"]),
            PreTokenizer = root["pre_tokenizer"].IsNull ? null : PreTokenizerReader.Read(root["pre_tokenizer"], read.TakesBytes),
            Decoder = DecoderReader.Read(root["decoder"]),
            Surround = PostProcessorReader.Read(root["post_processor"], read.Vocabulary.Vocabulary),
        };
    }

    /// <summary>A model and the vocabulary that added tokens go to.</summary>
    /// <param name="Vocabulary">Its pieces.</param>
    /// <param name="Model">Words to ids.</param>
    /// <param name="TakesBytes">The model itself writes words in the <see cref="ByteAlphabet"/>, in place of the last cut.</param>
    public sealed record ReadModel(VocabularyBuilder Vocabulary, ITokenizerModel Model, bool TakesBytes);
}
