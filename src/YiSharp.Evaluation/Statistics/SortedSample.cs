namespace YiSharp.Evaluation;

/// <summary>Order statistics of values in ascending order.</summary>
internal static class SortedSample
{
    /// <summary>The value below which a share lies, linear between the order statistics (Hyndman &amp; Fan 1996, type 7, as numpy's percentile).</summary>
    /// <param name="sorted">Ascending, [count], at least one.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = Math.Clamp((int)position, 0, sorted.Length - 1), above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The middle value, or the mean of the two middle ones.</summary>
    public static double Median(ReadOnlySpan<double> sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
