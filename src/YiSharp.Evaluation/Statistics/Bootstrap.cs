using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Evaluation;

/// <summary>What is estimated from each resample.</summary>
public enum BootstrapStatistic
{
    /// <summary>The mean.</summary>
    Mean,

    /// <summary>The middle value, or the mean of the two middle ones.</summary>
    Median,
}

/// <summary>An interval's ends, and how much they would move with other random numbers.</summary>
/// <param name="Interval">Median of the runs' ends; null where it is undefined.</param>
/// <param name="LowSpread">Standard deviation of the lower end between runs.</param>
/// <param name="HighSpread">Standard deviation of the upper end between runs.</param>
public sealed record BootstrapInterval(Interval? Interval, double LowSpread, double HighSpread);

/// <summary>
/// Bootstrap intervals of one sample (Efron &amp; Tibshirani 1993, chapters 13 and 14): several runs of resamples, so that the simulation's own noise is known.
/// The random numbers are the program's own: the same sample has the same intervals on every machine.
/// </summary>
/// <param name="Estimate">The statistic of the sample.</param>
/// <param name="ResampleCount">Resamples of each run.</param>
/// <param name="RunCount">Number of runs.</param>
/// <param name="Acceleration">a of BCa, Σu³ / (6 (Σu²)^1.5) of the jackknife's u = mean − value without item i; null where the jackknife has no spread.</param>
/// <param name="Percentile">The percentile interval.</param>
/// <param name="Bca">The bias-corrected and accelerated interval (equation 14.10); undefined where <paramref name="Acceleration"/> is.</param>
public sealed record Bootstrap(double Estimate, int ResampleCount, int RunCount, double? Acceleration, BootstrapInterval Percentile, BootstrapInterval Bca)
{
    /// <summary>Runs of each estimate.</summary>
    public const int Runs = 15;

    /// <summary>Resamples of each run, unless the sample is so large that they would cost more than <see cref="MaxDraws"/>.</summary>
    public const int DefaultResamples = 20_000;

    /// <summary>Fewest resamples of a run that still say something of a 95 % interval's ends.</summary>
    public const int MinResamples = 1000;

    /// <summary>Most values drawn altogether, about a second's.</summary>
    public const long MaxDraws = 300_000_000;

    private const ulong Seed = 0;

    /// <summary>Estimates intervals of a statistic of <paramref name="values"/>, [count].</summary>
    /// <param name="values">The sample, two values at least.</param>
    /// <param name="statistic">What is estimated.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    /// <exception cref="NotSupportedException">There are more values than can be resampled often enough.</exception>
    public static Bootstrap Of(ReadOnlySpan<double> values, BootstrapStatistic statistic = BootstrapStatistic.Mean, double level = Interval.DefaultLevel)
    {
        double z = Normal.CentralQuantile(level);
        if (values.Length < 2) throw new ArgumentException($"A bootstrap needs two values at least; found {values.Length}.", nameof(values));
        if (values.Length > MaxDraws / Runs / MinResamples)
        {
            throw new NotSupportedException($"{Sizes.Of(values.Length, "value was", "values were")} given; a bootstrap resamples at most {Sizes.Whole(MaxDraws / Runs / MinResamples)}. " +
                "With so many the mean is as good as normal: use its standard error.");
        }
        double[] sorted = [.. values.ToArray().Order()];
        int resamples = (int)Math.Min(DefaultResamples, MaxDraws / Runs / values.Length);
        double estimate = statistic == BootstrapStatistic.Mean ? MeanEstimate.Average(sorted) : SortedSample.Median(sorted);
        double? acceleration = Accelerate(sorted, statistic, estimate);

        double[] low = new double[Runs], high = new double[Runs], bcaLow = new double[Runs], bcaHigh = new double[Runs];
        Parallel.For(0, Runs, run =>
        {
            double[] estimates = Resample(sorted, statistic, resamples, RandomStream.For(Seed, $"bootstrap {run}"));
            low[run] = SortedSample.Quantile(estimates, (1 - level) / 2);
            high[run] = SortedSample.Quantile(estimates, (1 + level) / 2);
            if (acceleration is not { } a) return;
            double bias = Normal.Quantile(ShareBelow(estimates, estimate));
            bcaLow[run] = SortedSample.Quantile(estimates, Corrected(bias, a, -z));
            bcaHigh[run] = SortedSample.Quantile(estimates, Corrected(bias, a, z));
        });
        return new Bootstrap(estimate, resamples, Runs, acceleration, Summarize(low, high),
            acceleration is null ? new BootstrapInterval(null, double.NaN, double.NaN) : Summarize(bcaLow, bcaHigh));
    }

