using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Two models on the same questions, paired by item.</summary>
/// <param name="Task">The task's name, or that of a comparison's row.</param>
/// <param name="Baseline">The model compared with.</param>
/// <param name="Candidate">The model in question.</param>
/// <param name="Count">Questions that both answered.</param>
/// <param name="OnlyBaseline">Questions that only the baseline got right; where answers are worth a share, those on which it scored higher.</param>
/// <param name="OnlyCandidate">Questions that only the candidate got right, or scored higher on.</param>
/// <param name="Difference">Score of the candidate less that of the baseline, −1 to 1.</param>
/// <param name="Interval">Of the difference, at 95 %: Tango's where every answer is right or wrong, else by the standard error and Student's t (<see cref="ErrorEstimate"/>).</param>
/// <param name="P">Exact McNemar where every answer is right or wrong, or where all items differ alike; else by the standard error and Student's t.</param>
/// <param name="AdjustedP">The same, adjusted by Holm for all comparisons of the table.</param>
public sealed record PairedComparison(
    string Task, string Baseline, string Candidate, int Count, int OnlyBaseline, int OnlyCandidate, double Difference, Interval Interval, double P, double AdjustedP)
{
    /// <summary>Largest adjusted p-value at which a difference is called one.</summary>
    public const double Significance = 0.05;

    /// <summary>Whether the data cannot say which model is better.</summary>
    public bool CannotTellApart => AdjustedP > Significance;

    /// <summary>The same in more words: what was found, and where it seems to be more than it is.</summary>
    public ComparisonFinding Finding => ComparisonFindings.Of(Difference, Interval, P, AdjustedP);

    /// <summary>Compares two models in every task that the baseline's samples name, in their order.</summary>
    /// <param name="baseline">Name of the model compared with.</param>
    /// <param name="baselineSamples">Its samples.</param>
    /// <param name="candidate">Name of the model in question.</param>
    /// <param name="candidateSamples">Its samples, of the same questions.</param>
    /// <exception cref="InvalidDataException">The two were not asked the same questions.</exception>
    public static IReadOnlyList<PairedComparison> Compare(
        string baseline, IReadOnlyList<Sample> baselineSamples, string candidate, IReadOnlyList<Sample> candidateSamples)
    {
        PairedRuns runs = PairedRuns.Align([new ComparedRun(baseline, baselineSamples), new ComparedRun(candidate, candidateSamples)]);
        return Adjust([.. runs.Tasks.Select(task => Of(new RowDifferences(new ComparisonRow(task, Averaging.Micro), runs, 0, 1)))]);
    }

    /// <summary>Compares two runs in one row; the p-value is not adjusted yet.</summary>
    internal static PairedComparison Of(RowDifferences row)
    {
        int count = row.Values.Length, won = row.OnlyCandidate, lost = row.OnlyBaseline;
        PairedComparison Result(double difference, Interval interval, double p) => new(row.Row.Name, row.Baseline, row.Candidate, count, lost, won, difference, interval, p, p);

        if (row.AreRightOrWrong) return Result((double)(won - lost) / count, PairedProportions.Tango(won, lost, count), McNemar.ExactP(won, lost));
        double mean = row.Mean.Mean;
        if (row.Error.P(mean) is { } p) return Result(mean, row.Error.Interval(mean, -1, 1), p);
        // Shares that all differ alike have no error to be measured by: made-up values keep their interval honest, and signs alone are tested.
        return Result(mean, row.Mean.Interval(-1, 1), McNemar.ExactP(won, lost));
    }

    /// <summary>The same with p-values adjusted for being a table together.</summary>
    internal static IReadOnlyList<PairedComparison> Adjust(IReadOnlyList<PairedComparison> comparisons)
    {
        double[] adjusted = Holm.Adjust([.. comparisons.Select(c => c.P)]);
        return [.. comparisons.Select((c, i) => c with { AdjustedP = adjusted[i] })];
    }

    /// <summary>The finding in one sentence, such as "chat is better than base on labels by 87.5 points (95 % interval 74.2 to 95.0; p &lt; 0.0001)."</summary>
    public string Describe()
    {
        string alone = Finding == ComparisonFinding.AloneOnly ? $", alone {FormatP(P)}" : "";
        string numbers = $"(95 % interval {PointsRange(Interval)}; {FormatP(AdjustedP)}{alone})";
        if (CannotTellApart) return $"{Candidate} and {Baseline} cannot be told apart on {Task}: {Points(Difference)} points {numbers}.";
        return $"{Candidate} is {(Difference > 0 ? "better" : "worse")} than {Baseline} on {Task}: {Points(Difference)} points {numbers}.";
    }

    /// <summary>"p = 0.012", or "p &lt; 0.0001".</summary>
    public static string FormatP(double p) => p < 0.0001 ? $"p {Probability(p)}" : $"p = {Probability(p)}";

    /// <summary>"0.012", or "&lt; 0.0001"; next to <see cref="Significance"/> with as many digits as show the side.</summary>
    internal static string Probability(double p)
    {
        if (p < 0.0001) return "< 0.0001";
        int digits = p < 0.00095 ? 4 : p < 0.095 ? 3 : 2;
        while (digits < 15 && p != Significance && Math.Round(p, digits) == Significance) digits++;
        return p.ToString(p < 0.00095 ? "0.0000" : "0." + new string('#', digits), CultureInfo.InvariantCulture);
    }

    /// <summary>A share as signed points of 100, such as "+12.5"; what is not zero does not read as zero.</summary>
    public static string Points(double share) => SignedPoints.Of(100 * share, digits: 1);

    /// <summary>An interval of shares in points of 100, such as "−2.1 to +0.04".</summary>
    public static string PointsRange(Interval interval) => SignedPoints.Range(100 * interval.Low, 100 * interval.High, digits: 1);
}
