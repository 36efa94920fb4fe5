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
    public static ReportPage Create(string model, RunAudit audit, string footer) => new($"Answers of {model} to look at",
    [
        new Section("Rules", [Rules(audit)]),
        .. audit.Findings.Where(f => f.Count > 0).Select(f => new Section(f.Title,
        [
            new Prose(string.Create(CultureInfo.InvariantCulture, $"{f.Count:N0} answers{(f.Samples.Count < f.Count ? $", {f.Samples.Count} of them chosen at random" : "")}.")),
            .. f.Samples.Select(sample => new Answers(SampleBlocks.Question(sample), [SampleBlocks.Answer(model, sample)]) { Label = sample.Place, Expected = sample.Answer.Length == 0 ? null : sample.Answer }),
        ])),
    ])
    {
        Kind = "Audit",
        Figures = [.. audit.Findings.Select(f => new Figure(f.Title, ComparisonTables.Count(f.Count), Tone: f.Count == 0 ? Tone.Good : Tone.Plain))],
        Lead = "What was read out of an answer stands between » and «.",
        Footer = footer,
    };
}
