namespace YiSharp.Tensors;

/// <summary>
/// YaRN (Peng et al. 2023, arXiv:2309.00071): frequencies that turn often within the first training's context stay, those that turn less
/// than once are divided by a factor, those between are blended; cosines and sines grow.
/// </summary>
public sealed record YarnRopeScaling : RopeScaling
{
    /// <summary>Keeps the ramp's slope finite where both its ends coincide, as the original does.</summary>
    private const float LeastWidth = 0.001f;

    /// <inheritdoc/>
    public override string RopeType => "yarn";

    /// <summary>Divisor of slow frequencies, at least 1.</summary>
    public required double Factor { get; init; }

    /// <summary>Context limit of the first training, tokens.</summary>
    public required int OriginalMaxPositionEmbeddings { get; init; }

    /// <summary>Factor of cosines and sines.</summary>
    /// <value>Default: null, <see cref="DefaultAttentionFactor"/>.</value>
    public double? GivenAttentionFactor { get; init; }

    /// <summary>Turns within the first context from which on a frequency stays.</summary>
    /// <value>Default: 32.</value>
    public double BetaFast { get; init; } = 32;

    /// <summary>Turns within the first context up to which a frequency is divided.</summary>
    /// <value>Default: 1.</value>
    public double BetaSlow { get; init; } = 1;

    /// <summary>Whether the ramp's ends are rounded outwards to whole dimensions.</summary>
    /// <value>Default: true.</value>
    public bool Truncate { get; init; } = true;

    /// <inheritdoc/>
    public override float AttentionFactor => (float)(GivenAttentionFactor ?? DefaultAttentionFactor(Factor));

    /// <summary>0.1 · multiplier · ln factor + 1 (equation 22 of the paper, whose root of 1/t stands on both sides of the product).</summary>
    public static double DefaultAttentionFactor(double factor, double multiplier = 1) => factor <= 1 ? 1 : 0.1 * multiplier * Math.Log(factor) + 1;

    internal override void Compute(double theta, int length, Span<float> frequencies)
    {
        int headDim = 2 * frequencies.Length;
        double low = DimensionThatTurns(BetaFast, headDim, theta), high = DimensionThatTurns(BetaSlow, headDim, theta);
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, headDim - 1));
        float start = (float)low, width = low == high ? LeastWidth : (float)(high - low);
        for (int i = 0; i < frequencies.Length; i++)
        {
            float period = MathF.Pow((float)theta, (float)i / frequencies.Length);
            float kept = 1 - Math.Clamp((i - start) / width, 0, 1);
            frequencies[i] = 1f / ((float)Factor * period) * (1 - kept) + 1f / period * kept;
        }
    }

    /// <summary>Where among a head's frequencies the one stands that turns so often within the first context.</summary>
    private double DimensionThatTurns(double turns, int headDim, double theta) => headDim * Math.Log(OriginalMaxPositionEmbeddings / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
}
