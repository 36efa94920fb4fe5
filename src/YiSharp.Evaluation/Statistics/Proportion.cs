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
        RequireCounts(successes, count);
        double z = Normal.CentralQuantile(level);
        if (count == 0) return new Interval(0, 1);

        double n = count, p = successes / n, z2 = z * z;
        double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
        double half = z / (1 + z2 / n) * Math.Sqrt(p * (1 - p) / n + z2 / (4 * n * n));
        // At the ends the bound is 0 or 1 exactly; rounding would leave it a hair inside or outside.
        return new Interval(successes == 0 ? 0 : Math.Max(0, centre - half), successes == count ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>
    /// The exact interval (Clopper &amp; Pearson 1934): all p that neither one-sided binomial test at (1 − level) / 2 rejects.
    /// Never too narrow, usually too wide. Without any trial it is [0, 1].
    /// </summary>
    /// <inheritdoc cref="Wilson"/>
    public static Interval ClopperPearson(int successes, int count, double level = Interval.DefaultLevel)
    {
        RequireCounts(successes, count);
        _ = Normal.CentralQuantile(level);
        double tail = (1 - level) / 2, failures = (double)count - successes;
        // The upper end is the mirror image of the lower end of the failures: small tails keep their digits.
        return new Interval(
            successes == 0 ? 0 : Binomial.InverseRegularizedBeta(successes, failures + 1, tail),
            failures == 0 ? 1 : 1 - Binomial.InverseRegularizedBeta(failures, successes + 1.0, tail));
    }

    /// <summary>
    /// The interval of Agresti &amp; Coull (1998): p̃ ± z · √(p̃(1−p̃)/ñ) with z²/2 successes and failures added, cut at 0 and 1.
    /// Without any trial it is [0, 1].
    /// </summary>
    /// <inheritdoc cref="Wilson"/>
    public static Interval AgrestiCoull(int successes, int count, double level = Interval.DefaultLevel)
    {
        RequireCounts(successes, count);
        double z = Normal.CentralQuantile(level);
        if (count == 0) return new Interval(0, 1);
        double n = count + z * z, p = (successes + z * z / 2) / n, half = z * Math.Sqrt(p * (1 - p) / n);
        return new Interval(Math.Max(0, p - half), Math.Min(1, p + half));
    }

    /// <summary>√(p(1−p)/(n−1)), the sample's standard deviation / √n, what lm-evaluation-harness reports; null for fewer than two trials.</summary>
    /// <inheritdoc cref="Wilson"/>
    public static double? StandardError(int successes, int count)
    {
        RequireCounts(successes, count);
        return count > 1 ? Math.Sqrt(Variance(successes, count) / (count - 1)) : null;
    }

    /// <summary>√(p(1−p)/n), slightly smaller than <see cref="StandardError"/>; null without trials.</summary>
    /// <inheritdoc cref="Wilson"/>
    public static double? BernoulliError(int successes, int count)
    {
        RequireCounts(successes, count);
        return count > 0 ? Math.Sqrt(Variance(successes, count) / count) : null;
    }

    private static double Variance(double successes, double count) => successes / count * (1 - successes / count);

    private static void RequireCounts(int successes, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, count);
    }
}
