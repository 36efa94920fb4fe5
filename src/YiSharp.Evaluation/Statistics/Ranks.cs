namespace YiSharp.Evaluation;

/// <summary>Ranks from 1 on; equal values share the mean of theirs.</summary>
internal static class Ranks
{
    /// <summary>The rank of each value, in the order given, [count].</summary>
    public static double[] Of(ReadOnlySpan<double> values)
    {
        int[] order = Order(values);
        var ranks = new double[order.Length];
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from + 1; to < order.Length && values[order[to]] == values[order[from]];) to++;
            for (int i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2.0;
        }
        return ranks;
    }

    /// <summary>The indices of the values from the smallest to the largest, equal ones in any order, [count].</summary>
    public static int[] Order(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        return order;
    }
}
