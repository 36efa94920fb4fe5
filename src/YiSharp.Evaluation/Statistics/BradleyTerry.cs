using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>
/// Strengths from pairwise votes: player i beats j with chance 1 / (1 + exp(θⱼ − θᵢ)) (Bradley &amp; Terry 1952). The likeliest θ that sum to zero, by Newton's method.
/// </summary>
/// <param name="LogStrengths">θ, [players].</param>
/// <param name="StandardErrors">Of each θ, [players].</param>
/// <param name="Covariance">Of the θ, [players][players]: the pseudo-inverse of the information, projected on sum zero.</param>
public sealed record BradleyTerry(IReadOnlyList<double> LogStrengths, IReadOnlyList<double> StandardErrors, IReadOnlyList<double[]> Covariance)
{
    /// <summary>Most players: the covariance has their number's square as entries, and a step its cube as cost.</summary>
    public const int MaxPlayers = 500;

    /// <summary>Points on the Elo scale of one unit of θ: 400 points are odds of 10.</summary>
    public const double EloPerLogStrength = 400 / Constants.Ln10;

    /// <summary>Elo rating of θ = 0.</summary>
    public const double EloCentre = 1000;

    private const int MaxSteps = 500;

    /// <summary>θ ± z · standard error, [players].</summary>
    /// <param name="level">Confidence level, between 0 and 1.</param>
    public IReadOnlyList<Interval> Intervals(double level = Interval.DefaultLevel)
    {
        double z = Normal.CentralQuantile(level);
        return [.. LogStrengths.Zip(StandardErrors, (theta, error) => new Interval(theta - z * error, theta + z * error))];
    }

    /// <summary>Fits the strengths.</summary>
    /// <param name="wins">wins[i][j]: times i beat j, a draw half a win for each; the diagonal says nothing and is passed over.</param>
    /// <param name="ridge">λ of the penalty λ/2 · Σθ², 0 for none; with it there are always estimates.</param>
    /// <returns>Null where there are no estimates: without a ridge everyone must be connected to everyone by wins, in both directions (Ford 1957).</returns>
    /// <exception cref="ArgumentException">The table is not square, or has an entry that is no count.</exception>
    /// <exception cref="NotSupportedException">There are too many players, or the steps do not come to rest.</exception>
    public static BradleyTerry? Fit(IReadOnlyList<double[]> wins, double ridge = 0)
    {
        Check(wins, ridge);
        if (ridge == 0 && !IsConnected(wins)) return null;
        Vector<double> theta = Vector<double>.Build.Dense(wins.Count);
        double value = Objective(wins, ridge, theta);
        for (int step = 0; step < MaxSteps; step++)
        {
            (Vector<double> gradient, Matrix<double> information) = Derivatives(wins, ridge, theta);
            Vector<double> direction = Regular(information).Cholesky().Solve(gradient);
            (double length, double next) = Search(wins, ridge, theta, direction, value, gradient * direction);
            theta -= length * direction;
            theta -= theta.Average();
            // Newton's error squares with each step: what is left after one this small is below rounding.
            if (length == 0 || direction.AbsoluteMaximum() <= 1e-10 * (1 + theta.AbsoluteMaximum())) return Summarize(wins, ridge, theta);
            value = next;
        }
        throw new NotSupportedException($"The strengths are not found in {MaxSteps} steps: the wins lie too far from any that have estimates. Take a larger ridge; it is {ridge}.");
    }

    /// <summary>Halves the step until the objective falls by the share of it that its slope promises (Armijo); 0 where rounding hides any fall.</summary>
    private static (double Length, double Value) Search(IReadOnlyList<double[]> wins, double ridge, Vector<double> theta, Vector<double> direction, double value, double slope)
    {
        // Near the optimum the objective's own rounding is larger than what a step gains; the full Newton step is then the better one.
        double rounding = 1e-13 * (1 + Math.Abs(value));
        for (double length = 1; length > 1e-10; length /= 2)
        {
            double next = Objective(wins, ridge, theta - length * direction);
            if (next <= value - 1e-4 * length * slope + rounding) return (length, next);
        }
        return (0, value);
    }

