namespace YiSharp.Tensors;

/// <summary>
/// How a model was stretched to positions beyond those of its first training: what becomes of the rotary frequencies
/// (transformers, modeling_rope_utils.py). Arithmetic is in single precision where the original's is.
/// </summary>
public abstract record RopeScaling
{
    /// <summary>The name that config.json gives it, such as <c>llama3</c>.</summary>
    public abstract string RopeType { get; }

    /// <summary>Factor of cosines and sines.</summary>
    public virtual float AttentionFactor => 1;

    /// <summary>Longest sequence that turns with the same frequencies as all shorter ones, tokens.</summary>
    public virtual int FixedLength => int.MaxValue;

    /// <summary>Computes the frequencies of a sequence.</summary>
    /// <param name="theta">Base.</param>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="frequencies">Result, radians a position, [headDim / 2].</param>
    internal abstract void Compute(double theta, int length, Span<float> frequencies);

    /// <summary>frequency[i] = theta^(-2i / headDim), [headDim / 2].</summary>
    internal static void Unscaled(double theta, Span<float> frequencies)
    {
        for (int i = 0; i < frequencies.Length; i++) frequencies[i] = 1f / MathF.Pow((float)theta, (float)i / frequencies.Length);
    }
}
