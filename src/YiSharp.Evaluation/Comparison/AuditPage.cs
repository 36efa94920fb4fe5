using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>An audit as tables and as one HTML page.</summary>
public static class AuditPage
{
    /// <summary>A line for each task and rule.</summary>
    public static Table Rules(RunAudit audit) => new(
        [new Column("task"), new Column("rule"), new Column("answers", Alignment.End), new Column("right", Alignment.End), new Column("guesses", Alignment.End)],
        [.. audit.Rules.Select(r => new Row([r.Task, r.Rule is null ? new Cell("(none)", Tone: Tone.Warning) : r.Rule, ComparisonTables.Count(r.Count), ComparisonTables.Count(r.Correct), ComparisonTables.Count(r.LowConfidence)]))])
    {
        Caption = "Rules that found an answer",
    };

    /// <summary>The page.</summary>
    /// <param name="model">Who answered.</param>
    /// <param name="audit">What was found.</param>
    /// <param name="footer">How it was made, Markdown.</param>
    public static ReportPage Create(string model, RunAudit audit, string footer) => new($"Answers of {model} to look at", [new Section("Rules", [Rules(audit)]), .. Findings(model, audit)])
    {
        Kind = "Audit",
        Figures = [.. audit.Findings.Select(f => new Figure(f.Title, ComparisonTables.Count(f.Count), Tone: f.Count == 0 ? Tone.Good : Tone.Plain))],
        Lead = SampleBlocks.MarkNote,
        Footer = footer,
    };

    /// <summary>A section for each kind of doubtful answer of which there are some.</summary>
    internal static IEnumerable<Section> Findings(string model, RunAudit audit) => audit.Findings.Where(f => f.Count > 0).Select(f => new Section(f.Title,
    [
        new Prose(string.Create(CultureInfo.InvariantCulture, $"{Sizes.Of(f.Count, "answer", "answers")}{(f.Samples.Count < f.Count ? $", {f.Samples.Count} of them chosen at random" : "")}.")),
        .. f.Samples.Select(sample => SampleBlocks.Answers(model, sample)),
    ]));
}
