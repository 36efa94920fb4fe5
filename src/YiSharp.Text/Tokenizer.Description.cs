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
            string model = _parts.Model switch { BpeModel => "BPE", ScoredBpeModel => "BPE by scores", UnigramModel => "Unigram", var other => other.GetType().Name };
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
            if (TokenizerFiles.VocabularyOf(path) is not null) return true;
            if (TokenizerFiles.GgufOf(path) is not { } gguf) return false;
            path = gguf;
        }
        if (!File.Exists(path)) return false;
        if (TokenizerFileKinds.Of(path) != TokenizerFileKind.Gguf) return true;
        using GgufFile file = GgufFile.Open(path);
        return file.Metadata.ContainsKey("tokenizer.ggml.tokens");
    }
}
