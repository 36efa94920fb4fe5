using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Two rows of the published table in one column. Only totals are known, so that the two are taken as independent.</summary>
/// <param name="Baseline">The model compared with.</param>
/// <param name="Candidate">The model in question.</param>
/// <param name="Score">The candidate's cell: benchmark, shots and points.</param>
/// <param name="BaselinePoints">The baseline's score, 0 to 100.</param>
/// <param name="Difference">Candidate less baseline, points.</param>
/// <param name="Interval">Of the difference at 95 %, difference ± z · standard error, points.</param>
/// <param name="OneSigma">Standard error of the baseline's own score, points.</param>
/// <param name="Z">Difference / its standard error; null where both scores are equal and certain.</param>
/// <param name="P">Two-sided, normal; 1 where <paramref name="Z"/> is null.</param>
/// <param name="AdjustedP">The same, adjusted by Holm for all comparisons made together.</param>
public sealed record PublishedComparison(
    string Baseline, string Candidate, PublishedScore Score, double BaselinePoints, double Difference, Interval Interval, double OneSigma, double? Z, double P, double AdjustedP)
{
    private const int Digits = 2; // after the point, as the table has them

    /// <summary>What a comparison of totals can say, and what would say more.</summary>
    public const string Caution = "Unpaired: only totals were published, so what both models find hard is not known and counts as noise. Paired by item (yi compare RUN RUN), what both share cancels, and as many items show smaller differences.";

    /// <summary>The column's name, such as "MMLU 5-shot".</summary>
    public string Column => string.Create(CultureInfo.InvariantCulture, $"{Score.Suite.Name} {Score.Shots}-shot");

    /// <summary>Whether the difference is larger than chance, even in so large a table.</summary>
    public ComparisonFinding Finding => ComparisonFindings.Of(Difference, Interval, P, AdjustedP);

    /// <summary>Compares each model with the first, in every column that both have.</summary>
    /// <param name="models">Names as in the table; empty for each quantized model with the one that it was made from.</param>
    /// <exception cref="ArgumentException">A name is not in the table or was given twice, or there is only one.</exception>
    public static IReadOnlyList<PublishedComparison> Compare(IReadOnlyList<string> models)
    {
        PublishedModel[] rows = [.. models.Select(name => PublishedScores.Find(name)
            ?? throw new ArgumentException($"The published table has no model '{name}'; it has {string.Join(", ", PublishedScores.Models.Select(m => m.Name))}."))];
        if (rows.CountBy(row => row.Name).FirstOrDefault(row => row.Value > 1).Key is { } twice) throw new ArgumentException($"{twice} is named twice, and a model does not differ from itself; name another, or leave it out.");
        if (rows.Length == 1) throw new ArgumentException($"{rows[0].Name} alone was named; name the model to compare it with, too.");
        IEnumerable<(PublishedModel Baseline, PublishedModel Candidate)> pairs = rows.Length > 0 ? rows[1..].Select(candidate => (rows[0], candidate))
            : PublishedScores.Models.Where(m => m.QuantizedFrom is not null).Select(m => (PublishedScores.Find(m.QuantizedFrom!)!, m));
        PublishedComparison[] all = [.. pairs.SelectMany(pair => pair.Candidate.Scores.Where(score => pair.Baseline.Find(score.Suite.Name, score.Shots) is not null).Select(score => Of(pair.Baseline, pair.Candidate, score)))];
        double[] adjusted = Holm.Adjust([.. all.Select(c => c.P)]);
        return [.. all.Select((c, i) => c with { AdjustedP = adjusted[i] })];
    }

    /// <summary>A line for each comparison.</summary>
    public static Table ToTable(IReadOnlyList<PublishedComparison> comparisons) => new(
        [
            new Column("models") { Under = "benchmark" }, new Column("benchmark"), new Column("items", Alignment.End), new Column("score", Alignment.End), new Column("was", Alignment.End), new Column("one sigma", Alignment.End),
            new Column("points", Alignment.End), new Column("95 % interval", Alignment.End) { Under = "points" }, new Column("z", Alignment.End), new Column("p (Holm)", Alignment.End) { Under = "finding" }, new Column("finding") { Wraps = true },
        ],
        [
            .. comparisons.Select(c => new Row(
            [
                DifferencePlot.Pair(c.Candidate, c.Baseline), c.Column, ComparisonTables.Count(c.Score.Suite.ItemCount), Fixed(c.Score.Points), Fixed(c.BaselinePoints), Fixed(c.OneSigma), SignedPoints.Of(c.Difference, Digits),
                SignedPoints.Range(c.Interval.Low, c.Interval.High, Digits), c.Z is { } z ? z.ToString("0.00;−0.00;0.00", CultureInfo.InvariantCulture) : "–", PairedComparison.Probability(c.AdjustedP), c.Finding.ToCell(),
            ])),
        ])
    {
        Caption = "The published table, read again",
        Note = $"{Caution} {ComparisonFindings.Note}",
    };

    /// <summary>Of each pair of models, which differences are real and which cannot be told apart.</summary>
    public static IEnumerable<string> Describe(IReadOnlyList<PublishedComparison> comparisons) => comparisons.GroupBy(c => (c.Candidate, c.Baseline)).Select(pair =>
        string.Join(" ", ComparisonFindings.Sentences(pair.Key.Candidate, pair.Key.Baseline, [.. pair.Select(c => (c.Finding, $"{c.Column} ({SignedPoints.Of(c.Difference, Digits)})"))])));

    private static PublishedComparison Of(PublishedModel baseline, PublishedModel candidate, PublishedScore score)
    {
        double before = baseline.Find(score.Suite.Name, score.Shots)!.Points, difference = score.Points - before;
        UnpairedProportions own = UnpairedProportions.Of(before / 100, score.Points / 100, score.Suite.ItemCount), other = UnpairedProportions.Of(score.Points / 100, before / 100, score.Suite.ItemCount);
        double half = Normal.CentralQuantile(Interval.DefaultLevel) * 100 * double.Hypot(own.FirstStandardError, other.FirstStandardError);
        return new PublishedComparison(baseline.Name, candidate.Name, score, before, difference, new Interval(difference - half, difference + half), 100 * own.FirstStandardError, other.Z, other.P ?? 1, other.P ?? 1);
    }

    private static string Fixed(double points) => points.ToString("0.00", CultureInfo.InvariantCulture);
}
