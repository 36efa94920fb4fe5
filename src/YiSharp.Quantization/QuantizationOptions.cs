using YiSharp.Checkpoints;

namespace YiSharp.Quantization;

/// <summary>How a model is quantized.</summary>
public sealed record QuantizationOptions
{
    /// <summary>8 (Q8_0) or 4 (Q4_0, with embeddings and head in Q8_0).</summary>
    public required int Bits { get; init; }

    /// <summary>The model's name in the file, and the file's name in a folder.</summary>
    /// <value>Default: null, the checkpoint's name.</value>
    public string? Name { get; init; }

    /// <summary>Text of the model card that is put beside; null for none. Ignored when a file alone is written.</summary>
    public string? ModelCard { get; init; }

    /// <summary>Matrices to quantize in place of the checkpoint's own.</summary>
    /// <value>Default: null, the checkpoint's own.</value>
    public IReadOnlyList<WeightSource>? Weights { get; init; }

    /// <summary>Told after each matrix how many of how many are done.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <exception cref="ArgumentException">A value that cannot be.</exception>
    internal void Validate()
    {
        if (Bits is not (4 or 8)) throw new ArgumentException($"Quantization to {Bits} bits was asked for; 8 and 4 can be made.");
        if (Name is not null && (Name.Length == 0 || Name.AsSpan().IndexOfAny("/\\:\0") >= 0)) throw new ArgumentException($"The name \"{Name}\" cannot be a file's name; take one without / and \\.");
    }
}
