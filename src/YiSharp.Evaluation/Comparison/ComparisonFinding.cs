using System.Text.Json;
using System.Text.Json.Serialization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>What a line of a comparison found.</summary>
[JsonConverter(typeof(SnakeCaseNames<ComparisonFinding>))]
public enum ComparisonFinding
{
    /// <summary>The difference is within chance.</summary>
    CannotTellApart,

    /// <summary>The interval, of the score test, leaves out 0, but the exact test, which decides, does not reach significance: it cannot be told apart.</summary>
    IntervalOnly,

    /// <summary>It would be more than chance if the line stood alone, but not among so many: it cannot be told apart.</summary>
    AloneOnly,

    /// <summary>The candidate is worse.</summary>
    Worse,

    /// <summary>The candidate is better.</summary>
    Better,
}

/// <summary>How findings come about, and what they are called.</summary>
public static class ComparisonFindings
{
    /// <summary>Its words and tone in a table.</summary>
    public static Cell ToCell(this ComparisonFinding finding) => finding switch
    {
        ComparisonFinding.Better => new Cell("better", Tone: Tone.Good),
        ComparisonFinding.Worse => new Cell("worse", Tone: Tone.Bad),
        ComparisonFinding.AloneOnly => new Cell("alone only", Tone: Tone.Warning),
        ComparisonFinding.IntervalOnly => new Cell("interval only", Tone: Tone.Warning),
        _ => new Cell("cannot tell apart", Tone: Tone.Quiet),
    };

    /// <summary>What the words mean that an interval beside them seems to contradict.</summary>
    internal const string Note = "Alone only: more than chance if the line stood alone, but not among so many. Interval only: the interval leaves out 0, but the exact test, which decides, does not reach 0.05. Both cannot tell apart.";

    internal static ComparisonFinding Of(double difference, Interval interval, double p, double adjustedP) =>
        adjustedP <= PairedComparison.Significance ? difference > 0 ? ComparisonFinding.Better : ComparisonFinding.Worse
        : p <= PairedComparison.Significance ? ComparisonFinding.AloneOnly
        : interval.Contains(0) ? ComparisonFinding.CannotTellApart : ComparisonFinding.IntervalOnly;

    /// <summary>In JSON, such as "alone_only".</summary>
    internal static string Name(this ComparisonFinding finding) => JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.ToString());

    /// <summary>In JSON, of three: better, worse or cannot_tell_apart.</summary>
    internal static string Verdict(this ComparisonFinding finding) => (finding is ComparisonFinding.Better or ComparisonFinding.Worse ? finding : ComparisonFinding.CannotTellApart).Name();

    /// <summary>What was found of two models, a sentence for each kind.</summary>
    /// <param name="candidate">The model in question.</param>
    /// <param name="baseline">The model compared with.</param>
    /// <param name="lines">Each line's finding and name.</param>
    internal static IEnumerable<string> Sentences(string candidate, string baseline, IReadOnlyList<(ComparisonFinding Finding, string Name)> lines)
    {
        string Names(params ComparisonFinding[] findings) => string.Join(", ", lines.Where(line => findings.Contains(line.Finding)).Select(line => line.Name));
        (string Words, string Names)[] clauses =
        [
            ("is better than", Names(ComparisonFinding.Better)), ("is worse than", Names(ComparisonFinding.Worse)),
            ("differs by more than chance if the line stood alone, but not among so many, from", Names(ComparisonFinding.AloneOnly)),
            ("cannot be told apart from", Names(ComparisonFinding.CannotTellApart, ComparisonFinding.IntervalOnly)),
        ];
        IEnumerable<string> sentences = clauses.Where(clause => clause.Names.Length > 0).Select((clause, i) => $"{(i == 0 ? candidate : "It")} {clause.Words} {baseline} on {clause.Names}.");
        return Names(ComparisonFinding.IntervalOnly) is { Length: > 0 } names ? sentences.Append($"On {names} the interval leaves out 0, but the exact test, which decides, does not reach 0.05.") : sentences;
    }
}
