using System.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// Choices by log-likelihood a length, for options that differ in it: a longer text is less likely because it is longer. As lm-evaluation-harness has them
/// (lm_eval/api/metrics, <c>acc_norm</c> and <c>acc_bytes</c>); of equal ones the first counts.
/// </summary>
internal static class LengthNormalized
{
    /// <summary>The metrics with what they divide by. An empty option counts as one.</summary>
    private static readonly (string Name, Func<string, int> LengthOf)[] Metrics =
    [
        ("acc_norm", text => text.EnumerateRunes().Count()), // Python's len: code points
        ("acc_bytes", Encoding.UTF8.GetByteCount),
    ];

    /// <summary>1 for each metric whose choice is right, else 0.</summary>
    /// <param name="choices">The options, without the space before them.</param>
    /// <param name="right">Places of the right ones.</param>
    /// <param name="logLikelihoods">Nats, an option each.</param>
    public static SortedDictionary<string, double> Of(IReadOnlyList<string> choices, IReadOnlyList<int> right, IReadOnlyList<double> logLikelihoods)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, Func<string, int> lengthOf) in Metrics)
        {
            double[] normalized = [.. logLikelihoods.Select((value, i) => value / Math.Max(1, lengthOf(choices[i])))];
            values.Add(name, right.Contains(Array.IndexOf(normalized, normalized.Max())) ? 1 : 0);
        }
        return values;
    }
}
