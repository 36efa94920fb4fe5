using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Two models in one row of a table.</summary>
/// <param name="Row">What the row is about.</param>
/// <param name="Paired">The comparison.</param>
/// <param name="Detectable">
/// The smallest true difference that so many items would show with <see cref="Power"/>, (z₀.₉₇₅ + z₀.₈) · standard error of the paired difference (Miller 2024, arXiv:2411.00640, section 5; Student's quantiles where t is what tests),
/// the error taken as for macro averages (<see cref="StratifiedMean"/>), times the design effect of clusters (<see cref="RowDifferences.DesignEffect"/>).
/// Where every answer is right or wrong, no less than what McNemar's exact test finds, alone at 0.05 and with as many losses as were seen. Null where no difference could be detected.
/// </param>
/// <param name="Error">Standard error of the difference, clustered where items share a subject.</param>
/// <param name="LowerBound">
/// Lower end of the one-sided interval of the difference at 95 %, which is that of the two-sided one at 90 %: the score test finds a loss smaller than any margin below it; where items share a subject, no more than the clustered error allows.
/// </param>
public sealed record ComparedPair(ComparisonRow Row, PairedComparison Paired, double? Detectable, ErrorEstimate Error, double LowerBound)
{
    /// <summary>Chance of finding a difference of <see cref="Detectable"/>.</summary>
    public const double Power = 0.8;

    /// <summary>Chance of calling a model not inferior that is worse by just the margin.</summary>
    public const double Alpha = 0.05;

    /// <summary>Whether the candidate is shown to lose less than a share of 1 against the baseline.</summary>
    public bool LosesLessThan(double margin) => LowerBound > -margin;

    /// <summary>Whether a difference that stands by its items alone is within chance by its clustered standard error.</summary>
    public bool IsWithinClusters => Error.Kind == ErrorKind.Clustered && !Paired.CannotTellApart && Error.P(Paired.Difference) > PairedComparison.Significance;

    /// <summary>What was found, in the words of tables.</summary>
    internal Cell FindingCell => Paired.Finding.ToCell() is var cell && IsWithinClusters ? cell with { Text = $"{cell.Text} by items only", Tone = Tone.Warning } : cell;

    internal static ComparedPair Of(RowDifferences differences)
    {
        PairedComparison paired = PairedComparison.Of(differences);
        return new ComparedPair(differences.Row, paired, FindDetectable(differences, paired), differences.Error, FindLowerBound(differences, paired));
    }

    private static double FindLowerBound(RowDifferences differences, PairedComparison paired)
    {
        const double Level = 1 - 2 * Alpha;
        double byError = (differences.Error.Value > 0 ? differences.Error.Interval(paired.Difference, -1, 1, Level) : differences.Mean.Interval(-1, 1, Level)).Low;
        if (!differences.AreRightOrWrong) return byError;
        double byScore = PairedProportions.Tango(paired.OnlyCandidate, paired.OnlyBaseline, paired.Count, Level).Low;
        return differences.Error.Kind == ErrorKind.Clustered ? Math.Min(byScore, byError) : byScore;
    }

    private static double? FindDetectable(RowDifferences differences, PairedComparison paired)
    {
        double freedom = differences.AreRightOrWrong ? double.PositiveInfinity : differences.Error.Freedom;
        double error = differences.AreRightOrWrong ? differences.Mean.StandardError * differences.DesignEffect : differences.Error.Value is { } own and > 0 ? own : differences.Mean.StandardError;
        double normal = (Student.CentralQuantile(Interval.DefaultLevel, freedom) + Student.CentralQuantile(2 * Power - 1, freedom)) * error;
        if (!differences.AreRightOrWrong) return normal <= 1 ? normal : null;
        double losing = (double)Math.Min(paired.OnlyBaseline, paired.OnlyCandidate) / paired.Count;
        return PairedPower.ExactlyDetectable(losing, paired.Count, PairedComparison.Significance, Power) is { } exact ? Math.Min(1, Math.Max(normal, exact)) : null;
    }
}
