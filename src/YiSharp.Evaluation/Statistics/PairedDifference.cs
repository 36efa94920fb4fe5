namespace YiSharp.Evaluation;

/// <summary>
/// The mean of a[i] − b[i] over items that both models answered. Pairing removes what the items have in common (Miller 2024, arXiv:2411.00640,
/// section 4): where both find the same items hard, <see cref="StandardError"/> is much smaller than <see cref="UnpairedStandardError"/>.
/// </summary>
/// <param name="Count">Number of pairs.</param>
/// <param name="Difference">Mean of a − b; null without pairs.</param>
/// <param name="StandardError">Of the difference, paired; null for fewer than two pairs.</param>
/// <param name="UnpairedStandardError">√(var a / n + var b / n), what ignoring the pairs would give; null for fewer than two pairs.</param>
/// <param name="Z">Difference / standard error; infinite where all pairs differ alike, null where nothing differs or too few pairs.</param>
/// <param name="P">Two-sided, normal; null where <paramref name="Z"/> is.</param>
/// <param name="Correlation">Pearson's, of a and b; null where one of them is constant.</param>
/// <param name="Interval">Difference ± z · standard error; null for fewer than two pairs.</param>
public sealed record PairedDifference(
    int Count, double? Difference, double? StandardError, double? UnpairedStandardError, double? Z, double? P, double? Correlation, Interval? Interval)
{
    /// <summary>Compares two lists of scores of the same items, [count] each, in the same order.</summary>
    /// <param name="a">Scores of the first model.</param>
    /// <param name="b">Scores of the second model.</param>
    /// <param name="level">Confidence level of the interval, between 0 and 1.</param>
    /// <exception cref="ArgumentException">The lists have different lengths.</exception>
    public static PairedDifference Of(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double level = Evaluation.Interval.DefaultLevel)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Paired scores need one of each model for every item; found {a.Length} and {b.Length}.", nameof(b));

        var differences = new double[a.Length];
        for (int i = 0; i < a.Length; i++) differences[i] = a[i] - b[i];
        MeanEstimate mean = MeanEstimate.Of(differences, level);
        if (a.Length < 2) return new PairedDifference(a.Length, mean.Mean, null, null, null, null, null, null);

        double difference = mean.Mean!.Value, error = mean.StandardError!.Value;
        double varianceA = MeanEstimate.Variance(a, MeanEstimate.Average(a)), varianceB = MeanEstimate.Variance(b, MeanEstimate.Average(b));
        double? z = error > 0 ? difference / error : difference == 0 ? null : double.CopySign(double.PositiveInfinity, difference);
        return new PairedDifference(a.Length, difference, error, Math.Sqrt((varianceA + varianceB) / a.Length), z,
            z is null ? null : Normal.TwoSidedTail(z.Value), Pearson(a, b), mean.Interval);
    }

    /// <summary>Pearson's correlation of two lists, [count] each; null where one of them is constant.</summary>
    internal static double? Pearson(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double meanA = MeanEstimate.Average(a), meanB = MeanEstimate.Average(b), squaresA = 0, squaresB = 0, products = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double fromA = a[i] - meanA, fromB = b[i] - meanB;
            squaresA += fromA * fromA;
            squaresB += fromB * fromB;
            products += fromA * fromB;
        }
        return squaresA > 0 && squaresB > 0 ? Math.Clamp(products / (Math.Sqrt(squaresA) * Math.Sqrt(squaresB)), -1, 1) : null;
    }
}
