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
        RequireCounts(onlyFirst, onlySecond);
        if (Math.Abs((long)onlyFirst - onlySecond) <= 1) return 1; // half of all outcomes, without a sum's rounding
        return Math.Min(1, 2 * Binomial.Cdf(Math.Min(onlyFirst, onlySecond), (double)onlyFirst + onlySecond, 0.5));
    }

    /// <summary>
    /// Two-sided mid-p value: the exact one less the chance of what was observed, 2 (P(X &lt; k) + P(X = k) / 2) with k = min(b, c), so that b = c gives 1
    /// (Fagerland, Lydersen &amp; Laake 2013, doi:10.1186/1471-2288-13-91). Less conservative than <see cref="ExactP"/>.
    /// </summary>
    /// <inheritdoc cref="ExactP"/>
    public static double MidP(int onlyFirst, int onlySecond)
    {
        RequireCounts(onlyFirst, onlySecond);
        if (onlyFirst == onlySecond) return 1;
        double count = (double)onlyFirst + onlySecond, fewer = Math.Min(onlyFirst, onlySecond);
        return Math.Min(1, 2 * Binomial.Cdf(fewer - 1, count, 0.5) + Binomial.Pmf(fewer, count, 0.5));
    }

    /// <summary>(b − c)² / (b + c), chi-squared with one degree of freedom where the models are alike (McNemar 1947); null without disagreement.</summary>
    /// <inheritdoc cref="ExactP"/>
    public static double? ChiSquared(int onlyFirst, int onlySecond) => ChiSquared(onlyFirst, onlySecond, correction: 0);

    /// <summary>(|b − c| − 1)² / (b + c), with Edwards' correction for continuity; null without disagreement.</summary>
    /// <inheritdoc cref="ExactP"/>
    public static double? CorrectedChiSquared(int onlyFirst, int onlySecond) => ChiSquared(onlyFirst, onlySecond, correction: 1);

    /// <summary>The chance of a chi-squared of one degree of freedom this large.</summary>
    /// <param name="chiSquared">From 0 on.</param>
    public static double ChiSquaredP(double chiSquared) => Normal.TwoSidedTail(Math.Sqrt(chiSquared));

    private static double? ChiSquared(int onlyFirst, int onlySecond, double correction)
    {
        RequireCounts(onlyFirst, onlySecond);
        double count = (double)onlyFirst + onlySecond, difference = Math.Abs((double)onlyFirst - onlySecond) - correction;
        return count > 0 ? difference * difference / count : null;
    }

    private static void RequireCounts(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
    }
}
