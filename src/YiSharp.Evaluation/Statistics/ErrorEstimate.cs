using System.Text.Json.Serialization;

namespace YiSharp.Evaluation;

/// <summary>Standard error of a mean over items, by the estimate that fits how the items hang together.</summary>
/// <param name="Value">The standard error; null for a single item.</param>
/// <param name="Kind">Which estimate.</param>
/// <param name="Freedom">Degrees of freedom: items, or clusters, less one; of a macro average <see cref="StratifiedMean.Freedom"/>.</param>
public readonly record struct ErrorEstimate(double? Value, ErrorKind Kind, double Freedom)
{
    /// <summary>Clusters from which on their error is believed even where it is the smaller one.</summary>
    internal const int FewestClusters = 10;

    private const double Rounding = 1e-9; // a larger error than the other by less is the same one

    /// <summary>How tables explain it, a sentence.</summary>
    internal const string Note = "The standard error, in points, is named by how it regards what items share: clustered by subject (Miller 2024), independent, or stratified (of macro averages, and where some answers are right or wrong and others are worth a share: no part is taken for certain because its few items went alike); of fewer than ten subjects it is the larger of clustered and independent.";

    /// <summary>The kind in tables and JSON.</summary>
    public static string Name(ErrorKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Two-sided, Student's, of a true mean of 0; null where there is no error to measure by.</summary>
    /// <param name="mean">The mean.</param>
    public double? P(double mean) => Value > 0 ? Student.TwoSidedTail(mean / Value.Value, Freedom) : null;

    /// <summary>mean ± t · standard error, no wider than what is possible; all of that where there is no standard error.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="lowest">What no mean lies below.</param>
    /// <param name="highest">What no mean lies above.</param>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    public Interval Interval(double mean, double lowest, double highest, double level = Evaluation.Interval.DefaultLevel)
    {
        if (Value is not { } error) return new Interval(lowest, highest);
        double half = Student.CentralQuantile(level, Freedom) * error;
        return new Interval(Math.Max(lowest, mean - half), Math.Min(highest, mean + half));
    }

    /// <summary>The clustered error where clusters say something: there are several, fewer than items, and ten or more, or they make the error larger.</summary>
    /// <param name="independent">As if all items were independent; null for fewer than two items.</param>
    /// <param name="clustered">Miller's; null for fewer than two items.</param>
    /// <param name="clusterCount">Number of clusters.</param>
    /// <param name="count">Number of items.</param>
    internal static ErrorEstimate Of(double? independent, double? clustered, int clusterCount, int count)
    {
        bool isBelieved = clusterCount >= FewestClusters || clustered > independent * (1 + Rounding);
        return isBelieved && clusterCount > 1 && clusterCount < count ? new(clustered, ErrorKind.Clustered, clusterCount - 1) : new(independent, ErrorKind.Independent, count - 1);
    }

    /// <summary>The larger of two.</summary>
    internal ErrorEstimate AtLeast(ErrorEstimate other) => other.Value > (Value ?? 0) ? other : this;

    /// <summary>The same of an estimate with and without clusters.</summary>
    internal static ErrorEstimate Of(ClusteredEstimate estimate) => Of(estimate.StandardError, estimate.MillerError, estimate.ClusterCount, estimate.Count);
}

/// <summary>How a standard error regards what items have in common.</summary>
[JsonConverter(typeof(SnakeCaseNames<ErrorKind>))]
public enum ErrorKind
{
    /// <summary>Not at all: sd / √n.</summary>
    Independent,

    /// <summary>Scores, or differences, of items that share a subject may go together (Miller 2024, arXiv:2411.00640, equation 4, on paired differences as in section 4).</summary>
    Clustered,

    /// <summary>Of a macro average, from the variance within each subject or task (<see cref="StratifiedMean"/>).</summary>
    Stratified,
}
