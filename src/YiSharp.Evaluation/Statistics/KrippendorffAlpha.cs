namespace YiSharp.Evaluation;

/// <summary>What the difference of two ratings means.</summary>
public enum RatingScale
{
    /// <summary>Names: equal or not.</summary>
    Nominal,

    /// <summary>Ranks: how many of all ratings lie between.</summary>
    Ordinal,

    /// <summary>Numbers: the square of their difference.</summary>
    Interval,
}

/// <summary>
/// Agreement of any number of raters with gaps (Krippendorff 2011, "Computing Krippendorff's alpha-reliability"): 1 − observed / expected disagreement,
/// over the items that two raters at least have rated.
/// </summary>
public static class KrippendorffAlpha
{
    /// <summary>The alpha of <paramref name="ratings"/>; null where no item has two ratings, or all that have are rated alike.</summary>
    /// <param name="ratings">[raters][items], null where a rater has not rated an item.</param>
    /// <param name="scale">What differences mean.</param>
    /// <exception cref="ArgumentException">The raters have lists of different lengths.</exception>
    public static double? Of(IReadOnlyList<double?[]> ratings, RatingScale scale)
    {
        foreach (double?[] rater in ratings)
        {
            if (rater.Length != ratings[0].Length) throw new ArgumentException($"Every rater needs an entry for each item, null where there is no rating; found {ratings[0].Length} and {rater.Length}.", nameof(ratings));
        }
        double[][] items = [.. Enumerable.Range(0, ratings.Count == 0 ? 0 : ratings[0].Length)
            .Select(item => ratings.Where(rater => rater[item] is not null).Select(rater => rater[item]!.Value).ToArray())
            .Where(values => values.Length >= 2)];
        double[] all = [.. items.SelectMany(values => values).Order()];
        if (all.Length == 0) return null;
        if (scale == RatingScale.Ordinal)
        {
            // Σ_{g=c…k} n_g − (n_c + n_k)/2 is the difference of the mid-ranks of c and k.
            double[] ranks = Ranks.Of(all);
            items = [.. items.Select(values => values.Select(value => ranks[LowerBound(all, value)]).ToArray())];
            all = ranks;
        }
        double expected = Disagreement(all, scale) / (all.Length - 1);
        double observed = items.Sum(values => Disagreement(values, scale) / (values.Length - 1));
        return expected > 0 ? 1 - observed / expected : null;
    }

    /// <summary>Σ over all ordered pairs of the values of their squared difference, or of 1 where they differ.</summary>
    private static double Disagreement(double[] values, RatingScale scale)
    {
        double n = values.Length;
        if (scale == RatingScale.Nominal) return n * n - values.GroupBy(value => value).Sum(group => Math.Pow(group.Count(), 2));
        double mean = MeanEstimate.Average(values), squares = 0;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return 2 * n * squares;
    }

    private static int LowerBound(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
