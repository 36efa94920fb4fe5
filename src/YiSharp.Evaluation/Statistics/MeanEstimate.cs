namespace YiSharp.Evaluation;

/// <summary>The mean of a sample with its standard error; what cannot be estimated is null.</summary>
/// <param name="Count">Number of values.</param>
/// <param name="Mean">Their mean; null without values.</param>
/// <param name="StandardDeviation">Sample standard deviation (divisor n − 1); null for fewer than two values.</param>
/// <param name="StandardError">Standard deviation / √n; null for fewer than two values.</param>
/// <param name="Interval">mean ± z · standard error; null for fewer than two values.</param>
public sealed record MeanEstimate(int Count, double? Mean, double? StandardDeviation, double? StandardError, Interval? Interval)
{
    /// <summary>Estimates the mean of <paramref name="values"/>, [count].</summary>
    /// <param name="values">The sample.</param>
    /// <param name="level">Confidence level of the interval, between 0 and 1.</param>
    public static MeanEstimate Of(ReadOnlySpan<double> values, double level = Evaluation.Interval.DefaultLevel)
    {
        double z = Normal.CentralQuantile(level);
        int count = values.Length;
        if (count == 0) return new MeanEstimate(0, null, null, null, null);
        double mean = Average(values);
        if (count == 1) return new MeanEstimate(1, mean, null, null, null);
        double deviation = Math.Sqrt(Variance(values, mean));
        double error = deviation / Math.Sqrt(count);
        return new MeanEstimate(count, mean, deviation, error, new Interval(mean - z * error, mean + z * error));
    }

    internal static double Average(ReadOnlySpan<double> values)
    {
        double sum = 0, rest = 0;
        foreach (double value in values) sum += value;
        double mean = sum / values.Length;
        // The second pass takes back the first one's rounding: equal values have exactly their value as mean, and no spread.
        foreach (double value in values) rest += value - mean;
        return mean + rest / values.Length;
    }

    /// <summary>Σ(x − mean)² / (n − 1).</summary>
    internal static double Variance(ReadOnlySpan<double> values, double mean)
    {
        double squares = 0;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return squares / (values.Length - 1);
    }
}
