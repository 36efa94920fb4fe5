namespace YiSharp.Evaluation;

/// <summary>
/// The mean of the means of strata, with its standard error √Σ var_s / S. An item's variance within a stratum is shrunk towards that of all items together, which counts for
/// <see cref="PooledWeight"/> items: a stratum of one item says nothing of its own, and what lies between strata can only make the pool's wider. No stratum's variance is less
/// than with two made-up values more than were seen, one at each end of the range (half of one at each end and one in the middle for differences, as Agresti &amp; Min 2005 do), so that
/// a few items that all went alike do not look like certainty.
/// </summary>
/// <param name="Mean">Mean over strata of their means.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Freedom">
/// Degrees of freedom of the variance beneath it (Satterthwaite 1946): each stratum's own are its items less one, the pool's all items less one, which is also the most there can be.
/// Intervals and p-values are Student's with so many: an error that few items tell of is itself not well known.
/// </param>
public readonly record struct StratifiedMean(double Mean, double StandardError, double Freedom)
{
    private const double PooledWeight = 2;

    /// <summary>Of scores between 0 and 1.</summary>
    public static StratifiedMean OfScores(double[][] strata) => Of(strata.Select(Sums), extraSum: 1);

    /// <summary>Of answers that are right or wrong, from counts alone.</summary>
    /// <param name="strata">Of each stratum, its answers and the right ones among them.</param>
    public static StratifiedMean OfCounts(IEnumerable<(int Count, int Correct)> strata) => Of(strata.Select(s => ((double)s.Count, (double)s.Correct, (double)s.Correct)), extraSum: 1);

    /// <summary>Of differences between −1 and 1.</summary>
    public static StratifiedMean OfDifferences(double[][] strata) => Of(strata.Select(Sums), extraSum: 0);

    /// <summary>Its standard error as that of any other mean.</summary>
    public ErrorEstimate Error => new(StandardError, ErrorKind.Stratified, Freedom);

    /// <inheritdoc cref="ErrorEstimate.Interval"/>
    public Interval Interval(double lowest, double highest, double level = Evaluation.Interval.DefaultLevel) => Error.Interval(Mean, lowest, highest, level);

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
        double mean = 0, variance = 0, ownSpread = 0, pooledVariance = 0; // ownSpread: Σ variance² / degrees of freedom of what each stratum tells itself
        foreach ((double count, double sum, double squares) in all)
        {
            double around = Math.Max(0, squares - sum * sum / count);
            double weight = count * (count - 1 + PooledWeight), own = around / weight, ofPool = PooledWeight * pooled / weight;
            mean += sum / count;
            variance += Math.Max(own + ofPool, WithTwoMore(count, sum, squares, extraSum) / (count + 2));
            if (count > 1) ownSpread += own * own / (count - 1);
            pooledVariance += ofPool;
        }
        double most = Math.Max(1, items - 1), spread = ownSpread + pooledVariance * pooledVariance / most;
        return new StratifiedMean(mean / all.Length, Math.Sqrt(variance) / all.Length, Math.Clamp(variance * variance / spread, 1, most));
    }

    /// <summary>Variance of the values seen and the two made up.</summary>
    private static double WithTwoMore(double count, double sum, double squares, double extraSum)
    {
        double mean = (sum + extraSum) / (count + 2);
        return (squares + 1) / (count + 2) - mean * mean;
    }
}
