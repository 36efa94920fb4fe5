namespace YiSharp.Tensors;

/// <summary>
/// Frequencies of rotary position embeddings (Su et al. 2021, arXiv:2104.09864), in Hugging Face's rotate-half convention:
/// within a head, element i turns with element i + headDim / 2 by position · frequency[i].
/// </summary>
public sealed class RotaryTable
{
    private readonly double _theta;
    private readonly RopeScaling? _scaling;

    /// <summary>frequency[i] = theta^(-2i / headDim), scaled.</summary>
    /// <param name="headDim">Width of a head; even.</param>
    /// <param name="theta"><c>rope_theta</c> in config.json.</param>
    /// <param name="scaling">What becomes of the frequencies; null leaves them.</param>
    public RotaryTable(int headDim, double theta, RopeScaling? scaling = null)
    {
        if (headDim <= 0 || headDim % 2 != 0) throw new TensorException($"head_dim is {headDim}; rotary embeddings need a positive even number.");
        (HeadDim, _theta, _scaling) = (headDim, theta, scaling);
        var frequencies = new float[headDim / 2];
        Compute(1, frequencies);
        Frequencies = frequencies;
    }

    /// <summary>Width of a head.</summary>
    public int HeadDim { get; }

    /// <summary>Radians a position in sequences up to <see cref="FixedLength"/>, [headDim / 2].</summary>
    public ReadOnlyMemory<float> Frequencies { get; }

    /// <summary>Factor of cosines and sines.</summary>
    public float AttentionFactor => _scaling?.AttentionFactor ?? 1;

    /// <summary>Longest sequence that turns with <see cref="Frequencies"/>, tokens.</summary>
    public int FixedLength => _scaling?.FixedLength ?? int.MaxValue;

    /// <summary>Radians a position in a sequence of <paramref name="length"/> tokens, [headDim / 2].</summary>
    public void Compute(int length, Span<float> frequencies)
    {
        if (_scaling is null) RopeScaling.Unscaled(_theta, frequencies);
        else _scaling.Compute(_theta, length, frequencies);
    }
}
