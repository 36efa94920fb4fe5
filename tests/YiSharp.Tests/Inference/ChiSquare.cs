namespace YiSharp.Tests.Inference;

/// <summary>Pearson's test of counts against what was expected.</summary>
internal static class ChiSquare
{
    /// <summary>Fails where the counts are four standard deviations of the statistic further from what was expected than chance would have them.</summary>
    /// <param name="counts">How often each outcome came.</param>
    /// <param name="expected">How often it should; those below five are taken together.</param>
    public static void RequireFit(ReadOnlySpan<double> counts, ReadOnlySpan<double> expected)
    {
        double statistic = 0, rareCount = 0, rareExpected = 0;
        int cells = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (expected[i] < 5)
            {
                (rareCount, rareExpected) = (rareCount + counts[i], rareExpected + expected[i]);
                continue;
            }
            statistic += Square(counts[i] - expected[i]) / expected[i];
            cells++;
        }
        if (rareExpected >= 5)
        {
            statistic += Square(rareCount - rareExpected) / rareExpected;
            cells++;
        }
        Assert.True(cells >= 2);
        int freedom = cells - 1;
        Assert.True(statistic < freedom + 4 * Math.Sqrt(2.0 * freedom), $"chi-square {statistic} at {freedom} degrees of freedom");
    }

    private static double Square(double x) => x * x;
}
