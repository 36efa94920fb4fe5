using MathNet.Numerics;

namespace YiSharp.Evaluation;

/// <summary>The standard normal distribution, as the other statistics need it.</summary>
internal static class Normal
{
    /// <summary>z such that a central interval of ±z holds <paramref name="level"/> of the distribution; 1.96 for 0.95.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level does not lie between 0 and 1.</exception>
    public static double CentralQuantile(double level)
    {
        if (level is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A confidence level lies between 0 and 1; 0.95 is usual.");
        return Math.Sqrt(2) * SpecialFunctions.ErfInv(level);
    }

    /// <summary>z such that P(Z ≤ z) = <paramref name="share"/>; infinite for 0 and 1.</summary>
    public static double Quantile(double share) => -UpperQuantile(share);

    /// <summary>z such that P(Z ≥ z) = <paramref name="share"/>; infinite for 0 and 1.</summary>
    public static double UpperQuantile(double share) => Math.Sqrt(2) * SpecialFunctions.ErfcInv(2 * share);

    /// <summary>P(Z ≤ z).</summary>
    public static double Cdf(double z) => UpperTail(-z);

    /// <summary>P(Z ≥ z).</summary>
    public static double UpperTail(double z) => 0.5 * SpecialFunctions.Erfc(z / Math.Sqrt(2));

    /// <summary>P(|Z| ≥ |z|).</summary>
    public static double TwoSidedTail(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));
}