    /// <summary>The statistic of each resample, ascending, [resamples].</summary>
    private static double[] Resample(double[] sorted, BootstrapStatistic statistic, int resamples, RandomStream random)
    {
        var estimates = new double[resamples];
        var counts = new int[sorted.Length];
        for (int i = 0; i < resamples; i++)
            estimates[i] = statistic == BootstrapStatistic.Mean ? ResampledMean(sorted, random) : ResampledMedian(sorted, counts, random);
        Array.Sort(estimates);
        return estimates;
    }

    private static double ResampledMean(double[] values, RandomStream random)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++) sum += values[random.NextBelow(values.Length)];
        return sum / values.Length;
    }

    /// <summary>Counts how often each order statistic is drawn; the middle is found by walking up, no resample is sorted.</summary>
    private static double ResampledMedian(double[] sorted, int[] counts, RandomStream random)
    {
        Array.Clear(counts);
        for (int i = 0; i < sorted.Length; i++) counts[random.NextBelow(sorted.Length)]++;
        int lower = (sorted.Length - 1) / 2, upper = sorted.Length / 2, seen = 0;
        double? first = null;
        for (int i = 0; ; i++)
        {
            seen += counts[i];
            if (seen > lower) first ??= sorted[i];
            if (seen > upper) return (first!.Value + sorted[i]) / 2;
        }
    }

    private static double? Accelerate(double[] sorted, BootstrapStatistic statistic, double estimate)
    {
        int n = sorted.Length;
        var jackknife = new double[n];
        for (int i = 0; i < n; i++)
            jackknife[i] = statistic == BootstrapStatistic.Mean ? estimate + (estimate - sorted[i]) / (n - 1) : MedianWithout(sorted, i);
        double mean = MeanEstimate.Average(jackknife), squares = 0, cubes = 0;
        foreach (double value in jackknife)
        {
            double u = mean - value;
            squares += u * u;
            cubes += u * u * u;
        }
        return squares > 0 ? cubes / (6 * Math.Pow(squares, 1.5)) : null;
    }

    private static double MedianWithout(double[] sorted, int left)
    {
        int lower = (sorted.Length - 2) / 2, upper = (sorted.Length - 1) / 2;
        return (sorted[lower < left ? lower : lower + 1] + sorted[upper < left ? upper : upper + 1]) / 2;
    }

    /// <summary>Share of resamples below the estimate, those equal to it but for rounding counted half.</summary>
    private static double ShareBelow(double[] estimates, double estimate)
    {
        double slack = 1e-12 * Math.Max(Math.Abs(estimates[0]), Math.Abs(estimates[^1])), below = 0;
        foreach (double value in estimates) below += value < estimate - slack ? 1 : value <= estimate + slack ? 0.5 : 0;
        return below / estimates.Length;
    }

    /// <summary>Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z))).</summary>
    private static double Corrected(double bias, double acceleration, double z) =>
        double.IsInfinity(bias) ? (bias > 0 ? 1 : 0) : Normal.Cdf(bias + (bias + z) / (1 - acceleration * (bias + z)));

    private static BootstrapInterval Summarize(double[] low, double[] high)
    {
        Array.Sort(low);
        Array.Sort(high);
        return new BootstrapInterval(new Interval(SortedSample.Median(low), SortedSample.Median(high)), Spread(low), Spread(high));
    }

    private static double Spread(double[] values) => Math.Sqrt(MeanEstimate.Variance(values, MeanEstimate.Average(values)));
}
