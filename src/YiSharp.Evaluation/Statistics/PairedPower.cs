namespace YiSharp.Evaluation;

/// <summary>
/// How many items a paired comparison of right and wrong answers needs, and what it can find. p₁₀ and p₀₁ are the chances that only the first and only the
/// second model is right on an item; ψ = p₁₀ + p₀₁ is how often they disagree, δ = p₁₀ − p₀₁ the difference between them.
/// </summary>
/// <param name="SampleSize">Items for the target power, (z_{α/2} √ψ + z_β √(ψ − δ²))² / δ², not rounded up (Connor 1987, Biometrics 43, 207-211); null where δ = 0.</param>
/// <param name="NormalPower">Power at n items by the same approximation; null where ψ = δ².</param>
/// <param name="ExactPower">Power of the exact McNemar test at n items, summed over all outcomes; null where ψ = 0 or n is larger than <see cref="MaxExactCount"/>.</param>
/// <param name="DetectableByMiller">Smallest difference found with the target power, (z_{α/2} + z_β) √((ψ − δ²) / n) (Miller 2024, arXiv:2411.00640, section 5); above 1 where so few items find none.</param>
/// <param name="DetectableByConnor">The δ at which Connor's size is n, ψ held; null where even δ = ψ needs more items.</param>
public sealed record PairedPower(double? SampleSize, double? NormalPower, double? ExactPower, double DetectableByMiller, double? DetectableByConnor)
{
    /// <summary>Most items for which the exact power is summed: the sum has n² terms, and the approximation is good beyond.</summary>
    public const int MaxExactCount = 400;

    /// <summary>Power and size of one design.</summary>
    /// <param name="onlyFirst">p₁₀, 0 to 1.</param>
    /// <param name="onlySecond">p₀₁, 0 to 1; together at most 1.</param>
    /// <param name="count">Items (n), at least 1.</param>
    /// <param name="alpha">Two-sided significance level, between 0 and 1.</param>
    /// <param name="targetPower">Wanted power, between alpha and 1; 0.8 and 0.9 are usual.</param>
    /// <exception cref="ArgumentOutOfRangeException">A chance, the count, alpha or the power lies outside its range.</exception>
    public static PairedPower Of(double onlyFirst, double onlySecond, int count, double alpha, double targetPower)
    {
        if (onlyFirst is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(onlyFirst), onlyFirst, "A chance lies between 0 and 1.");
        if (onlySecond is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(onlySecond), onlySecond, "A chance lies between 0 and 1.");
        double disagreement = onlyFirst + onlySecond, difference = onlyFirst - onlySecond;
        if (disagreement > 1 + 1e-12) throw new ArgumentOutOfRangeException(nameof(onlySecond), onlySecond, $"The chances that only one of the two is right sum to {disagreement}; at most 1 was expected.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (alpha is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A significance level lies between 0 and 1; 0.05 is usual.");
        if (!(targetPower > alpha && targetPower < 1)) throw new ArgumentOutOfRangeException(nameof(targetPower), targetPower, "A power lies between alpha, what a test finds where there is nothing, and 1; 0.8 is usual.");

        double zAlpha = Normal.UpperQuantile(alpha / 2), zBeta = Normal.Quantile(targetPower), spread = disagreement - difference * difference;
        double Size(double d) => Square((zAlpha * Math.Sqrt(disagreement) + zBeta * Math.Sqrt(Math.Max(0, disagreement - d * d))) / d);
        return new PairedPower(
            difference == 0 ? null : Size(difference),
            spread > 0 ? Normal.Cdf((Math.Abs(difference) * Math.Sqrt(count) - zAlpha * Math.Sqrt(disagreement)) / Math.Sqrt(spread)) : null,
            disagreement > 0 && count <= MaxExactCount ? ExactMcNemarPower(onlyFirst / disagreement, Math.Min(1, disagreement), count, alpha) : null,
            (zAlpha + zBeta) * Math.Sqrt(Math.Max(0, spread) / count),
            disagreement > 0 && Size(disagreement) < count ? Solve(d => Size(d) > count, disagreement) : null);
    }

    /// <summary>The smallest difference that the exact McNemar test finds with the target power; null where not even the largest is found.</summary>
    /// <param name="onlySecond">Chance that only the worse model is right on an item, as far as the difference leaves room for it; taken as 0 beyond <see cref="MaxExactCount"/> items.</param>
    /// <param name="count">Items (n), at least 1.</param>
    /// <param name="alpha">Two-sided significance level.</param>
    /// <param name="targetPower">Wanted power.</param>
    internal static double? ExactlyDetectable(double onlySecond, int count, double alpha, double targetPower)
    {
        int fewest = 1; // wins without a loss that are significant
        while (fewest <= count && McNemar.ExactP(fewest, 0) > alpha) fewest++;
        if (fewest > count) return null;
        double Power(double difference)
        {
            double losing = Math.Min(onlySecond, (1 - difference) / 2);
            if (count > MaxExactCount || losing == 0) return 1 - Binomial.Cdf(fewest - 1, count, difference);
            double disagreement = difference + 2 * losing;
            return ExactMcNemarPower((difference + losing) / disagreement, Math.Min(1, disagreement), count, alpha);
        }
        double low = 0, high = 1;
        while (high - low > 1e-5)
        {
            double middle = 0.5 * (low + high);
            if (Power(middle) < targetPower) low = middle;
            else high = middle;
        }
        return high;
    }

    /// <summary>A size rounded up to whole items, but for what rounding has added.</summary>
    /// <param name="size">Items, not rounded.</param>
    public static double WholeItems(double size) => Math.Ceiling(size - 1e-9);

    /// <summary>Σ over the number of disagreements m and their split k of the chances at which the exact test rejects.</summary>
    private static double ExactMcNemarPower(double firstShare, double disagreement, int count, double alpha)
    {
        double power = 0;
        int critical = -1; // the most of the rarer kind at which the test still rejects; it never falls with m
        for (int m = 0; m <= count; m++)
        {
            double weight = Binomial.Pmf(m, count, disagreement);
            if (weight < 1e-18) continue;
            while (2 * (critical + 1) < m && McNemar.ExactP(critical + 1, m - critical - 1) <= alpha) critical++;
            power += weight * (Binomial.Cdf(critical, m, firstShare) + Binomial.Cdf(critical, m, 1 - firstShare));
        }
        return Math.Min(1, power);
    }

    /// <summary>The point in (0, high] at which <paramref name="before"/> turns from true to false.</summary>
    private static double Solve(Func<double, bool> before, double high)
    {
        double low = 0;
        while (true)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high) return middle;
            if (before(middle)) low = middle;
            else high = middle;
        }
    }

    private static double Square(double x) => x * x;
}
