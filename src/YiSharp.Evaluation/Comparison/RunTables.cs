using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>One evaluation as tables that a terminal, Markdown, LaTeX and HTML show alike.</summary>
public static class RunTables
{
    private const string Unknown = "–";

    /// <summary>A line for each task, one for the mean of its subjects where it has several, and one for each further metric.</summary>
    public static Table Scores(EvaluationReport report) => new(
        [
            new Column("task"), new Column("score", Alignment.End), new Column("95 % interval", Alignment.End) { Under = "score" }, new Column("standard error", Alignment.End) { Wraps = true }, new Column("items", Alignment.End), new Column("right", Alignment.End),
            new Column("nothing found", Alignment.End), new Column("no answer", Alignment.End), new Column("cut off", Alignment.End),
        ],
        [.. report.Tasks.SelectMany(task => (IEnumerable<Row>)[MicroRow(task), .. MacroRow(task) is { } macro ? (Row[])[macro] : [], .. (task.Metrics ?? []).Select(metric => MetricRow(task, metric))])])
    {
        Caption = "Scores of every task",
        Note = "Micro: every item counts alike; macro: every subject does. Intervals are Wilson's where every answer is right or wrong; of shares and macro averages, the mean ± t · standard error. " + ErrorEstimate.Note + " Intervals of right and wrong answers take items as independent."
            + " Nothing found: answers that were not in the form asked for. No answer: questions too long for the model, or refused. Both count as wrong.",
    };

    /// <summary>A line for each subject of a task, the best first; null for a task without subjects.</summary>
    public static Table? Subjects(TaskScore task) => task.Subjects is not { } subjects ? null : new Table(
        [new Column("subject"), new Column(""), new Column("score", Alignment.End), new Column("95 % interval", Alignment.End) { Under = "score" }, new Column("items", Alignment.End)],
        [
            .. subjects.OrderByDescending(s => s.Accuracy).ThenBy(s => s.Name, StringComparer.Ordinal).Select(s => new Row(
            [
                s.Name, new Cell("") { Bar = new IntervalBar(s.Interval.Low, s.Accuracy, s.Interval.High) { IsFilled = true } }, ComparisonTables.Percent(s.Accuracy), Range(s.Interval), ComparisonTables.Count(s.Count),
            ])),
        ])
    {
        Caption = $"{task.Name}: {Sizes.Of(subjects.Count, "subject", "subjects")}",
    };

    /// <summary>What the run was, a line for each fact.</summary>
    /// <param name="report">The run.</param>
    /// <param name="others">What is known from elsewhere.</param>
    public static Table Facts(EvaluationReport report, IEnumerable<RunFact> others)
    {
        EvaluationProtocol protocol = report.Protocol;
        IEnumerable<RunFact> facts =
        [
            new("model", report.Model), new("model's fingerprint", Short(report.ModelFingerprint)), new("run's fingerprint", Short(report.Fingerprint)), new("protocol", $"{protocol.Name}, version {ComparisonTables.Count(protocol.Version)}"),
            new("weights", report.Arithmetic?.Weights), new("precision", report.Arithmetic?.Precision), new("keys and values", report.Arithmetic?.KvCache),
            new("exemplars", ComparisonTables.Count(protocol.Shots)), new("generation", protocol.Generation),
            new("most tokens of an answer", protocol.MaxNewTokens > 0 ? ComparisonTables.Count(protocol.MaxNewTokens) : null), new("questions", Questions(protocol)),
            new("rules that read answers", report.Tasks.Max(task => task.RulesVersion) is { } rules ? string.Create(CultureInfo.InvariantCulture, $"ours, version {rules}") : null),
            new("judge", report.Judge?.Model), new("chat template", report.TemplateSha256 is { } template ? Short(template) : null), new("ids that end an answer", report.StopIds is { } ids ? string.Join(", ", ids.Select(ComparisonTables.Count)) : null),
            .. report.Tasks.Select(task => new RunFact($"data of {task.Name}", task.DataSha256 is { } hash ? Short(hash) : null)),
            .. others,
        ];
        return new Table([new Column("what"), new Column("is")], [.. facts.Where(f => f.Value is not null).Select(f => new Row([f.Name, f.Value!]))])
        {
            Caption = "Model, protocol and data",
            Note = "Fingerprints, template and data are the beginnings of SHA-256 hashes; `evaluation.json` has them whole. Runs of equal fingerprints are equal.",
        };
    }

