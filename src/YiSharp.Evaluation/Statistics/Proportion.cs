namespace YiSharp.Evaluation;

/// <summary>A share of successes and how sure one can be of it.</summary>
public static class Proportion
{
    /// <summary>
    /// The Wilson score interval (Wilson 1927): all p for which |p̂ − p| ≤ z · √(p(1−p)/n).
    /// It stays inside [0, 1] and keeps its width when all or none succeed. Without any trial it is [0, 1].
    /// </summary>
    /// <param name="successes">How many trials succeeded, 0 to <paramref name="count"/>.</param>
    /// <param name="count">How many trials there were.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or more succeeded than were tried.</exception>
    public static Interval Wilson(int successes, int count, double level = Interval.DefaultLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, count);
        double z = Normal.CentralQuantile(level);
        if (count == 0) return new Interval(0, 1);

        double n = count, p = successes / n, z2 = z * z;
        double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
        double half = z / (1 + z2 / n) * Math.Sqrt(p * (1 - p) / n + z2 / (4 * n * n));
        // At the ends the bound is 0 or 1 exactly; rounding would leave it a hair inside or outside.
        return new Interval(successes == 0 ? 0 : Math.Max(0, centre - half), successes == count ? 1 : Math.Min(1, centre + half));
    }
}
