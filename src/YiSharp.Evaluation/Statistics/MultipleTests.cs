namespace YiSharp.Evaluation;

/// <summary>
/// P-values adjusted for being several, in the order given. <see cref="Bonferroni"/>, <see cref="Holm"/> and <see cref="Hochberg"/> bound the chance
/// of any false finding, the other two the expected share of false ones among the findings.
/// </summary>
public static class MultipleTests
{
    /// <summary>min(1, m·p). Holds always; Holm's method is never worse.</summary>
    /// <param name="p">P-values, each between 0 and 1.</param>
    /// <exception cref="ArgumentException">A p-value lies outside [0, 1].</exception>
    public static double[] Bonferroni(ReadOnlySpan<double> p)
    {
        double[] values = Checked(p);
        return [.. values.Select(value => Math.Min(1, value * values.Length))];
    }

    /// <summary>Step-up with the factors of Holm (Hochberg 1988); holds for independent tests and many positively dependent ones.</summary>
    /// <inheritdoc cref="Bonferroni"/>
    public static double[] Hochberg(ReadOnlySpan<double> p) => StepUp(p, static (rank, count) => count - rank + 1);

    /// <summary>False discovery rate (Benjamini &amp; Hochberg 1995); holds for independent tests and many positively dependent ones.</summary>
    /// <inheritdoc cref="Bonferroni"/>
    public static double[] BenjaminiHochberg(ReadOnlySpan<double> p) => StepUp(p, static (rank, count) => (double)count / rank);

    /// <summary>False discovery rate under any dependence (Benjamini &amp; Yekutieli 2001): the former times 1 + 1/2 + … + 1/m.</summary>
    /// <inheritdoc cref="Bonferroni"/>
    public static double[] BenjaminiYekutieli(ReadOnlySpan<double> p)
    {
        double harmonic = 0;
        for (int i = 1; i <= p.Length; i++) harmonic += 1.0 / i;
        return StepUp(p, (rank, count) => harmonic * count / rank);
    }

    /// <summary>A copy of the p-values, all of which lie in [0, 1].</summary>
    internal static double[] Checked(ReadOnlySpan<double> p)
    {
        foreach (double value in p)
        {
            if (value is not (>= 0 and <= 1)) throw new ArgumentException($"A p-value of {value} was given; it lies between 0 and 1.", nameof(p));
        }
        return p.ToArray();
    }

    /// <summary>For the i-th smallest of m, the smallest min(1, factor(j, m)·p) of the j = i … m.</summary>
    private static double[] StepUp(ReadOnlySpan<double> p, Func<int, int, double> factor)
    {
        double[] values = Checked(p);
        int[] order = Ranks.Order(values);
        var adjusted = new double[values.Length];
        double smallest = 1;
        for (int rank = order.Length; rank >= 1; rank--)
        {
            smallest = Math.Min(smallest, factor(rank, values.Length) * values[order[rank - 1]]);
            adjusted[order[rank - 1]] = smallest;
        }
        return adjusted;
    }
}
