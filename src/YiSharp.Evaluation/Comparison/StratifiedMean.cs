namespace YiSharp.Evaluation;

/// <summary>
/// The mean of the means of strata, with its standard error √Σ var_s / S. An item's variance within a stratum is shrunk towards that of all items together, which counts for
/// <see cref="PooledWeight"/> items: a stratum of one item says nothing of its own, and what lies between strata can only make the pool's wider. No stratum's variance is less
/// than with two made-up values more than were seen, one at each end of the range (half of one at each end and one in the middle for differences, as Agresti &amp; Min 2005 do), so that
/// a few items that all went alike do not look like certainty.
/// </summary>
/// <param name="Mean">Mean over strata of their means.</param>
/// <param name="StandardError">Its standard error.</param>
public readonly record struct StratifiedMean(double Mean, double StandardError)
{
    private const double PooledWeight = 2;

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
        (double Count, double Sum, double Squares)[] all = [.. strata];
        double pooled = WithTwoMore(all.Sum(s => s.Count), all.Sum(s => s.Sum), all.Sum(s => s.Squares), extraSum);
        double items = all.Sum(s => s.Count);
        pooled *= (items + 2) / Math.Max(1, items - 1); // of the values seen, their own mean not known
        double mean = 0, variance = 0;
        foreach ((double count, double sum, double squares) in all)
        {
            double around = Math.Max(0, squares - sum * sum / count);
            double shrunk = (around + PooledWeight * pooled) / (count - 1 + PooledWeight);
            mean += sum / count;
            variance += Math.Max(shrunk / count, WithTwoMore(count, sum, squares, extraSum) / (count + 2));
        }
        return new StratifiedMean(mean / all.Length, Math.Sqrt(variance) / all.Length);
    }

    /// <summary>Variance of the values seen and the two made up.</summary>
    private static double WithTwoMore(double count, double sum, double squares, double extraSum)
    {
        double mean = (sum + extraSum) / (count + 2);
        return (squares + 1) / (count + 2) - mean * mean;
    }
}
