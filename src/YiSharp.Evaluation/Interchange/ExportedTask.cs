using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>A task of lm-evaluation-harness, which has one for each subject.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Group">The group of which it is a part, our task.</param>
/// <param name="Subject">The subject; null where it is no part of a group.</param>
/// <param name="Samples">Its answers.</param>
internal sealed record ExportedTask(string Name, string Group, string? Subject, IReadOnlyList<Sample> Samples)
{
    private readonly MeanEstimate _mean = MeanEstimate.Of([.. Samples.Select(s => s.Score)]);

    /// <summary>Whether options were scored.</summary>
    public bool IsChoice => Samples[0].LogLikelihoods is not null;

    /// <summary>The score's name.</summary>
    public string Metric => LmEvalExport.MetricOf(Samples[0]);

    /// <summary>Its entry among the results; the standard error of one item is the text that lm-evaluation-harness writes.</summary>
    public JsonObject ToResult()
    {
        var result = new JsonObject { ["name"] = Name, ["alias"] = Subject is null ? Name : $" - {Subject}", ["sample_len"] = Samples.Count };
        Add(Metric, _mean);
        foreach (string name in Samples.Select(s => s.Metrics).OfType<IReadOnlyDictionary<string, double>>().FirstOrDefault()?.Keys ?? []) Add(name, MeanEstimate.Of([.. Samples.Select(s => s.Metrics?.GetValueOrDefault(name) ?? 0)]));
        return result;

        void Add(string metric, MeanEstimate mean)
        {
            result[Key(metric, "")] = mean.Mean;
            result[Key(metric, "_stderr")] = mean.StandardError is { } error ? error : "N/A";
        }
    }

    /// <summary>A group's entry: the mean over items, and √(Σ (n − 1) · se² · n / (Σ n − k) / Σ n) over its k tasks.</summary>
    public static JsonObject ToGroupResult(IReadOnlyList<ExportedTask> tasks)
    {
        int count = tasks.Sum(t => t.Samples.Count);
        double mean = tasks.Sum(t => t._mean.Mean!.Value * t.Samples.Count) / count;
        double squares = tasks.Sum(t => (t.Samples.Count - 1.0) * (t._mean.StandardError is { } e ? e * e : 0) * t.Samples.Count);
        return new JsonObject
        {
            ["name"] = tasks[0].Group,
            ["alias"] = tasks[0].Group,
            ["sample_len"] = count,
            [tasks[0].Key(tasks[0].Metric, "")] = mean,
            [tasks[0].Key(tasks[0].Metric, "_stderr")] = count > tasks.Count ? Math.Sqrt(squares / (count - tasks.Count) / count) : "N/A",
        };
    }

    private string Key(string metric, string suffix) => $"{metric}{suffix},{LmEvalExport.FilterOf(Samples[0])}";
}
