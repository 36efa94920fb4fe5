using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>How a Hugging Face folder is written.</summary>
public sealed record HuggingFaceOptions : ModelWriterOptions
{
    /// <summary>5 GB, as transformers 4 has it.</summary>
    public const long DefaultMaxShardBytes = 5_000_000_000;

    /// <summary>Most bytes of weights in a file; a tensor that has more stands alone.</summary>
    /// <value>Default: <see cref="DefaultMaxShardBytes"/>.</value>
    public long MaxShardBytes { get; init; } = DefaultMaxShardBytes;

    /// <summary>The format of each tensor: F32, F16 or BF16.</summary>
    /// <value>Default: F16 for all.</value>
    public Func<LlamaTensor, WeightFormat> Format { get; init; } = static _ => WeightFormat.F16;

    /// <summary>Text of the model card, <c>README.md</c>; null for none.</summary>
    public string? ModelCard { get; init; }
}
