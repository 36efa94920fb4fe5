using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <content>Where tokenizers come from.</content>
public sealed partial class Tokenizer
{
    private static readonly string[] ChatMarkup = ["<|im_start|>", "<|im_end|>", "<|im_sep|>"];

    /// <summary>The tokenizer of a model.</summary>
    /// <remarks>See <see cref="FromFile"/> for what is special in a folder.</remarks>
    /// <exception cref="InvalidDataException">The model has no tokenizer, or a damaged one.</exception>
    /// <exception cref="NotSupportedException">The tokenizer asks for a component that this version does not know.</exception>
    public static Tokenizer Load(Checkpoint checkpoint)
    {
        if (checkpoint.Gguf is { } gguf) return new Tokenizer(GgufVocabulary.Read(gguf.Metadata, gguf.Path));
        string file = checkpoint.TokenizerJsonPath ?? throw new InvalidDataException($"{checkpoint.Path} has no tokenizer.json; put the one of its model there.");
        return OfFolder(file);
    }

    /// <summary>Reads a <c>tokenizer.json</c> as it is, a GGUF file's vocabulary, or the tokenizer of a model folder.</summary>
    /// <remarks>
    /// A bare tokenizer.json splits off what it marks as added. In a model folder these are control tokens too, where the vocabulary has them: what
    /// <c>tokenizer_config.json</c> names as special, and ChatML's three. Yi's tokenizer.json marks only ids 0-2, and its chat templates write 6, 7 and 8.
    /// </remarks>
    /// <exception cref="InvalidDataException">The file is damaged or not there.</exception>
    /// <exception cref="NotSupportedException">The file asks for a component that this version does not know.</exception>
    public static Tokenizer FromFile(string path)
    {
        if (Directory.Exists(path))
        {
            string inFolder = Path.Combine(path, "tokenizer.json");
            if (File.Exists(inFolder)) return OfFolder(inFolder);
            string[] ggufs = Directory.GetFiles(path, "*.gguf");
            if (ggufs.Length != 1) throw new InvalidDataException($"{path} holds no tokenizer.json and {ggufs.Length} .gguf files; expected a tokenizer.json or exactly one .gguf. Name the file itself.");
            path = ggufs[0];
        }
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; expected a tokenizer.json, a .gguf file or a model folder.");
        if (!IsGguf(path)) return new Tokenizer(TokenizerJson.Read(path));
        using GgufFile gguf = GgufFile.Open(path);
        return new Tokenizer(GgufVocabulary.Read(gguf.Metadata, path));
    }

    private static Tokenizer OfFolder(string tokenizerJson)
    {
        var tokenizer = new Tokenizer(TokenizerJson.Read(tokenizerJson));
        string config = Path.Combine(Path.GetDirectoryName(tokenizerJson)!, "tokenizer_config.json");
        return tokenizer.WithSpecial(File.Exists(config) ? [.. ChatMarkup, .. SpecialOf(JsonField.Read(config))] : ChatMarkup);
    }

    private static List<string> SpecialOf(JsonField config)
    {
        var tokens = new List<string>();
        JsonField added = config["added_tokens_decoder"];
        foreach ((_, JsonField token) in added.IsNull ? [] : added.Members())
        {
            if (token["special"].Boolean(absent: false)) tokens.Add(token["content"].String());
        }
        JsonField additional = config["additional_special_tokens"];
        foreach (JsonField token in additional.IsNull ? [] : additional.Items())
            tokens.Add(token.Kind == System.Text.Json.JsonValueKind.Object ? token["content"].String() : token.String());
        return tokens;
    }

    private static bool IsGguf(string path)
    {
        if (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) return true;
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
    }
}
