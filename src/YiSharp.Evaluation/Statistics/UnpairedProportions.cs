namespace YiSharp.Evaluation;

/// <summary>
/// Two shares of right answers of which only the totals are known, as in a published table. Nothing is known of the single items, so the two are
/// taken as independent; a paired test (<see cref="McNemar"/>, <see cref="PairedProportions"/>) of the same data would be sharper.
/// </summary>
/// <param name="Z">(p₁ − p₂) / √(p₁(1−p₁)/n + p₂(1−p₂)/n); infinite where the shares are 0 and 1, null where they are equal and both 0 or 1.</param>
/// <param name="P">Two-sided, normal; null where <paramref name="Z"/> is.</param>
/// <param name="FirstStandardError">√(p₁(1−p₁)/n), a share.</param>
public sealed record UnpairedProportions(double? Z, double? P, double FirstStandardError)
{
    /// <summary>Compares two shares of the same number of items.</summary>
    /// <param name="first">Share of right answers of the first, 0 to 1.</param>
    /// <param name="second">Share of right answers of the second, 0 to 1.</param>
    /// <param name="count">Items that each answered, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A share lies outside [0, 1], or there are no items.</exception>
    public static UnpairedProportions Of(double first, double second, int count)
    {
        RequireShare(first, nameof(first));
        RequireShare(second, nameof(second));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        double firstVariance = first * (1 - first) / count;
        double error = Math.Sqrt(firstVariance + second * (1 - second) / count);
        double difference = first - second;
        double? z = error > 0 ? difference / error : difference == 0 ? null : double.CopySign(double.PositiveInfinity, difference);
        return new UnpairedProportions(z, z is { } value ? Normal.TwoSidedTail(value) : null, Math.Sqrt(firstVariance));
    }

    private static void RequireShare(double share, string name)
    {
        if (share is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(name, share, "A share of right answers lies between 0 and 1.");
    }
}
