using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>
/// The exact paired permutation test (Fisher 1935, §21; Edgington): if the two models were alike, the sign of each item's difference could as well be the other.
/// All 2ⁿ sign changes are counted, none drawn.
/// </summary>
/// <param name="Count">Number of differences (n).</param>
/// <param name="MeanDifference">Their mean; null without any.</param>
/// <param name="Arrangements">2ⁿ; infinite beyond what a double holds.</param>
/// <param name="TwoSidedP">Share of arrangements whose sum is at least as far from 0 as the one observed.</param>
/// <param name="GreaterP">Share of arrangements whose sum is at least the one observed.</param>
public sealed record SignFlipTest(int Count, double? MeanDifference, double Arrangements, double TwoSidedP, double GreaterP)
{
    /// <summary>Most differences, zeros aside, that are counted when they share no common step: 2²⁰ sums of each half are held.</summary>
    public const int MaxUnequal = 40;

    /// <summary>Most additions for differences that are multiples of a common step, number of differences × number of steps in their sum.</summary>
    public const double MaxAdditions = 5e8;

    /// <summary>Sums that differ by less than this share of Σ|d| are equal but for rounding.</summary>
    private const double TieSlack = 1e-9;

    /// <summary>Counts the sign changes of <paramref name="differences"/>, [count].</summary>
    /// <exception cref="NotSupportedException">There are too many differences to count exactly.</exception>
    public static SignFlipTest Of(ReadOnlySpan<double> differences)
    {
        double[] sizes = [.. differences.ToArray().Select(Math.Abs).Where(size => size > 0).Order()];
        double sum = 0, total = sizes.Sum();
        foreach (double difference in differences) sum += difference;

        double slack = TieSlack * total;
        (double atLeast, double atLeastSize) = Tails(sizes, sum - slack, Math.Abs(sum) - slack);
        // The arrangements are symmetric: as many lie below −s as above s.
        double twoSided = Math.Abs(sum) <= slack ? 1 : Math.Min(1, 2 * atLeastSize);
        double? mean = differences.Length > 0 ? MeanEstimate.Average(differences) : null;
        return new SignFlipTest(differences.Length, mean, Math.Pow(2, differences.Length), twoSided, atLeast);
    }

    /// <summary>The chances of sums ≥ <paramref name="first"/> and ≥ <paramref name="second"/>.</summary>
    private static (double First, double Second) Tails(double[] sizes, double first, double second)
    {
        if (sizes.Length == 0) return (1, 1);
        if (sizes[0] == sizes[^1]) return (EqualTail(sizes.Length, first / sizes[0]), EqualTail(sizes.Length, second / sizes[0]));
        if (sizes.Length > MaxUnequal)
        {
            if (CommonStep.Multiples(sizes, MaxAdditions / sizes.Length) is (double step, int[] multiples)) return LatticeTails(multiples, first / step, second / step);
            throw new NotSupportedException($"{Sizes.Of(sizes.Length, "difference", "differences")} of unequal size have 2^{sizes.Length} sign changes; at most 2^{MaxUnequal} are counted, " +
                $"or more where differences × steps of their common unit stay below {MaxAdditions:g}. Use the paired difference or a bootstrap instead.");
        }
        double[] left = Sums(sizes.AsSpan(0, sizes.Length / 2)), right = Sums(sizes.AsSpan(sizes.Length / 2));
        double arrangements = Math.Pow(2, sizes.Length);
        return (CountPairs(left, right, first) / arrangements, CountPairs(left, right, second) / arrangements);
    }

    /// <summary>P(2·heads − n ≥ least) of n fair coins.</summary>
    private static double EqualTail(int count, double least)
    {
        double heads = Math.Ceiling((count + least) / 2);
        return Binomial.Cdf(count - heads, count, 0.5);
    }

    /// <summary>The distribution of the sum of ±multiples, one item after the other: chance[k] is that of k steps turned negative.</summary>
    private static (double First, double Second) LatticeTails(int[] multiples, double first, double second)
    {
        int total = multiples.Sum(), reach = 0;
        double[] chance = new double[total + 1], next = new double[total + 1];
        chance[0] = 1;
        foreach (int multiple in multiples)
        {
            int before = reach;
            reach += multiple;
            for (int k = 0; k <= reach; k++)
                next[k] = 0.5 * ((k <= before ? chance[k] : 0) + (k >= multiple ? chance[k - multiple] : 0));
            (chance, next) = (next, chance);
        }
        return (Tail(first), Tail(second));

        double Tail(double least)
        {
            double share = 0;
            for (int k = total; k >= 0; k--)
                if (total - 2.0 * k >= least) share += chance[k];
            return Math.Min(1, share);
        }
    }

    /// <summary>All sums of ±sizes, ascending: each size merges the list moved down with the list moved up.</summary>
    private static double[] Sums(ReadOnlySpan<double> sizes)
    {
        double[] sums = [0];
        foreach (double size in sizes)
        {
            var merged = new double[2 * sums.Length];
            for (int i = 0, down = 0, up = 0; i < merged.Length; i++)
                merged[i] = up == sums.Length || (down < sums.Length && sums[down] - size <= sums[up] + size) ? sums[down++] - size : sums[up++] + size;
            sums = merged;
        }
        return sums;
    }

    private static double CountPairs(double[] left, double[] right, double least)
    {
        long count = 0;
        int from = right.Length; // right[from…] reach the bound with this left sum
        foreach (double sum in left)
        {
            while (from > 0 && sum + right[from - 1] >= least) from--;
            count += right.Length - from;
        }
        return count;
    }
}
