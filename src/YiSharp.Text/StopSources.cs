using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>Everything in a model's files that may name an end of an answer.</summary>
public sealed record StopSources
{
    private static readonly string[] EndKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Ids with the file or GGUF key that names them, in the order of weight.</summary>
    public IReadOnlyList<(int Id, string Source)> Named { get; init; } = [];

    /// <summary>The tokenizer's end of sequence as written, or null.</summary>
    public string? EosToken { get; init; }

    /// <summary>The chat template that the model is used with, or null.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>Those of a model that is opened.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="template">Its chat template, or null where it has none.</param>
    public static StopSources Of(Checkpoint checkpoint, ChatTemplate? template) => new()
    {
        Named = checkpoint.Gguf is { } gguf ? OfGguf(gguf) : OfFiles(checkpoint.Generation.EosTokenIds, checkpoint.Config.EosTokenIds),
        EosToken = checkpoint.TokenizerConfig.EosToken,
        Template = template,
    };

    /// <summary>Ids that a Hugging Face folder names.</summary>
    public static IReadOnlyList<(int, string)> OfFiles(IEnumerable<int> generation, IEnumerable<int> config) =>
        [.. generation.Select(id => (id, "generation_config.json")), .. config.Select(id => (id, "config.json"))];

    /// <summary>Ids that a GGUF file's metadata name; llama.cpp writes -1, also as an unsigned number, for none.</summary>
    public static IReadOnlyList<(int, string)> OfGguf(GgufFile file)
    {
        var named = new List<(int, string)>();
        foreach (string key in EndKeys)
        {
            if (file.Metadata.GetValueOrDefault(key) is uint.MaxValue or -1) continue;
            if (file.WholeNumber(key, 0, int.MaxValue) is { } id) named.Add((id, key));
        }
        return named;
    }
}
