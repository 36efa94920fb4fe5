namespace YiSharp.Evaluation;

/// <summary>
/// Tango's score interval for the difference of two paired proportions (Tango 1998, Statistics in Medicine 17, 891-908): all differences d that the score
/// test does not reject. Unlike difference ± z · standard error it keeps an honest width when the two models never, or always, disagree.
/// </summary>
public static class PairedProportions
{
    /// <summary>The interval for (b − c) / n. Without items it is [−1, 1].</summary>
    /// <param name="onlyFirst">Items that only the first model got right (b).</param>
    /// <param name="onlySecond">Items that only the second model got right (c).</param>
    /// <param name="count">All items (n), those on which both agree included.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or more items disagree than there are.</exception>
    public static Interval Tango(int onlyFirst, int onlySecond, int count, double level = Interval.DefaultLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)onlyFirst + onlySecond, count, nameof(count));
        double z = Normal.CentralQuantile(level);
        if (count == 0) return new Interval(-1, 1);
        double difference = (double)(onlyFirst - onlySecond) / count;
        // The score falls steadily in d, from above z at the lower end to below −z at the upper.
        return new Interval(
            onlySecond == count ? -1 : Solve(d => Score(onlyFirst, onlySecond, count, d) > z, -1, difference),
            onlyFirst == count ? 1 : Solve(d => Score(onlyFirst, onlySecond, count, d) > -z, difference, 1));
    }

    /// <summary>
    /// (b − c − n·d) / √(n · (2q + d(1 − d))), q the likeliest share of items that only the second gets right where the true difference is d;
    /// 0 or infinite where that leaves no variance.
    /// </summary>
    internal static double Score(double b, double c, double n, double d)
    {
        double linear = -b - c + (2 * n - b + c) * d;
        double root = Math.Sqrt(Math.Max(0, linear * linear + 8 * n * c * d * (1 - d)));
        // Of the two equal forms, take the one that adds numbers of the same sign.
        double q = linear <= 0 ? (root - linear) / (4 * n) : root + linear > 0 ? -2 * c * d * (d - 1) / (root + linear) : 0;
        q = Math.Clamp(q, Math.Max(0, -d), (1 - d) / 2);
        double variance = n * (2 * q + d * (1 - d));
        double numerator = b - c - n * d;
        return numerator == 0 ? 0 : variance > 0 ? numerator / Math.Sqrt(variance) : double.CopySign(double.PositiveInfinity, numerator);
    }

    /// <summary>The point at which <paramref name="before"/> turns from true to false, to the last bit.</summary>
    private static double Solve(Func<double, bool> before, double low, double high)
    {
        while (true)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high) return middle;
            if (before(middle)) low = middle;
            else high = middle;
        }
    }
}
