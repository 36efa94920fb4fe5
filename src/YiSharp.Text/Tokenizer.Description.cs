using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <content>What people ask of a tokenizer.</content>
public sealed partial class Tokenizer
{
    /// <summary>How it works, in a few words, such as <c>BPE, byte-level</c>.</summary>
    public string Kind
    {
        get
        {
            string model = _parts.Model.GetType().Name switch { nameof(BpeModel) => "BPE", "ScoredBpeModel" => "SentencePiece BPE", string name => name.Replace("Model", "", StringComparison.Ordinal) };
            return model + (_parts.Decoder.ByteLevel ? ", byte-level" : _parts.Decoder.ByteFallback ? ", byte fallback" : "");
        }
    }

    /// <summary>The control tokens' ids, sorted.</summary>
    public IReadOnlyList<int> SpecialIds => [.. _special.Order()];

    /// <summary>Whether there is a tokenizer at a path: what <see cref="FromFile"/> would read.</summary>
    public static bool IsAt(string path)
    {
        if (Directory.Exists(path))
        {
            if (File.Exists(Path.Combine(path, "tokenizer.json")) || File.Exists(Path.Combine(path, "tokenizer.model"))) return true;
            if (Directory.GetFiles(path, "*.gguf") is not [string only]) return false;
            path = only;
        }
        if (!File.Exists(path)) return false;
        if (!IsGguf(path)) return true;
        using GgufFile file = GgufFile.Open(path);
        return file.Metadata.ContainsKey("tokenizer.ggml.tokens");
    }
}
