namespace YiSharp.Tensors;

/// <summary>
/// Frequencies of rotary position embeddings (Su et al. 2021, arXiv:2104.09864), in Hugging Face's rotate-half convention:
/// within a head, element i turns with element i + headDim / 2 by position · frequency[i].
/// </summary>
public sealed class RotaryTable
{
    /// <summary>frequency[i] = theta^(-2i / headDim).</summary>
    /// <param name="headDim">Width of a head; even.</param>
    /// <param name="theta"><c>rope_theta</c> in config.json.</param>
    public RotaryTable(int headDim, double theta)
    {
        if (headDim <= 0 || headDim % 2 != 0) throw new TensorException($"head_dim is {headDim}; rotary embeddings need a positive even number.");
        HeadDim = headDim;
        var frequencies = new float[headDim / 2];
        for (int i = 0; i < frequencies.Length; i++) frequencies[i] = 1f / MathF.Pow((float)theta, 2f * i / headDim);
        Frequencies = frequencies;
    }

    /// <summary>Width of a head.</summary>
    public int HeadDim { get; }

    /// <summary>Radians a position, [headDim / 2].</summary>
    public ReadOnlyMemory<float> Frequencies { get; }
}
