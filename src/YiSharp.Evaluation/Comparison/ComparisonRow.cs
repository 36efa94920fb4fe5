namespace YiSharp.Evaluation;

/// <summary>What a line of a comparison is about: a task, or all of them, averaged in one way.</summary>
/// <param name="Task">The task's name; null for all tasks together.</param>
/// <param name="Average">How its items become one score.</param>
public sealed record ComparisonRow(string? Task, Averaging Average)
{
    /// <summary>Its name in tables.</summary>
    public string Name => (Task, Average) switch
    {
        (null, Averaging.Micro) => "all (micro)",
        (null, _) => "all (macro)",
        (_, Averaging.Micro) => Task,
        _ => $"{Task} (macro)",
    };

    /// <summary>The lines of a comparison: each task, by subject too where it has several, then all tasks where there are several.</summary>
    internal static IEnumerable<ComparisonRow> Of(IReadOnlyList<SampleOutcome> outcomes)
    {
        IGrouping<string, SampleOutcome>[] tasks = [.. outcomes.GroupBy(o => o.Task, StringComparer.Ordinal)];
        foreach (IGrouping<string, SampleOutcome> task in tasks)
        {
            yield return new ComparisonRow(task.Key, Averaging.Micro);
            if (task.Select(o => o.Subject).Distinct().Count() > 1) yield return new ComparisonRow(task.Key, Averaging.Macro);
        }
        if (tasks.Length < 2) yield break;
        yield return new ComparisonRow(null, Averaging.Micro);
        yield return new ComparisonRow(null, Averaging.Macro);
    }

    /// <summary>Places of its items among <paramref name="outcomes"/>, in strata that share a subject, or a task where the row is of all tasks.</summary>
    internal int[][] Strata(IReadOnlyList<SampleOutcome> outcomes) =>
    [
        .. Enumerable.Range(0, outcomes.Count).Where(i => Task is null || outcomes[i].Task == Task)
            .GroupBy(i => Task is null ? outcomes[i].Task : outcomes[i].Subject, StringComparer.Ordinal).Select(stratum => stratum.ToArray()),
    ];
}

/// <summary>How scores of items become one.</summary>
public enum Averaging
{
    /// <summary>Every item counts alike.</summary>
    Micro,

    /// <summary>Every subject of a task, or every task of all, counts alike, however many items it has.</summary>
    Macro,
}
