using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>
/// The mean of items that come in clusters, such as the questions of one passage, and its standard error with and without regard to them.
/// What cannot be estimated is null.
/// </summary>
/// <param name="Count">Number of items (n).</param>
/// <param name="ClusterCount">Number of clusters (G).</param>
/// <param name="Mean">Mean of all items; null without items.</param>
/// <param name="StandardError">As if all items were independent: SE_CLT = sd / √n; null for fewer than two items.</param>
/// <param name="MillerError">√(SE_CLT² + 1/n² Σ_clusters Σ_{i≠j} eᵢeⱼ) (Miller 2024, arXiv:2411.00640, equation 4); null for fewer than two items.</param>
/// <param name="Cr0Error">√(Σ_clusters (Σ e)²) / n, the sandwich estimate; null without items.</param>
/// <param name="Cr1Error">CR0 · √(G / (G − 1)), what inspect_ai reports; null for fewer than two clusters.</param>
public sealed record ClusteredEstimate(
    int Count, int ClusterCount, double? Mean, double? StandardError, double? MillerError, double? Cr0Error, double? Cr1Error)
{
    /// <summary>Estimates the mean of <paramref name="values"/>, [count].</summary>
    /// <param name="values">One value of each item.</param>
    /// <param name="clusters">The cluster of each item, [count], by any name.</param>
    /// <exception cref="ArgumentException">The lists have different lengths.</exception>
    public static ClusteredEstimate Of(ReadOnlySpan<double> values, IReadOnlyList<string> clusters)
    {
        if (values.Length != clusters.Count)
            throw new ArgumentException($"Every item needs its cluster; found {Sizes.Of(values.Length, "value", "values")} and {Sizes.Of(clusters.Count, "cluster", "clusters")}.", nameof(clusters));
        MeanEstimate mean = MeanEstimate.Of(values);
        if (values.Length == 0) return new ClusteredEstimate(0, 0, null, null, null, null, null);

        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        double ownSquares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double e = values[i] - mean.Mean!.Value;
            sums[clusters[i]] = sums.GetValueOrDefault(clusters[i]) + e;
            ownSquares += e * e;
        }
        double n = values.Length, groups = sums.Count;
        double clusterSquares = sums.Values.Sum(sum => sum * sum);
        double cr0 = Math.Sqrt(clusterSquares) / n;
        double? miller = mean.StandardError is { } error ? Miller(error, clusterSquares, ownSquares, n) : null;
        return new ClusteredEstimate(values.Length, sums.Count, mean.Mean, mean.StandardError, miller, cr0, groups > 1 ? cr0 * Math.Sqrt(groups / (groups - 1)) : null);
    }

    /// <summary><see cref="MillerError"/> from sums: within a cluster Σ_{i≠j} eᵢeⱼ = (Σ e)² − Σ e².</summary>
    /// <param name="standardError">SE_CLT.</param>
    /// <param name="clusterSquares">Σ_clusters (Σ e)².</param>
    /// <param name="ownSquares">Σ e² of all items.</param>
    /// <param name="count">Number of items.</param>
    internal static double Miller(double standardError, double clusterSquares, double ownSquares, double count) =>
        Math.Sqrt(Math.Max(0, standardError * standardError + (clusterSquares - ownSquares) / (count * count)));
}
