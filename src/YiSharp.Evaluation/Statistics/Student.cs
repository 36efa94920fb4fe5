namespace YiSharp.Evaluation;

/// <summary>Student's t distribution: how far a mean may lie off where its standard error is itself an estimate.</summary>
internal static class Student
{
    /// <summary>Degrees of freedom from which on the normal distribution stands for it: the quantiles agree to five digits.</summary>
    private const double NormalFrom = 1e5;

    /// <summary>t such that a share <paramref name="level"/> lies within ±t.</summary>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    /// <param name="freedom">Degrees of freedom, 1 or more.</param>
    public static double CentralQuantile(double level, double freedom)
    {
        double normal = Normal.CentralQuantile(level);
        if (freedom >= NormalFrom) return normal;
        double share = Binomial.InverseRegularizedBeta(0.5, freedom / 2, level); // of t² / (freedom + t²)
        return Math.Sqrt(freedom * share / (1 - share));
    }

    /// <summary>P(|T| ≥ |t|).</summary>
    /// <param name="t">The statistic.</param>
    /// <param name="freedom">Degrees of freedom, 1 or more.</param>
    public static double TwoSidedTail(double t, double freedom) => freedom >= NormalFrom ? Normal.TwoSidedTail(t)
        : double.IsInfinity(t) ? 0 : Binomial.RegularizedBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}
