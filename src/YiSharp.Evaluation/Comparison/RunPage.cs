using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>One evaluation as one HTML page: scores and subjects with their intervals drawn, the hardest questions, answers in which nothing was found, and what the run was.</summary>
public static class RunPage
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "report.html";

    private const int MostFigures = 8;
    private const int MostQuestions = 12; // shown of a kind
    private const int LeastQuestions = 3; // of the hardest, of each task
    private const double ManyFailures = 0.1; // share of answers from which on a score says as much about the form as about the knowledge

    /// <summary>The page; equal files give equal pages.</summary>
    /// <param name="folder">The run's folder: <c>evaluation.json</c>, <c>samples.jsonl</c> and, where they were measured, times. Samples are read one after another.</param>
    /// <param name="others">What else is known about the run.</param>
    /// <param name="footer">How the page was made, Markdown.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public static ReportPage Create(string folder, IEnumerable<RunFact> others, string footer)
    {
        var report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName));
        IEnumerable<Sample> samples = Sample.Stream(folder, report);
        var audit = RunAudit.Of(samples, MostQuestions, seed: 0);
        IReadOnlyList<HardestItems> hardest = HardestItems.Of(samples, Math.Max(LeastQuestions, MostQuestions / Math.Max(1, report.Tasks.Count)));
        Table[] subjects = [.. report.Tasks.Select(RunTables.Subjects).OfType<Table>()];

        List<Section> sections = [new("Scores", [.. Cautions(report), RunTables.Scores(report)])];
        if (subjects.Length > 0) sections.Add(new("Subjects", subjects));
        if (hardest.Count > 0) sections.Add(new("The hardest questions", [.. hardest.SelectMany(task => Hardest(report.Model, task))]));
        sections.AddRange(AuditPage.Findings(report.Model, audit));
        sections.Add(new("The run", [RunTables.Facts(report, others), .. RunTables.Times(BatchTiming.Totals(folder, report.Fingerprint)) is { } times ? (Block[])[times] : [], AuditPage.Rules(audit)]));
        int items = report.Tasks.Sum(t => t.Count);
        return new ReportPage(report.Model, sections)
        {
            Kind = "Evaluation",
            Lead = string.Create(CultureInfo.InvariantCulture, $"{Sizes.Of(items, "question", "questions")} of {Sizes.Of(report.Tasks.Count, "task", "tasks")} under the protocol `{report.Protocol.Name}`, {(report.Protocol.Shots == 0 ? "without exemplars" : Sizes.Of(report.Protocol.Shots, "exemplar", "exemplars"))}. {SampleBlocks.MarkNote}"),
            Figures = [.. report.Tasks.Take(MostFigures).Select(task => new Figure(task.Name, ComparisonTables.Percent(task.Accuracy), $"{RunTables.Range(task.Interval)}, {Sizes.Of(task.Count, "item", "items")}"))],
            Footer = footer,
        };
    }

    private static IEnumerable<Block> Cautions(EvaluationReport report)
    {
        string Many(Func<TaskScore, int> countOf) => string.Join(", ", report.Tasks.Where(t => countOf(t) > 0 && countOf(t) >= ManyFailures * t.Count).Select(t => string.Create(CultureInfo.InvariantCulture, $"`{t.Name}` ({countOf(t):N0} of {t.Count:N0})")));
        if (Many(t => t.ExtractionFailures) is { Length: > 0 } found) yield return new Callout(Tone.Warning, $"In many answers nothing was found: {found}. Such a score is as much about the form of answers as about what the model knows.");
        if (Many(t => t.Truncated) is { Length: > 0 } cut) yield return new Callout(Tone.Warning, $"The limit of tokens cut off many answers: {cut}. What would have come later was not read; a larger `--max-new-tokens` shows whether it matters.");
    }

    private static IEnumerable<Block> Hardest(string model, HardestItems task)
    {
        string wrong = $"{Sizes.Of(task.Count, "wrong answer", "wrong answers")} in `{task.Task}`";
        string which = task.IsByMargin ? ", those first in which the likeliest option is likelier than the right one by the most"
            : task.Samples.Count < task.Count ? string.Create(CultureInfo.InvariantCulture, $", {task.Samples.Count} of them chosen at random") : "";
        yield return new Prose($"{wrong}{which}.");
        foreach (Sample sample in task.Samples)
        {
            Answers answers = SampleBlocks.Answers(model, sample);
            yield return HardestItems.Margin(sample) is { } margin ? answers with { Label = string.Create(CultureInfo.InvariantCulture, $"{answers.Label}: {margin:0.00} nats") } : answers;
        }
    }
}
