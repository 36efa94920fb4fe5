using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>The <c>samples.jsonl</c> of a finished run, line by line.</summary>
internal static class FinishedSamples
{
    /// <summary>
    /// How many samples there are before the first damage; whether there is none: every question has its sample, and nothing else stands there; and whether the report says of them what they are.
    /// </summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static (int Count, bool IsWhole, bool IsAsReported) Check(string path, IReadOnlyList<IEvaluationTask> tasks, EvaluationReport report)
    {
        bool isDamaged = false;
        int count = 0;
        var check = new ReportCheck(report);
        foreach ((Sample sample, _) in Read(path, tasks, () => isDamaged = true))
        {
            check.Add(sample);
            count++;
        }
        return (count, !isDamaged && count == tasks.Sum(task => task.Examples.Count), check.Contradiction() is null);
    }

    /// <summary>The samples with their lines up to the first line that is no JSON, as a copy that was cut off or a bad disk leaves it, or that has been there. Each is held to the question that the run asked there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tasks">What the run asked.</param>
    /// <param name="onDamage">Called where such a line ends it; null for nobody.</param>
    /// <exception cref="InvalidDataException">A line is no sample, or one of another question: the file is not the run's.</exception>
    public static IEnumerable<(Sample Sample, string Line)> Read(string path, IReadOnlyList<IEvaluationTask> tasks, Action? onDamage = null)
    {
        using IEnumerator<(string Task, string? Subject, int Item)> expected = tasks.SelectMany(task => task.Examples.Select(example => (task.Name, example.Subject, example.Item))).GetEnumerator();
        using IEnumerator<string> lines = JsonLines.OneByOne(path).GetEnumerator();
        var passed = new HashSet<(string, string?, int)>();
        for (int number = 1; ; number++)
        {
            if (!TryNext(lines, out JsonElement row))
            {
                onDamage?.Invoke();
                yield break;
            }
            if (row.ValueKind == JsonValueKind.Undefined) yield break;
            Sample sample = Parse(path, number, row);
            if (!passed.Add(sample.Key))
            {
                onDamage?.Invoke();
                yield break;
            }
            if (!expected.MoveNext() || sample.Key != expected.Current) throw Wrong(path, number, $"is of {sample.Place}, which is not the question that the run asked there");
            yield return (sample, lines.Current);
        }
    }

    /// <summary>The next line's object; undefined behind the last line.</summary>
    /// <returns>false where it is damaged.</returns>
    private static bool TryNext(IEnumerator<string> lines, out JsonElement row)
    {
        row = default;
        try
        {
            if (lines.MoveNext()) row = JsonLines.ParseObject(lines.Current);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static Sample Parse(string path, int number, JsonElement row)
    {
        try
        {
            return Sample.Parse(row);
        }
        catch (InvalidDataException e)
        {
            throw Wrong(path, number, e.Message);
        }
    }

    private static InvalidDataException Wrong(string path, int number, string what) => new($"{path}: line {number} {what}; delete {EvaluationReport.FileName} beside it to ask everything again.");
}
