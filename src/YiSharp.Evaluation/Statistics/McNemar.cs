using MathNet.Numerics;

namespace YiSharp.Evaluation;

/// <summary>McNemar's test: whether two models that answered the same items are equally often right. Only the items on which they disagree count.</summary>
public static class McNemar
{
    /// <summary>
    /// Two-sided exact p-value: twice the chance that a fair coin gives at most min(b, c) heads in b + c throws, at most 1.
    /// Without disagreement it is 1.
    /// </summary>
    /// <param name="onlyFirst">Items that only the first model got right (b).</param>
    /// <param name="onlySecond">Items that only the second model got right (c).</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double ExactP(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        if (onlyFirst == onlySecond) return 1;
        double count = (double)onlyFirst + onlySecond, fewer = Math.Min(onlyFirst, onlySecond);
        // P(X ≤ k) of a binomial with p = 1/2 is the regularized incomplete beta function I(n − k, k + 1) at 1/2.
        return Math.Min(1, 2 * SpecialFunctions.BetaRegularized(count - fewer, fewer + 1, 0.5));
    }
}
