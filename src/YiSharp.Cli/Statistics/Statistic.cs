using System.Text.Json;

namespace YiSharp.Cli;

/// <summary>One name of <c>yi stats</c>.</summary>
/// <param name="Name">As typed.</param>
/// <param name="What">What it computes, in a few words.</param>
/// <param name="Fields">The fields of a line.</param>
/// <param name="Example">A line that works.</param>
/// <param name="Answer">From a line's fields to what writes the answer's.</param>
internal sealed record Statistic(string Name, string What, IReadOnlyList<string> Fields, string Example, Func<JsonFields, Action<Utf8JsonWriter>> Answer)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Statistic> All { get; } =
    [
        new("binomial", "A share of right answers: three intervals and two standard errors.", ["successes", "n", "level"],
            """{"successes": 945, "n": 1319}""", ProportionStatistics.Binomial),
        new("mean_se", "A mean, its standard error and normal interval.", ["values", "level"],
            """{"values": [1, 0, 1, 1]}""", MeanStatistics.MeanError),
        new("clustered_se", "A mean of items that come in clusters, such as the questions of one passage.", ["values", "clusters"],
            """{"values": [1, 1, 0, 1], "clusters": ["a", "a", "b", "c"]}""", MeanStatistics.ClusteredError),
        new("paired_difference", "Two models' scores of the same items.", ["a", "b", "clusters"],
            """{"a": [1, 0, 1, 1], "b": [1, 0, 0, 0]}""", MeanStatistics.PairedDifference),
        new("mcnemar", "Two models' right answers to the same items: b only the first is right, c only the second.", ["b", "c"],
            """{"b": 25, "c": 10}""", ProportionStatistics.McNemar),
        new("paired_permutation", "The exact test over all sign changes of paired differences.", ["differences"],
            """{"differences": [1, 0, -1, 1, 1]}""", MeanStatistics.PairedPermutation),
        new("bootstrap", "Percentile and BCa intervals of a mean or median.", ["values", "statistic", "level"],
            """{"values": [0.3, 0.7, 0.4, 0.9], "statistic": "mean"}""", MeanStatistics.Bootstrap),
        new("p_adjust", "P-values adjusted for being several, by five methods.", ["p"],
            """{"p": [0.01, 0.04, 0.03]}""", ProportionStatistics.AdjustP),
        new("non_inferiority", "Whether a model is worse by less than a margin: b only the new one is right, c only the old one.", ["b", "c", "n", "margin", "alpha"],
            """{"b": 40, "c": 52, "n": 1319, "margin": 0.03, "alpha": 0.05}""", ProportionStatistics.NonInferiority),
        new("power", "How many items a paired comparison needs, and what it can find.", ["p10", "p01", "n", "alpha", "target_power"],
            """{"p10": 0.1, "p01": 0.06, "n": 1319, "alpha": 0.05, "target_power": 0.8}""", ProportionStatistics.Power),
        new("cohen_kappa", "Agreement of two raters; weighted too where the categories are whole numbers.", ["a", "b"],
            """{"a": [1, 2, 3, 3], "b": [1, 2, 3, 2]}""", AgreementStatistics.CohenKappa),
        new("krippendorff_alpha", "Agreement of any number of raters, null where one has not rated.", ["raters_by_items"],
            """{"raters_by_items": [[1, 2, 3, null], [1, 2, 2, 4]]}""", AgreementStatistics.KrippendorffAlpha),
        new("bradley_terry", "Strengths from votes: wins[i][j] is how often i beat j, a draw half for each.", ["wins", "ridge"],
            """{"wins": [[0, 5, 2], [3, 0, 4], [6, 1, 0]]}""", AgreementStatistics.BradleyTerry),
        new("rank_correlation", "Kendall's tau-b and Spearman's rho.", ["x", "y"],
            """{"x": [1, 2, 2, 3], "y": [1, 3, 2, 4]}""", AgreementStatistics.RankCorrelation),
        new("isotonic", "The closest curve that never falls (or rises).", ["y", "weights", "increasing"],
            """{"y": [1, 3, 2, 5]}""", CurveStatistics.Isotonic),
        new("knee", "The dose beyond which more helps less: a broken stick, with a bootstrap interval over seeds.", ["doses", "scores", "plateau", "true"],
            """{"doses": [0, 1, 2, 3], "scores": [[0.2, 0.21], [0.5, 0.48], [0.6, 0.61], [0.6, 0.62]], "plateau": true}""", CurveStatistics.Knee),
        new("calibration", "Whether answers given with a confidence are right that often.", ["confidence", "correct", "bins"],
            """{"confidence": [0.9, 0.6, 0.8], "correct": [1, 0, 1], "bins": 10}""", AgreementStatistics.Calibration),
        new("group", "Several tasks as one number, with lm-evaluation-harness's error and the honest ones.", ["means", "sizes", "ses"],
            """{"means": [0.5, 0.7], "sizes": [100, 100], "ses": [0.05, 0.046]}""", MeanStatistics.Group),
        new("published_unpaired_z", "Two scores of a published table, in points, as if independent.", ["table", "row", "first", "second", "n"],
            """{"first": 67.62, "second": 65.77, "n": 14042}""", ProportionStatistics.PublishedZ),
    ];
}
