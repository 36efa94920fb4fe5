namespace YiSharp.Evaluation;

/// <summary>How much the distance of two categories counts.</summary>
public enum KappaWeights
{
    /// <summary>All disagreements alike.</summary>
    None,

    /// <summary>By the number of categories between.</summary>
    Linear,

    /// <summary>By its square.</summary>
    Quadratic,
}

/// <summary>
/// Agreement of two raters beyond chance (Cohen 1960; with weights Cohen 1968): 1 − Σ w·observed / Σ w·expected, expected from the raters' own shares.
/// </summary>
public static class CohenKappa
{
    /// <summary>The kappa of ratings, [count] each; null where both raters used one and the same category, or rated nothing.</summary>
    /// <param name="a">Categories of the first rater, 0 … <paramref name="categoryCount"/> − 1, in the order in which they are ranked.</param>
    /// <param name="b">Categories of the second rater.</param>
    /// <param name="categoryCount">Number of categories; those between which distances count are those that occur.</param>
    /// <param name="weights">What distances count.</param>
    /// <exception cref="ArgumentException">The lists have different lengths.</exception>
    public static double? Of(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int categoryCount, KappaWeights weights = KappaWeights.None)
    {
        RequirePairs(a, b);
        (long[] countsA, long[] countsB) = (Counts(a, categoryCount), Counts(b, categoryCount));
        double observed = 0;
        for (int i = 0; i < a.Length; i++) observed += Distance(a[i], b[i], weights);
        double expected = ExpectedDistance(countsA, countsB, weights) / a.Length;
        return a.Length == 0 || expected == 0 ? null : 1 - observed / expected;
    }

    /// <summary>Share of items rated alike, and the share expected by chance; null without items.</summary>
    /// <inheritdoc cref="Of"/>
    public static (double Observed, double Expected)? Agreement(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int categoryCount)
    {
        RequirePairs(a, b);
        if (a.Length == 0) return null;
        (long[] countsA, long[] countsB) = (Counts(a, categoryCount), Counts(b, categoryCount));
        double same = 0, chance = 0, n = a.Length;
        for (int i = 0; i < a.Length; i++) same += a[i] == b[i] ? 1 : 0;
        for (int c = 0; c < categoryCount; c++) chance += (double)countsA[c] * countsB[c];
        return (same / n, chance / (n * n));
    }

    private static void RequirePairs(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"Two raters' agreement needs a rating of each for every item; found {a.Length} and {b.Length}.", nameof(b));
    }

    private static long[] Counts(ReadOnlySpan<int> ratings, int categoryCount)
    {
        var counts = new long[categoryCount];
        foreach (int category in ratings) counts[category]++;
        return counts;
    }

    private static double Distance(double i, double j, KappaWeights weights) => weights switch
    {
        KappaWeights.Linear => Math.Abs(i - j),
        KappaWeights.Quadratic => (i - j) * (i - j),
        _ => i == j ? 0 : 1,
    };

    /// <summary>Σ_ij a_i b_j · distance(i, j), in one pass over the categories.</summary>
    private static double ExpectedDistance(long[] a, long[] b, KappaWeights weights)
    {
        double sum = 0, totalA = 0, totalB = 0, momentA = 0, momentB = 0, squareA = 0, squareB = 0;
        for (int c = 0; c < a.Length; c++)
        {
            // The lower categories' distances to this one, from their counts and moments.
            double step = c, own = a[c], other = b[c];
            sum += weights switch
            {
                KappaWeights.Linear => own * (step * totalB - momentB) + other * (step * totalA - momentA),
                KappaWeights.Quadratic => own * (step * step * totalB - 2 * step * momentB + squareB) + other * (step * step * totalA - 2 * step * momentA + squareA),
                _ => own * totalB + other * totalA,
            };
            (totalA, totalB) = (totalA + own, totalB + other);
            (momentA, momentB) = (momentA + step * own, momentB + step * other);
            (squareA, squareB) = (squareA + step * step * own, squareB + step * step * other);
        }
        return sum;
    }
}
