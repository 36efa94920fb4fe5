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
/// Lower end of the one-sided interval of the difference at 95 %, which is that of the two-sided one at 90 %: the score test finds a loss smaller than any margin below it.
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

    internal static ComparedPair Of(RowDifferences differences)
    {
        PairedComparison paired = PairedComparison.Of(differences);
        double lower = differences.AreRightOrWrong ? PairedProportions.Tango(paired.OnlyCandidate, paired.OnlyBaseline, paired.Count, 1 - 2 * Alpha).Low : differences.Mean.Interval(-1, 1, 1 - 2 * Alpha).Low;
        return new ComparedPair(differences.Row, paired, FindDetectable(differences, paired), differences.Error, lower);
    }

    private static double? FindDetectable(RowDifferences differences, PairedComparison paired)
    {
        double freedom = differences.AreRightOrWrong ? double.PositiveInfinity : differences.Error.Freedom;
        double normal = (Student.CentralQuantile(Interval.DefaultLevel, freedom) + Student.CentralQuantile(2 * Power - 1, freedom)) * differences.Mean.StandardError * differences.DesignEffect;
        if (!differences.AreRightOrWrong) return normal <= 1 ? normal : null;
        double losing = (double)Math.Min(paired.OnlyBaseline, paired.OnlyCandidate) / paired.Count;
        return PairedPower.ExactlyDetectable(losing, paired.Count, PairedComparison.Significance, Power) is { } exact ? Math.Min(1, Math.Max(normal, exact)) : null;
    }
}
