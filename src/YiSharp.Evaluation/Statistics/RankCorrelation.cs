using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>How far two lists of numbers have the same order.</summary>
/// <param name="KendallTauB">(concordant − discordant pairs) / √((pairs − ties in x) (pairs − ties in y)) (Kendall 1945); null where x or y is constant or has fewer than two values.</param>
/// <param name="Spearman">Pearson's correlation of the ranks, ties sharing the mean of theirs; null where tau is.</param>
public readonly record struct RankCorrelation(double? KendallTauB, double? Spearman)
{
    /// <summary>Compares two lists, [count] each.</summary>
    /// <param name="x">The first.</param>
    /// <param name="y">The second.</param>
    /// <exception cref="ArgumentException">The lists have different lengths.</exception>
    public static RankCorrelation Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"Rank correlation needs pairs; found {x.Length} and {Sizes.Of(y.Length, "value", "values")}.", nameof(y));
        long n = x.Length, pairs = n * (n - 1) / 2;
        double[] ranksX = Ranks.Of(x), ranksY = Ranks.Of(y);
        long tiesX = TiedPairs(ranksX), tiesY = TiedPairs(ranksY);
        if (pairs == tiesX || pairs == tiesY) return new RankCorrelation(null, null);
        return new RankCorrelation(Tau(ranksX, ranksY, pairs, tiesX, tiesY), PairedDifference.Pearson(ranksX, ranksY));
    }

    /// <summary>Knight 1966: sorted by x, the discordant pairs are the inversions of y, counted while merging.</summary>
    private static double Tau(double[] x, double[] y, long pairs, long tiesX, long tiesY)
    {
        int[] order = [.. Enumerable.Range(0, x.Length)];
        Array.Sort(order, (i, j) => x[i] != x[j] ? x[i].CompareTo(x[j]) : y[i].CompareTo(y[j]));
        long tiesBoth = 0;
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from + 1; to < order.Length && x[order[to]] == x[order[from]] && y[order[to]] == y[order[from]];) to++;
            tiesBoth += PairsOf(to - from);
        }
        double[] sorted = [.. order.Select(i => y[i])];
        long discordant = Inversions(sorted, new double[sorted.Length]);
        long concordant = pairs - tiesX - tiesY + tiesBoth - discordant;
        return Math.Clamp((concordant - discordant) / Math.Sqrt((double)(pairs - tiesX) * (pairs - tiesY)), -1, 1);
    }

    private static long TiedPairs(double[] ranks) => ranks.GroupBy(rank => rank).Sum(group => PairsOf(group.Count()));

    private static long PairsOf(long count) => count * (count - 1) / 2;

    private static long Inversions(Span<double> values, Span<double> merged)
    {
        if (values.Length < 2) return 0;
        int half = values.Length / 2;
        long count = Inversions(values[..half], merged[..half]) + Inversions(values[half..], merged[half..]);
        for (int i = 0, left = 0, right = half; i < values.Length; i++)
        {
            bool takesLeft = right == values.Length || (left < half && values[left] <= values[right]);
            if (!takesLeft) count += half - left;
            merged[i] = values[takesLeft ? left++ : right++];
        }
        merged.CopyTo(values);
        return count;
    }
}
