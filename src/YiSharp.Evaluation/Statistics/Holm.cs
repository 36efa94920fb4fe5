namespace YiSharp.Evaluation;

/// <summary>Holm's step-down adjustment of p-values (Holm 1979): the chance of one false finding among all stays below the level chosen.</summary>
public static class Holm
{
    /// <summary>Adjusted p-values in the order given: for the i-th smallest of m, the largest min(1, (m − j)·p) of the j = 0 … i.</summary>
    /// <param name="p">P-values, each between 0 and 1.</param>
    /// <exception cref="ArgumentException">A p-value lies outside [0, 1].</exception>
    public static double[] Adjust(ReadOnlySpan<double> p)
    {
        double[] values = MultipleTests.Checked(p);
        int[] order = Ranks.Order(values);
        var adjusted = new double[values.Length];
        double largest = 0;
        for (int i = 0; i < order.Length; i++)
        {
            largest = Math.Max(largest, Math.Min(1, (values.Length - i) * values[order[i]]));
            adjusted[order[i]] = largest;
        }
        return adjusted;
    }
}
