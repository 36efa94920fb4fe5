using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>How a GGUF file is written.</summary>
public sealed record GgufOptions : ModelWriterOptions
{
    /// <summary>The format of each matrix; vectors are always F32.</summary>
    /// <value>Default: F16 for all.</value>
    public Func<LlamaTensor, WeightFormat> Format { get; init; } = static _ => WeightFormat.F16;

    /// <summary>The model's name, <c>general.name</c>.</summary>
    /// <value>Default: null, the checkpoint's own or its folder's name.</value>
    public string? Name { get; init; }
}
