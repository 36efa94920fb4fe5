namespace YiSharp.Tensors;

/// <summary>Positions divided by a factor (Chen et al. 2023, arXiv:2306.15595).</summary>
/// <param name="Factor">Divisor, at least 1.</param>
public sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    /// <inheritdoc/>
    public override string RopeType => "linear";

    internal override void Compute(double theta, int length, Span<float> frequencies)
    {
        Unscaled(theta, frequencies);
        foreach (ref float frequency in frequencies) frequency /= (float)Factor;
    }
}
