namespace YiSharp.Evaluation;

/// <summary>Standard error of a mean over items, by the estimate that fits how the items hang together.</summary>
/// <param name="Value">The standard error; null for a single item.</param>
/// <param name="Kind">Which estimate.</param>
public readonly record struct ErrorEstimate(double? Value, ErrorKind Kind)
{
    /// <summary>Clusters from which on their error is believed even where it is the smaller one.</summary>
    internal const int FewestClusters = 10;

    /// <summary>How tables explain it, a sentence.</summary>
    internal const string Note = "The standard error, in points, is named by how it regards what items share: clustered by subject (Miller 2024), independent, or stratified of a macro average; of fewer than ten subjects it is the larger of clustered and independent.";

    /// <summary>The estimate's name in tables and JSON.</summary>
    public string KindName => Kind.ToString().ToLowerInvariant();

    /// <summary>The clustered error where clusters say something: there are several, fewer than items, and ten or more, or they make the error larger.</summary>
    /// <param name="independent">As if all items were independent; null for fewer than two items.</param>
    /// <param name="clustered">Miller's; null for fewer than two items.</param>
    /// <param name="clusterCount">Number of clusters.</param>
    /// <param name="count">Number of items.</param>
    internal static ErrorEstimate Of(double? independent, double? clustered, int clusterCount, int count)
    {
        bool isBelieved = clusterCount >= FewestClusters || clustered > independent;
        return isBelieved && clusterCount > 1 && clusterCount < count ? new(clustered, ErrorKind.Clustered) : new(independent, ErrorKind.Independent);
    }

    /// <summary>The same of an estimate with and without clusters.</summary>
    internal static ErrorEstimate Of(ClusteredEstimate estimate) => Of(estimate.StandardError, estimate.MillerError, estimate.ClusterCount, estimate.Count);

    /// <summary>That of a macro average.</summary>
    internal static ErrorEstimate Of(StratifiedMean mean) => new(mean.StandardError, ErrorKind.Stratified);
}

/// <summary>How a standard error regards what items have in common.</summary>
public enum ErrorKind
{
    /// <summary>Not at all: sd / √n.</summary>
    Independent,

    /// <summary>Scores, or differences, of items that share a subject may go together (Miller 2024, arXiv:2411.00640, equation 4, on paired differences as in section 4).</summary>
    Clustered,

    /// <summary>Of a macro average, from the variance within each subject or task (<see cref="StratifiedMean"/>).</summary>
    Stratified,
}
