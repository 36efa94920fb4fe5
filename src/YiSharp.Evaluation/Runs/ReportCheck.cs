using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>Holds the samples of a finished run, as they pass by, to what its report says of them: every number of a task follows from the samples beside it.</summary>
/// <param name="report">The report.</param>
internal sealed class ReportCheck(EvaluationReport report)
{
    private const string Report = $"{EvaluationReport.FileName} beside it";
    private const double Rounding = 1e-6; // sums in another order

    // What a report says of a task besides its count, by the field that says it. What an older file does not say is not asked for.
    private static readonly (string Field, Func<TaskScore, double?> Of)[] Numbers =
    [
        ("correct", t => t.Correct), ("accuracy", t => t.Accuracy), ("interval.low", t => t.Interval.Low), ("interval.high", t => t.Interval.High),
        ("extraction_failures", t => t.ExtractionFailures), ("failures", t => t.Failures), ("truncated", t => t.Truncated),
        ("standard_error", t => t.StandardError), ("macro_accuracy", t => t.MacroAccuracy),
    ];

    private static readonly (string Field, Func<SubjectScore, double?> Of)[] SubjectNumbers =
        [("count", s => s.Count), ("correct", s => s.Correct), ("accuracy", s => s.Accuracy), ("interval.low", s => s.Interval.Low), ("interval.high", s => s.Interval.High)];

    private static readonly (string Field, Func<MetricScore, double?> Of)[] MetricNumbers =
        [("value", m => m.Value), ("standard_error", m => m.StandardError), ("interval.low", m => m.Interval.Low), ("interval.high", m => m.Interval.High)];

    private readonly Dictionary<string, ScoreCount> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string?), HashSet<int>> _items = [];

    /// <summary>Takes the next sample and gives it back.</summary>
    /// <exception cref="InvalidDataException">It has been there; the message is a clause.</exception>
    public Sample Add(Sample sample)
    {
        if (!_items.TryGetValue((sample.Task, sample.Subject), out HashSet<int>? items)) _items.Add((sample.Task, sample.Subject), items = []);
        if (!items.Add(sample.Item)) throw new InvalidDataException($"is {sample.Place} for the second time");
        if (!_counts.TryGetValue(sample.Task, out ScoreCount? count)) _counts.Add(sample.Task, count = new ScoreCount(sample.Task));
        count.Add(sample);
        return sample;
    }

    /// <summary>Where report and samples contradict each other, a clause that begins with the samples' file; null where they agree.</summary>
    public string? Contradiction()
    {
        foreach (TaskScore said in report.Tasks)
        {
            TaskScore counted = (_counts.Remove(said.Name, out ScoreCount? count) ? count : new ScoreCount(said.Name)).ToScore();
            if (counted.Count != said.Count) return $"holds {counted.Count} samples of {said.Name}, and {Report} counts {said.Count}";
            if (Contradiction(said, counted) is { } other) return other;
        }
        return _counts.Keys.FirstOrDefault() is { } unnamed ? $"holds samples of {unnamed}, and {Report} does not name this task" : null;
    }

    private static string? Contradiction(TaskScore said, TaskScore counted) =>
        Differing(Numbers, said.Name, said, counted)
        ?? Differing(SubjectNumbers, said.Name, said.Subjects, counted.Subjects, s => s.Name)
        ?? Differing(MetricNumbers, said.Name, said.Metrics, counted.Metrics, m => m.Name);

    private static string? Differing<T>((string, Func<T, double?>)[] numbers, string task, IReadOnlyList<T>? said, IReadOnlyList<T>? counted, Func<T, string> nameOf)
    {
        foreach (T part in said ?? [])
        {
            string name = nameOf(part);
            if ((counted ?? []).FirstOrDefault(c => nameOf(c) == name) is not { } own) return $"holds nothing of {name} of {task}, and {Report} has a score of that";
            if (Differing(numbers, $"{task}, {name}", part, own) is { } other) return other;
        }
        return null;
    }

    private static string? Differing<T>((string Field, Func<T, double?> Of)[] numbers, string of, T said, T counted)
    {
        foreach ((string field, Func<T, double?> number) in numbers)
        {
            double? own = number(counted);
            if (number(said) is { } value && !(Math.Abs(value - (own ?? double.NaN)) <= Rounding))
                return string.Create(CultureInfo.InvariantCulture, $"gives {(own is null ? "nothing" : $"{own:0.######}")} as \"{field}\" of {of}, and {Report} says {value:0.######}");
        }
        return null;
    }
}
