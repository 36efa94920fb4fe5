using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>A comparison as tables that a terminal, Markdown, LaTeX and HTML show alike.</summary>
public static class ComparisonTables
{
    /// <summary>A line for each task and model.</summary>
    public static Table Scores(ComparisonTable comparison) => new(
        [
            new Column("task"), new Column("model") { Under = "task" }, new Column("items", Alignment.End), new Column("score", Alignment.End), new Column("95 % interval", Alignment.End) { Under = "score" },
            new Column("standard error", Alignment.End) { Wraps = true }, new Column("nothing found", Alignment.End), new Column("no answer", Alignment.End), new Column("cut off", Alignment.End),
        ],
        [
            .. comparison.Scores.Select(s => new Row(
            [
                s.Row.Name, s.Run, Count(s.Count),
                new Cell(Percent(s.Score)) { Bar = new IntervalBar(s.Interval.Low, s.Score, s.Interval.High) },
                $"{Number(100 * s.Interval.Low)} to {Number(100 * s.Interval.High)}", Error(s.StandardError, s.StandardErrorKind),
                Quiet(s.ExtractionFailures), Quiet(s.EndpointFailures), Quiet(s.Truncated),
            ])),
        ])
    {
        Caption = "Scores",
        Note = "Intervals are Wilson's where every answer is right or wrong. Micro: every item counts alike; macro: every subject, or task, counts alike. " + ErrorEstimate.Note + " Intervals of right and wrong answers take items as independent."
            + " Nothing found: answers that were not in the form asked for; they count as wrong.",
    };

    /// <summary>A line for each task and pair of models.</summary>
    public static Table Differences(ComparisonTable comparison) => new(
        [
            new Column("task"), new Column("models") { Under = "task" }, new Column("points", Alignment.End), new Column("95 % interval", Alignment.End) { Under = "points" }, new Column("finding") { Wraps = true }, new Column("won", Alignment.End),
            new Column("lost", Alignment.End), new Column("p (Holm)", Alignment.End) { Under = "finding" }, new Column("detectable", Alignment.End), new Column("standard error", Alignment.End) { Wraps = true }, .. Margins(comparison).Select(margin => new Column($"loses less than {(100 * margin).ToString("0.##########", CultureInfo.InvariantCulture)}") { Wraps = true }),
        ],
        [
            .. comparison.Pairs.Select(pair => new Row(
            [
                pair.Row.Name, DifferencePlot.Pair(pair.Paired.Candidate, pair.Paired.Baseline), PairedComparison.Points(pair.Paired.Difference), PairedComparison.PointsRange(pair.Paired.Interval), pair.FindingCell, Count(pair.Paired.OnlyCandidate),
                Count(pair.Paired.OnlyBaseline), PairedComparison.Probability(pair.Paired.AdjustedP), pair.Detectable is { } detectable ? Number(100 * detectable) : "none", Error(pair.Error.Value, pair.Error.Kind),
                .. Margins(comparison).Select(margin => NonInferior(pair, margin)),
            ])),
        ])
    {
        Caption = "Differences, paired by item",
        Note = $"Won: items on which the first of the two models scored higher, lost: the second; where answers are right or wrong, items that it alone got right. p is McNemar's exact one (for shares and macro averages by the standard error and Student's t), adjusted by Holm for {(comparison.Pairs.Count == 1 ? "the one comparison" : $"all {Sizes.Of(comparison.Pairs.Count, "comparison", "comparisons")}")} of the table."
            + $" {ErrorEstimate.Note} Intervals and p of right and wrong answers take items as independent."
            + " Detectable: the true difference, in points, that so many items would show four times of five at p ≤ 0.05, not adjusted; none: no difference could be."
            + $" An interval is of its line alone, the finding is adjusted for the table. {ComparisonFindings.Note} By items only: by the clustered error the difference is within chance."
            + (comparison.Margin is null ? "" : " Loses less: the score test, and where items share a subject the clustered error too, rejects a loss of the margin or more (one-sided, 5 %, each line for itself)."),
    };

    internal static string Percent(double share) => Number(100 * share) + " %";

    internal static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    internal static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);

    internal static Cell Quiet(int count) => new(Count(count), Tone: count == 0 ? Tone.Quiet : Tone.Plain);

    private static IEnumerable<double> Margins(ComparisonTable comparison) => comparison.Margin is { } margin ? [margin] : [];

    /// <summary>A standard error in points and its kind, such as "5.3 clustered"; the number alone where the kind is not known.</summary>
    internal static string Error(double? error, ErrorKind? kind) => error is not { } value ? "–" : kind is { } known ? $"{Number(100 * value)} {ErrorEstimate.Name(known)}" : Number(100 * value);

    private static Cell NonInferior(ComparedPair pair, double margin) => pair.LosesLessThan(margin) ? new Cell("yes", Tone: Tone.Good) : new Cell("not shown", Tone: Tone.Warning);
}
