using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>Everything in a model's files that may name an end of an answer.</summary>
public sealed record StopSources
{
    /// <summary>Ids with the file or GGUF key that names them (<see cref="NamedEnds"/>).</summary>
    public IReadOnlyList<(int Id, string Source)> Named { get; init; } = [];

    /// <summary>The tokenizer's end of sequence as written, or null.</summary>
    public string? EosToken { get; init; }

    /// <summary>The chat template that the model is used with, or null.</summary>
    public ChatTemplate? Template { get; init; }
}
