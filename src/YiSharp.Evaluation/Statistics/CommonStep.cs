namespace YiSharp.Evaluation;

/// <summary>Decimal numbers as multiples of the largest step that all of them share.</summary>
internal static class CommonStep
{
    private const int MaxDecimals = 6;

    /// <summary>Step and multiples; null where the numbers share no step of at most six decimals or the multiples sum to more than allowed.</summary>
    /// <param name="sizes">Positive numbers, [count].</param>
    /// <param name="maxSum">Largest sum of the multiples.</param>
    public static (double Step, int[] Multiples)? Multiples(double[] sizes, double maxSum)
    {
        double total = sizes.Sum();
        for (int decimals = 0; decimals <= MaxDecimals; decimals++)
        {
            double scale = Math.Pow(10, decimals);
            if (total * scale > int.MaxValue) return null;
            if (!sizes.All(size => IsWhole(size * scale))) continue;
            int[] multiples = [.. sizes.Select(size => (int)Math.Round(size * scale))];
            int divisor = multiples.Aggregate(GreatestCommonDivisor);
            if (total * scale / divisor > maxSum) return null;
            return (divisor / scale, [.. multiples.Select(multiple => multiple / divisor)]);
        }
        return null;
    }

    private static bool IsWhole(double value) => Math.Round(value) is >= 1 and var whole && Math.Abs(value - whole) <= 1e-12 * whole;

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
