using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>A task of lm-evaluation-harness, which has one for each subject.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Group">The group of which it is a part, our task.</param>
/// <param name="Subject">The subject; null where it is no part of a group.</param>
/// <param name="Samples">Its answers.</param>
internal sealed record ExportedTask(string Name, string Group, string? Subject, IReadOnlyList<Sample> Samples)
{
    private const string ChoiceMetric = "acc", WrittenMetric = "exact_match";

    /// <summary>A task of ours, or a part of it.</summary>
    public static ExportedTask Of(string task, string? subject, IReadOnlyList<Sample> samples) => new(UpstreamTask.ToLmEval(task, subject), task, subject, samples);

    /// <summary>Whether options were scored. What failed has no log-likelihoods.</summary>
    public bool IsChoice { get; } = Samples.Any(s => s.LogLikelihoods is not null);

    /// <summary>Names of its metrics, the score's first.</summary>
    public IReadOnlyList<string> Metrics { get; } = NamesOf(Samples);

    /// <summary>The name of what read the answers.</summary>
    public string Filter => IsChoice ? "none" : "flexible-extract";

    /// <summary>Its entry among the results; the standard error of one item is the text that lm-evaluation-harness writes.</summary>
    public JsonObject ToResult()
    {
        JsonObject result = Entry(Name, Subject is null ? Name : $" - {Subject}", Samples.Count);
        foreach (string metric in Metrics)
        {
            MeanEstimate mean = Mean(metric);
            Add(result, metric, mean.Mean, mean.StandardError);
        }
        return result;
    }

    /// <summary>A group's entry: the mean over items, and √(Σ (n − 1) · se² · n / (Σ n − k) / Σ n) over its k tasks; without an error where a task has none.</summary>
    public static JsonObject ToGroupResult(IReadOnlyList<ExportedTask> tasks)
    {
        int count = tasks.Sum(t => t.Samples.Count);
        JsonObject result = Entry(tasks[0].Group, tasks[0].Group, count);
        foreach (string metric in tasks[0].Metrics.Where(metric => tasks.All(t => t.Metrics.Contains(metric))))
        {
            (int Count, MeanEstimate Mean)[] means = [.. tasks.Select(t => (t.Samples.Count, t.Mean(metric)))];
            double? error = means.Any(m => m.Mean.StandardError is null) ? null
                : Math.Sqrt(means.Sum(m => (m.Count - 1.0) * m.Mean.StandardError!.Value * m.Mean.StandardError.Value * m.Count) / (count - means.Length) / count);
            tasks[0].Add(result, metric, means.Sum(m => m.Mean.Mean!.Value * m.Count) / count, error);
        }
        return result;
    }

    private static string[] NamesOf(IReadOnlyList<Sample> samples)
    {
        string[] further = [.. samples.SelectMany(s => s.Metrics?.Keys ?? []).Distinct(StringComparer.Ordinal)];
        string score = samples.Any(s => s.LogLikelihoods is not null) ? ChoiceMetric : WrittenMetric;
        // A run that was imported may have both.
        return [further.Contains(score) ? score == ChoiceMetric ? WrittenMetric : ChoiceMetric : score, .. further];
    }

    private static JsonObject Entry(string name, string alias, int count) => new() { ["name"] = name, ["alias"] = alias, ["sample_len"] = count };

    private MeanEstimate Mean(string metric) => MeanEstimate.Of([.. Samples.Select(s => metric == Metrics[0] ? s.Score : s.Metrics?.GetValueOrDefault(metric) ?? 0)]);

    private void Add(JsonObject result, string metric, double? mean, double? error)
    {
        result[$"{metric},{Filter}"] = mean;
        result[$"{metric}_stderr,{Filter}"] = error is { } known ? known : "N/A";
    }
}
