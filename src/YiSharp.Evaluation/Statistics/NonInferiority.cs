namespace YiSharp.Evaluation;

/// <summary>
/// Whether a model that answered the same items is worse by less than a margin: H0 is p_new − p_old ≤ −margin, one-sided. The score test
/// (Tango 1998, Statistics in Medicine 17, 891-908; Nam 1997, Biometrics 53, 1422-1430) is the one to use: Wald's has no standard error where no pair
/// disagrees, and "passes" then at any number of items.
/// </summary>
/// <param name="Difference">(b − c) / n.</param>
/// <param name="WaldError">√((b + c)/n² − d²/n).</param>
/// <param name="WaldZ">(d + margin) / error; infinite where the error is 0.</param>
/// <param name="WaldP">One-sided.</param>
/// <param name="WaldLower">Lower end of the one-sided interval at 1 − alpha.</param>
/// <param name="ScoreZ">With the variance that is likeliest where the true difference is −margin.</param>
/// <param name="ScoreP">One-sided.</param>
/// <param name="Tango">Tango's interval at 1 − 2·alpha: its lower end lies above −margin just where the score test rejects.</param>
/// <param name="IsNonInferiorByWald">Whether <paramref name="WaldP"/> is at most alpha.</param>
/// <param name="IsNonInferior">Whether <paramref name="ScoreP"/> is at most alpha.</param>
public sealed record NonInferiority(
    double Difference, double WaldError, double WaldZ, double WaldP, double WaldLower, double ScoreZ, double ScoreP, Interval Tango, bool IsNonInferiorByWald, bool IsNonInferior)
{
    /// <summary>Tests one pair of models.</summary>
    /// <param name="onlyNew">Items that only the new model got right (b).</param>
    /// <param name="onlyOld">Items that only the old model got right (c).</param>
    /// <param name="count">All items (n), at least 1.</param>
    /// <param name="margin">Largest loss that does not matter, a share, −1 to 1; negative asks for a gain.</param>
    /// <param name="alpha">Chance of passing a model that is worse by the margin, 0 to 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count, the margin or alpha lies outside its range.</exception>
    public static NonInferiority Test(int onlyNew, int onlyOld, int count, double margin, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (margin is not (>= -1 and <= 1)) throw new ArgumentOutOfRangeException(nameof(margin), margin, "A margin is a share of the items, between −1 and 1; 0.03 is 3 points.");
        if (alpha is not (> 0 and < 0.5)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A one-sided alpha lies between 0 and 0.5; 0.025 and 0.05 are usual.");
        Interval tango = PairedProportions.Tango(onlyNew, onlyOld, count, 1 - 2 * alpha);

        double b = onlyNew, c = onlyOld, n = count, difference = (b - c) / n;
        // In whole numbers, so that no rounding gives a standard error to pairs that have none.
        double error = Math.Sqrt(Math.Max(0, n * (b + c) - (b - c) * (b - c)) / n) / n;
        double waldZ = error > 0 ? (difference + margin) / error : difference + margin > 0 ? double.PositiveInfinity : double.NegativeInfinity;
        double scoreZ = PairedProportions.Score(b, c, n, -margin);
        double waldP = Normal.UpperTail(waldZ), scoreP = Normal.UpperTail(scoreZ);
        return new NonInferiority(difference, error, waldZ, waldP, difference - Normal.UpperQuantile(alpha) * error, scoreZ, scoreP, tango, waldP <= alpha, scoreP <= alpha);
    }
}
