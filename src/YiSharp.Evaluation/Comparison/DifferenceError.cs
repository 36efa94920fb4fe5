namespace YiSharp.Evaluation;

/// <summary>Standard error of a paired difference, by the estimate that fits how its items hang together.</summary>
/// <param name="Value">The standard error; null for a single item.</param>
/// <param name="Kind">Which estimate.</param>
/// <param name="DesignEffect">
/// How many times as large it is as if all items were independent, 1 or more: what is detectable grows by it. Clusters that would make it smaller are too few to be believed.
/// </param>
public readonly record struct DifferenceError(double? Value, ErrorKind Kind, double DesignEffect)
{
    /// <summary>Clusters from which on their error is believed even where it is the smaller one.</summary>
    internal const int FewestClusters = 10;

    /// <summary>That of one model's scores less another's.</summary>
    internal static DifferenceError Of(ComparisonRow row, Sample[] baseline, Sample[] candidate)
    {
        int[][] strata = row.Strata(baseline);
        if (row.Average == Averaging.Macro) return new(StratifiedMean.OfDifferences([.. strata.Select(s => s.Select(i => candidate[i].Score - baseline[i].Score).ToArray())]).StandardError, ErrorKind.Stratified, 1);
        int[] items = [.. strata.SelectMany(stratum => stratum)];
        var estimate = ClusteredEstimate.Of([.. items.Select(i => candidate[i].Score - baseline[i].Score)], [.. items.Select(i => baseline[i].Cluster())]);
        bool isBelieved = estimate.ClusterCount >= FewestClusters || estimate.MillerError > estimate.StandardError;
        bool areClustered = isBelieved && estimate.ClusterCount > 1 && estimate.ClusterCount < estimate.Count;
        return areClustered ? new(estimate.MillerError, ErrorKind.Clustered, Math.Max(1, estimate.StandardError > 0 ? estimate.MillerError!.Value / estimate.StandardError.Value : 1))
            : new(estimate.StandardError, ErrorKind.Independent, 1);
    }

    /// <summary>The estimate's name in tables and JSON.</summary>
    public string KindName => Kind.ToString().ToLowerInvariant();
}

/// <summary>How a standard error regards what items have in common.</summary>
public enum ErrorKind
{
    /// <summary>Not at all: sd / √n of the items' differences.</summary>
    Independent,

    /// <summary>Differences of items that share a subject may go together (Miller 2024, arXiv:2411.00640, equation 4, on paired differences as in section 4).</summary>
    Clustered,

    /// <summary>Of a macro average, from the variance within each subject or task (<see cref="StratifiedMean"/>).</summary>
    Stratified,
}
