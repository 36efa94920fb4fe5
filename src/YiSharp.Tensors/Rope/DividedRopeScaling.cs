namespace YiSharp.Tensors;

/// <summary>Each frequency divided by a number of its own: the tensor <c>rope_freqs</c> of GGUF files, which stands for llama3's scaling.</summary>
/// <param name="Divisors">[headDim / 2], each above 0.</param>
public sealed record DividedRopeScaling(IReadOnlyList<float> Divisors) : RopeScaling
{
    /// <inheritdoc/>
    public override string RopeType => "rope_freqs";

    /// <inheritdoc/>
    public bool Equals(DividedRopeScaling? other) => other is not null && Divisors.SequenceEqual(other.Divisors);

    /// <inheritdoc/>
    public override int GetHashCode() => Divisors.Aggregate(0, HashCode.Combine);

    internal override void Compute(double theta, int length, Span<float> frequencies)
    {
        Unscaled(theta, frequencies);
        for (int i = 0; i < frequencies.Length; i++) frequencies[i] /= Divisors[i];
    }
}
