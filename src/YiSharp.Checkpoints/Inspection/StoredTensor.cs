namespace YiSharp.Checkpoints;

/// <summary>A tensor as a file's header describes it, whether or not it can be computed with.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">How it is stored, in the file's words, such as <c>BF16</c> or <c>Q4_K</c>.</param>
/// <param name="Shape">Lengths, slowest dimension first.</param>
/// <param name="LengthBytes">How long it is, bytes.</param>
/// <param name="OffsetBytes">Where it starts, bytes from the file's start.</param>
/// <param name="File">The file's name.</param>
public sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape, long LengthBytes, long OffsetBytes, string File)
{
    /// <summary>Endings of what stands beside packed codes and is no weight of the model's own.</summary>
    private static readonly string[] ScaleEndings = [".qzeros", ".scales", ".g_idx", "_scale_inv", "_scale", ".inv_freq"];

    /// <summary>Numbers that it holds.</summary>
    public double ElementCount => Shape.Aggregate(1.0, (product, length) => product * length);

    /// <summary>Weights of the model that it holds; codes packed into 32-bit words (GPTQ, AWQ) are unpacked, their scales are none.</summary>
    /// <param name="packedBits">Bits of a packed code, or null where none are packed.</param>
    public double ParameterCount(int? packedBits)
    {
        if (packedBits is { } bits && Name.EndsWith(".qweight", StringComparison.Ordinal)) return ElementCount * (32.0 / bits);
        return ScaleEndings.Any(ending => Name.EndsWith(ending, StringComparison.Ordinal)) ? 0 : ElementCount;
    }
}
