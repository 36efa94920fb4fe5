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
    public static StratifiedMean OfScores(double[][] strata) => Of(strata.Select(Sums), extraSum: 1);

    /// <summary>Of answers that are right or wrong, from counts alone.</summary>
    /// <param name="strata">Of each stratum, its answers and the right ones among them.</param>
    public static StratifiedMean OfCounts(IEnumerable<(int Count, int Correct)> strata) => Of(strata.Select(s => ((double)s.Count, (double)s.Correct, (double)s.Correct)), extraSum: 1);

    /// <summary>Of differences between −1 and 1.</summary>
    public static StratifiedMean OfDifferences(double[][] strata) => Of(strata.Select(Sums), extraSum: 0);

    /// <summary>Mean ± z · standard error, no wider than what is possible.</summary>
    /// <param name="lowest">What no mean lies below.</param>
    /// <param name="highest">What no mean lies above.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    public Interval Interval(double lowest, double highest, double level = Evaluation.Interval.DefaultLevel)
    {
        double half = Normal.CentralQuantile(level) * StandardError;
        return new Interval(Math.Max(lowest, Mean - half), Math.Min(highest, Mean + half));
    }

    private static (double Count, double Sum, double Squares) Sums(double[] values)
    {
        double sum = 0, squares = 0;
        foreach (double value in values)
        {
            sum += value;
            squares += value * value;
        }
        return (values.Length, sum, squares);
    }

    private static StratifiedMean Of(IEnumerable<(double Count, double Sum, double Squares)> strata, double extraSum)
    {
        double mean = 0, variance = 0;
        int strataCount = 0;
        foreach ((double count, double sum, double squares) in strata)
        {
            double shrunk = (sum + extraSum) / (count + 2);
            mean += sum / count;
            variance += ((squares + 1) / (count + 2) - shrunk * shrunk) / (count + 2);
            strataCount++;
        }
        return new StratifiedMean(mean / strataCount, Math.Sqrt(variance) / strataCount);
    }
}