    /// <summary>−log likelihood + λ/2 · Σθ².</summary>
    private static double Objective(IReadOnlyList<double[]> wins, double ridge, Vector<double> theta)
    {
        double sum = ridge / 2 * (theta * theta);
        for (int i = 0; i < wins.Count; i++)
        {
            for (int j = 0; j < wins.Count; j++)
            {
                if (i == j || wins[i][j] == 0) continue;
                double margin = theta[j] - theta[i];
                sum += wins[i][j] * (Math.Max(0, margin) + SpecialFunctions.Log1p(Math.Exp(-Math.Abs(margin))));
            }
        }
        return sum;
    }

    /// <summary>Gradient and Hessian (the observed information, which is also the expected one) of the objective.</summary>
    private static (Vector<double> Gradient, Matrix<double> Information) Derivatives(IReadOnlyList<double[]> wins, double ridge, Vector<double> theta)
    {
        int n = wins.Count;
        Vector<double> gradient = ridge * theta;
        Matrix<double> information = ridge * Matrix<double>.Build.DenseIdentity(n);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double games = wins[i][j] + wins[j][i];
                if (games == 0) continue;
                // 1 − p is computed by itself: of a very likely win nothing would be left.
                double p = 1 / (1 + Math.Exp(theta[j] - theta[i])), rest = 1 / (1 + Math.Exp(theta[i] - theta[j]));
                double excess = wins[j][i] * p - wins[i][j] * rest, weight = games * p * rest;
                gradient[i] += excess;
                gradient[j] -= excess;
                information[i, i] += weight;
                information[j, j] += weight;
                information[i, j] -= weight;
                information[j, i] -= weight;
            }
        }
        return (gradient, information);
    }

    /// <summary>The information with weight on a common shift of all θ, which votes say nothing about: now it has an inverse, and no other direction has changed.</summary>
    private static Matrix<double> Regular(Matrix<double> information)
    {
        double n = information.RowCount, trace = information.Trace();
        return information + (trace > 0 ? trace : 1) / (n * n);
    }

    private static BradleyTerry Summarize(IReadOnlyList<double[]> wins, double ridge, Vector<double> theta)
    {
        int n = wins.Count;
        Matrix<double> inverse = Regular(Derivatives(wins, ridge, theta).Information).Cholesky().Solve(Matrix<double>.Build.DenseIdentity(n));
        Vector<double> means = inverse.RowSums() / n;
        double mean = means.Average();
        Matrix<double> covariance = Matrix<double>.Build.Dense(n, n, (i, j) => inverse[i, j] - means[i] - means[j] + mean);
        return new BradleyTerry(theta.ToArray(), [.. covariance.Diagonal().Select(variance => Math.Sqrt(Math.Max(0, variance)))], covariance.ToRowArrays());
    }

    private static void Check(IReadOnlyList<double[]> wins, double ridge)
    {
        if (wins.Count == 0) throw new ArgumentException("A table of wins has at least one player; found none.", nameof(wins));
        if (wins.Count > MaxPlayers) throw new NotSupportedException($"The table of wins has {Sizes.Of(wins.Count, "player", "players")}; at most {MaxPlayers} are rated together.");
        if (ridge is not (>= 0 and < 1e15)) throw new ArgumentException($"The ridge is {ridge}; a number from 0 on was expected.", nameof(ridge));
        for (int i = 0; i < wins.Count; i++)
        {
            if (wins[i].Length != wins.Count) throw new ArgumentException($"Row {i} of the table of wins has {Sizes.Of(wins[i].Length, "entry", "entries")}, and {Sizes.Of(wins.Count, "was", "were")} expected, one a player.", nameof(wins));
            int wrong = Array.FindIndex(wins[i], count => count is not (>= 0 and <= 1e15));
            if (wrong >= 0) throw new ArgumentException($"Player {i} has {wins[i][wrong]} wins over player {wrong}; a number from 0 to 1e15 was expected.", nameof(wins));
        }
    }

    /// <summary>Whether player 0 reaches everyone along wins, and everyone reaches player 0.</summary>
    private static bool IsConnected(IReadOnlyList<double[]> wins) =>
        ReachesAll(wins.Count, (i, j) => wins[i][j] > 0) && ReachesAll(wins.Count, (i, j) => wins[j][i] > 0);

    private static bool ReachesAll(int count, Func<int, int, bool> beats)
    {
        var reached = new bool[count];
        reached[0] = true;
        var pending = new Stack<int>([0]);
        while (pending.TryPop(out int player))
        {
            for (int other = 0; other < count; other++)
            {
                if (reached[other] || !beats(player, other)) continue;
                reached[other] = true;
                pending.Push(other);
            }
        }
        return reached.All(isReached => isReached);
    }
}
