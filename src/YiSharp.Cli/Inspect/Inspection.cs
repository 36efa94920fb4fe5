using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>What <c>yi inspect</c> found at a path. Lists are empty and references null where there is nothing of the kind.</summary>
internal sealed record Inspection
{
    /// <summary>The path as it was given, or where a model's name leads.</summary>
    public required string Path { get; init; }

    /// <summary>What lies there.</summary>
    public required PathKind Kind { get; init; }

    /// <summary>Why it cannot be computed with, one sentence; null where it can, or is nothing to compute with.</summary>
    public string? WhyNot { get; init; }

    /// <summary>The numbers that describe a model.</summary>
    public ModelShape? Shape { get; init; }

    /// <summary>An adapter's own numbers.</summary>
    public AdapterHeaders? Adapter { get; init; }

    /// <summary>Every tensor, in the files' order.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; init; } = [];

    /// <summary>The files that hold the tensors, with their lengths in bytes.</summary>
    public IReadOnlyList<(string Name, long LengthBytes)> Files { get; init; } = [];

    /// <summary>Number of weights.</summary>
    public long ParameterCount { get; init; }

    /// <summary>The tensors by type, the largest share first.</summary>
    public IReadOnlyList<TypeShare> Types { get; init; } = [];

    /// <summary>Text to ids.</summary>
    public TokenizerSummary? Tokenizer { get; init; }

    /// <summary>Messages to text.</summary>
    public TemplateSummary? Template { get; init; }

    /// <summary>What ends an answer, and who says so.</summary>
    public IReadOnlyList<StopId> StopIds { get; init; } = [];

    /// <summary>The licence's name and where it is said.</summary>
    public (string Name, string Source)? License { get; init; }

    /// <summary>Memory that it takes to run.</summary>
    public MemoryNeeds? Memory { get; init; }

    /// <summary>Whether the weights were read through for numbers that are not finite.</summary>
    public WeightCheck? Check { get; init; }

    /// <summary>A release's models.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Bytes of all tensors.</summary>
    public long WeightBytes => Tensors.Sum(t => t.LengthBytes);

    /// <summary>Bytes of all files.</summary>
    public long FileBytes => Files.Sum(f => f.LengthBytes);

    /// <summary>Bits that a weight takes, scales included; 0 without weights.</summary>
    public double BitsPerWeight => ParameterCount == 0 ? 0 : 8.0 * WeightBytes / ParameterCount;
}

/// <summary>Tensors that are stored alike.</summary>
/// <param name="Type">Such as <c>Q4_0</c>.</param>
/// <param name="TensorCount">How many.</param>
/// <param name="ElementCount">Numbers in them.</param>
/// <param name="LengthBytes">Their bytes.</param>
/// <param name="Share">Their share of all bytes, 0 to 1.</param>
internal sealed record TypeShare(string Type, int TensorCount, double ElementCount, long LengthBytes, double Share);

/// <summary>What is said of a tokenizer.</summary>
/// <param name="Kind">How it works, in a few words.</param>
/// <param name="VocabSize">The largest id plus one.</param>
/// <param name="Special">Its control tokens.</param>
/// <param name="WhyNot">Why it cannot be used, one sentence, or null; then nothing else is known.</param>
internal sealed record TokenizerSummary(string? Kind, int? VocabSize, IReadOnlyList<(int Id, string Token)> Special, string? WhyNot = null);

/// <summary>What is said of a chat template.</summary>
/// <param name="Source">The file or GGUF key that holds it.</param>
/// <param name="Length">Its length, characters.</param>
/// <param name="Sample">A short conversation rendered, or null.</param>
/// <param name="Error">Why the template refuses that conversation, or null.</param>
internal sealed record TemplateSummary(string Source, int Length, string? Sample, string? Error);

/// <summary>Whether the weights were read through.</summary>
/// <param name="IsDone">Whether they were, and all are finite.</param>
/// <param name="Why">Why not, or what was read.</param>
internal sealed record WeightCheck(bool IsDone, string Why);