    private static string Questions(EvaluationProtocol protocol) => protocol switch
    {
        { Limit: { } limit, Seed: { } seed } => string.Create(CultureInfo.InvariantCulture, $"{limit} of each benchmark, chosen by seed {seed}"),
        { Limit: { } most } => string.Create(CultureInfo.InvariantCulture, $"at most {most} of each task"),
        _ => "all",
    };

    /// <summary>What each task took; null where nobody measured.</summary>
    public static Table? Times(IReadOnlyList<BatchTiming> times) => times.Count == 0 ? null : new Table(
        [new Column("task"), new Column("items", Alignment.End), new Column("seconds", Alignment.End), new Column("items/s", Alignment.End), new Column("tokens written", Alignment.End), new Column("tokens/s", Alignment.End)],
        [
            .. times.Select(t => new Row(
            [
                t.Task, ComparisonTables.Count(t.Items), ComparisonTables.Number(t.Seconds), Rate(t.Items, t.Seconds), t.CompletionTokens is { } written ? written.ToString(CultureInfo.InvariantCulture) : Unknown,
                t.CompletionTokens is { } tokens ? Rate(tokens, t.Seconds) : Unknown,
            ])),
        ])
    {
        Caption = "Times",
        Note = $"From `{BatchTiming.FileName}`, over all starts of the run, without loading the model.",
    };

    internal static string Range(Interval interval) => $"{ComparisonTables.Number(100 * interval.Low)} to {ComparisonTables.Number(100 * interval.High)}";

    private static Row MicroRow(TaskScore task) => new(
    [
        task.MacroAccuracy is null ? task.Name : $"{task.Name} (micro)", Score(task.Accuracy, task.Interval), Range(task.Interval), ComparisonTables.Error(task.StandardError, task.StandardErrorKind),
        ComparisonTables.Count(task.Count), AreRightOrWrong(task.Count, task.Correct, task.Accuracy) ? ComparisonTables.Count(task.Correct) : Unknown,
        Failures(task.ExtractionFailures), Failures(task.Failures), ComparisonTables.Quiet(task.Truncated),
    ]);

    private static Row? MacroRow(TaskScore task)
    {
        if (task is not { MacroAccuracy: { } score, Subjects: { } subjects }) return null;
        StratifiedMean? mean = subjects.All(s => AreRightOrWrong(s.Count, s.Correct, s.Accuracy)) ? StratifiedMean.OfCounts(subjects.Select(s => (s.Count, s.Correct))) : null;
        Interval? interval = mean?.Interval(0, 1);
        return new Row(
        [
            $"{task.Name} (macro)", interval is { } known ? Score(score, known) : new Cell(ComparisonTables.Percent(score)), interval is { } range ? Range(range) : Unknown,
            ComparisonTables.Error(mean?.StandardError, ErrorKind.Stratified), Sizes.Of(subjects.Count, "subject", "subjects"), "", "", "", "",
        ]);
    }

    private static Row MetricRow(TaskScore task, MetricScore metric) =>
        new([$"{task.Name} ({metric.Name})", Score(metric.Value, metric.Interval), Range(metric.Interval), ComparisonTables.Error(metric.StandardError, ErrorKind.Independent), ComparisonTables.Count(task.Count), Unknown, "", "", ""]);

    private static bool AreRightOrWrong(int count, int correct, double score) => Math.Abs(score * count - correct) < 1e-6;

    private static Cell Score(double score, Interval interval) => new(ComparisonTables.Percent(score)) { Bar = new IntervalBar(interval.Low, score, interval.High) };

    private static Cell Failures(int count) => new(ComparisonTables.Count(count), Tone: count == 0 ? Tone.Quiet : Tone.Warning);

    private static string Short(string hash) => hash.Length > 16 ? hash[..16] + "…" : hash;

    private static string Rate(double count, double seconds) => seconds > 0 ? (count / seconds).ToString(count / seconds < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) : Unknown;
}

/// <summary>Something known about a run.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">What it is; null for what is not known.</param>
public sealed record RunFact(string Name, string? Value);
