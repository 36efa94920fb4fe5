namespace YiSharp.Evaluation;

/// <summary>Several models' scores in every task, and each against the baseline, or against each other.</summary>
/// <param name="Runs">The runs' names, the baseline first.</param>
/// <param name="Models">The models as the runs name them.</param>
/// <param name="Scores">A score for each row and model, row by row.</param>
/// <param name="Pairs">A comparison for each row and pair of models, row by row.</param>
/// <param name="LeftOut">Questions not compared, since not all models were asked them.</param>
/// <param name="Margin">Loss that non-inferiority allows, a share of 1; null where it was not tested.</param>
public sealed record ComparisonTable(IReadOnlyList<string> Runs, IReadOnlyList<string> Models, IReadOnlyList<RunScore> Scores, IReadOnlyList<ComparedPair> Pairs, int LeftOut, double? Margin)
{
    /// <summary>Tasks whose answers were not read by the same rules in all runs.</summary>
    public IReadOnlyList<string> ReadDifferently { get; init; } = [];

    /// <summary>Compares the runs in every row, with p-values adjusted for the whole table.</summary>
    /// <param name="runs">The runs, the baseline first.</param>
    /// <param name="allPairs">Each with each, instead of each with the first.</param>
    /// <param name="margin">Tests besides that a candidate loses less than this share of 1 against the other; null for no test.</param>
    public static ComparisonTable Of(PairedRuns runs, bool allPairs = false, double? margin = null)
    {
        ComparisonRow[] rows = [.. ComparisonRow.Of(runs.Outcomes[0])];
        (int Baseline, int Candidate)[] pairs =
        [
            .. Enumerable.Range(0, runs.Names.Count).SelectMany(a => Enumerable.Range(a + 1, runs.Names.Count - a - 1).Select(b => (a, b))).Where(pair => allPairs || pair.a == 0),
        ];
        ComparedPair[] compared = [.. rows.SelectMany(row => pairs.Select(pair => ComparedPair.Of(new RowDifferences(row, runs, pair.Baseline, pair.Candidate))))];
        IReadOnlyList<PairedComparison> adjusted = PairedComparison.Adjust([.. compared.Select(c => c.Paired)]);
        return new ComparisonTable(
            runs.Names, runs.Models,
            [.. rows.SelectMany(row => runs.Names.Select((name, run) => RunScore.Of(row, name, runs.Outcomes[run])))],
            [.. compared.Select((c, i) => c with { Paired = adjusted[i] })],
            runs.LeftOut, margin)
        {
            ReadDifferently = runs.ReadDifferently,
        };
    }

    /// <summary>What was found of each pair of models, some sentences each.</summary>
    public IEnumerable<string> Describe() => Pairs.GroupBy(p => (p.Paired.Candidate, p.Paired.Baseline)).Select(pair =>
    {
        string[] within = [.. pair.Where(p => p.IsWithinClusters).Select(p => p.Row.Name)];
        string doubt = within.Length == 0 ? "" : $" On {string.Join(", ", within)} questions of a subject went together: by the clustered standard error the difference is within chance.";
        return string.Join(" ", ComparisonFindings.Sentences(pair.Key.Candidate, pair.Key.Baseline, [.. pair.Select(p => (p.Paired.Finding, p.Row.Name))])) + doubt;
    });
}
