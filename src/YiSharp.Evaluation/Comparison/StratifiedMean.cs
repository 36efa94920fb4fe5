namespace YiSharp.Evaluation;

/// <summary>
/// The mean of the means of strata, with its standard error √Σ var_s / S. A stratum's variance is taken with two made-up values more than were seen, one at each end of the
/// range (half of one at each end and one in the middle for differences, as Agresti &amp; Min 2005 do), so that a few items that all went alike do not look like certainty.
/// </summary>
/// <param name="Mean">Mean over strata of their means.</param>
/// <param name="StandardError">Its standard error.</param>
public readonly record struct StratifiedMean(double Mean, double StandardError)
{
    /// <summary>Of scores between 0 and 1.</summary>
    public static StratifiedMean OfScores(double[][] strata) => Of(strata, extraSum: 1);

    /// <summary>Of differences between −1 and 1.</summary>
    public static StratifiedMean OfDifferences(double[][] strata) => Of(strata, extraSum: 0);

    /// <summary>Mean ± z · standard error, no wider than what is possible.</summary>
    /// <param name="lowest">What no mean lies below.</param>
    /// <param name="highest">What no mean lies above.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    public Interval Interval(double lowest, double highest, double level = Evaluation.Interval.DefaultLevel)
    {
        double half = Normal.CentralQuantile(level) * StandardError;
        return new Interval(Math.Max(lowest, Mean - half), Math.Min(highest, Mean + half));
    }

    private static StratifiedMean Of(double[][] strata, double extraSum)
    {
        double mean = 0, variance = 0;
        foreach (double[] values in strata)
        {
            double sum = 0, squares = 0, count = values.Length + 2;
            foreach (double value in values)
            {
                sum += value;
                squares += value * value;
            }
            double shrunk = (sum + extraSum) / count;
            mean += sum / values.Length;
            variance += ((squares + 1) / count - shrunk * shrunk) / count;
        }
        return new StratifiedMean(mean / strata.Length, Math.Sqrt(variance) / strata.Length);
    }
}
