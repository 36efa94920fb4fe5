using System.Globalization;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>A task of lm-evaluation-harness as its results name it.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="SamplesPath">Where its answers are.</param>
/// <param name="Counts">Its entry of <c>n-samples</c>; null where there is none.</param>
/// <param name="Scores">Its entry of <c>results</c>; null where there is none.</param>
/// <param name="Configuration">Its entry of <c>configs</c>; null where there is none.</param>
internal sealed record LmEvalTask(string Name, string SamplesPath, JsonElement? Counts, JsonElement? Scores, JsonElement? Configuration)
{
    private const string OneRun = "both files must be whole and of one run of lm-evaluation-harness";

    private const double Rounding = 1e-6;

    /// <summary>Questions that the task has.</summary>
    public int? Original => Counts?.Field("original")?.Count();

    /// <summary>Questions that the run says were asked of it.</summary>
    public int? Effective => Counts?.Field("effective")?.Count();

    /// <summary>Questions that were scored; said from 0.4.13 on.</summary>
    private int? Scored => Scores?.Field("sample_len")?.Count();

    /// <summary>Holds the answers that were read to what the results say of them.</summary>
    /// <param name="filter">The filter by which they are read.</param>
    /// <param name="rows">The answers.</param>
    /// <exception cref="InvalidDataException">Their number, or the mean of a metric, is another.</exception>
    public void Require(string filter, IReadOnlyList<LmEvalRow> rows)
    {
        // With --samples, which picks questions, "effective" counts all of them: only the scores' entry says how many were asked.
        bool isPicked = Scored == rows.Count && Effective == Original && Effective > rows.Count;
        if (((int?[])[Scored, isPicked ? null : Effective]).FirstOrDefault(count => count is not null && count != rows.Count) is { } said)
            throw new InvalidDataException($"{SamplesPath} holds {rows.Count} answers read by the filter {filter}, and the results beside it count {said} of {Name}; {OneRun}.");
        foreach (string metric in MeansOf(rows))
        {
            double mean = rows.Average(row => row.ValueOf(metric)!.Value);
            if (Scores?.Field($"{metric},{filter}")?.FiniteNumber() is not { } value || Math.Abs(value - mean) <= Rounding) continue;
            string both = string.Create(CultureInfo.InvariantCulture, $"gives {mean:0.######} as the mean of {metric} by the filter {filter}, and the results beside it say {value:0.######}");
            throw new InvalidDataException($"{SamplesPath} {both} of {Name}; {OneRun}.");
        }
    }

    /// <summary>Metrics that the task says are means over questions, and that every row has.</summary>
    private IEnumerable<string> MeansOf(IReadOnlyList<LmEvalRow> rows) => (Configuration?.Field("metric_list")).Items()
        .Where(metric => metric.Field("aggregation")?.Words() == "mean")
        .Select(metric => metric.Field("metric")?.Words()).OfType<string>()
        .Where(metric => rows.All(row => row.ValueOf(metric) is not null));
}
