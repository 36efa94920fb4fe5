using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>
/// Results of lm-evaluation-harness (0.4, written with <c>--log_samples</c>): <c>results_DATE.json</c> and a <c>samples_TASK_DATE.jsonl</c> for each task.
/// A generating task has its samples once for each filter; one filter is taken.
/// </summary>
internal static class LmEvalImport
{
    // Which filter is taken where none is asked for: the first that a task has, else its first.
    private static readonly string[] Preferred = ["none", "flexible-extract"];

    /// <summary>Reads the newest results of a folder.</summary>
    /// <param name="folder">One model's folder.</param>
    /// <param name="filter">The filter to take of each task that has it; null for the usual one.</param>
    /// <exception cref="InvalidDataException">Results or samples are missing, damaged or contradict each other, or no task has the filter.</exception>
    public static ImportedRun Read(string folder, string? filter = null)
    {
        var results = LmEvalFolder.Open(folder);
        LmEvalAnswers[] tasks = [.. results.Tasks.Select(task => ReadTask(task, filter))];
        tasks = [.. tasks.Select(task => NamedAmong(tasks, task))];
        string[] filters = [.. tasks.SelectMany(task => task.Filters).Distinct(StringComparer.Ordinal)];
        if (filter is not null && !filters.Contains(filter))
            throw new InvalidDataException($"--filter is '{filter}', by which no task of {folder} was read; there are {string.Join(", ", filters)}.");

        string model = ModelOf(results.Content) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        Sample[] samples = [.. tasks.SelectMany(task => task.Samples)];
        ILookup<string, LmEvalAnswers> parts = tasks.ToLookup(task => task.Samples[0].Task);
        var run = ImportedRun.Of(model, LmEvalProtocol.Of(results.Content, tasks), samples, score => Described(score, [.. parts[score.Name]]));
        EvaluationReport report = OwnHeader.Read(results, model) is { } header ? header with { Fingerprint = run.Report.Fingerprint, Tasks = run.Report.Tasks } : run.Report;
        return new ImportedRun(report, samples) { Remarks = [.. Remarks(results, tasks)] };
    }

    private static string? ModelOf(JsonElement results) => (results.Field("model_name") ?? results.Field("config")?.Field("model"))?.Words();

    /// <summary>A score with what all parts of its task say alike of how it was asked.</summary>
    private static TaskScore Described(TaskScore score, LmEvalAnswers[] parts)
    {
        var generation = GenerationArguments.Common(parts.Select(part => part.Generation));
        return OwnHeader.Described(score, parts[0].Task) with { MaxNewTokens = generation?.MaxNewTokens, Stops = generation?.Stops is { Count: > 0 } stops ? stops : null };
    }

    /// <summary>A task by its name among others: two of theirs that are one of ours (GSM8K with and without reasoning) keep their own names.</summary>
    private static LmEvalAnswers NamedAmong(LmEvalAnswers[] all, LmEvalAnswers task)
    {
        (string, string?) NameOf(LmEvalAnswers rows) => (rows.Samples[0].Task, rows.Samples[0].Subject);
        if (all.Count(other => NameOf(other) == NameOf(task)) == 1) return task;
        return task with { Samples = [.. task.Samples.Select(sample => sample with { Task = task.Task.Name, Subject = null })] };
    }

    private static LmEvalAnswers ReadTask(LmEvalTask task, string? filter)
    {
        var seen = new HashSet<(string, int)>();
        List<(LmEvalRow Row, Sample Sample)> all = JsonLines.Read(task.SamplesPath, "\"doc_id\", \"arguments\", \"filtered_resps\" and metrics", json =>
        {
            var row = new LmEvalRow(json);
            if (!seen.Add((row.Filter, row.Item))) throw new InvalidDataException($"has the doc_id {row.Item} with the filter {row.Filter} for the second time");
            return (row, row.Own is { } own ? OwnFields.Join(row, own, task.Name) : LmEvalSample.Of(row, UpstreamTask.OfLmEval(task.Name)));
        });
        string[] filters = [.. all.Select(pair => pair.Row.Filter).Distinct(StringComparer.Ordinal)];
        string taken = filter is not null && filters.Contains(filter) ? filter : Preferred.FirstOrDefault(filters.Contains) ?? filters[0];
        (LmEvalRow Row, Sample Sample)[] own = [.. all.Where(pair => pair.Row.Filter == taken)];
        task.Require(taken, [.. own.Select(pair => pair.Row)]);
        LmEvalRow[] written = [.. own.Select(pair => pair.Row).Where(row => row.IsWritten)];
        return new LmEvalAnswers(task, filters, taken, [.. own.Select(pair => pair.Sample)])
        {
            IsWritten = written.Length > 0,
            IsCutOffKnown = written.All(row => row.Own is not null),
            Generation = GenerationArguments.Common(written.Select(row => row.Generation)),
        };
    }

    private static IEnumerable<string> Remarks(LmEvalFolder results, LmEvalAnswers[] tasks)
    {
        if (results.Older > 0) yield return $"{Path.GetFileName(results.ResultsPath)} is read; older results beside it ({results.Older}) are not.";
        foreach (LmEvalAnswers task in tasks)
        {
            string name = task.Task.Name;
            if (task.Filters.Count > 1) yield return $"{name} was read by the filters {string.Join(" and ", task.Filters)}; {task.Filter} is taken (--filter takes another).";
            if (task.Task.Original > task.Samples.Count) yield return $"{name} was asked in part: {task.Samples.Count} of its {task.Task.Original} questions.";
        }
        string[] unknown = [.. tasks.Where(task => !task.IsCutOffKnown).Select(task => task.Task.Name)];
        if (unknown.Length > 0)
            yield return $"lm-evaluation-harness does not say which answers the limit of tokens cut off; of {string.Join(", ", unknown)} none counts as cut off.";
    }
}
