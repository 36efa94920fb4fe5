using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>How a Hugging Face folder is written.</summary>
public sealed record HuggingFaceOptions : ModelWriterOptions
{
    /// <summary>F32, F16 or BF16.</summary>
    /// <value>Default: F16.</value>
    public WeightFormat Format { get; init; } = WeightFormat.F16;

    /// <summary>Text of the model card, <c>README.md</c>; null for none.</summary>
    public string? ModelCard { get; init; }
}
