using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>
/// Keeps guesses so that what is chosen has the model's distribution, whatever the guesses came from (Leviathan et al. 2023,
/// arXiv:2211.17192, Algorithm 1; Chen et al. 2023, arXiv:2302.01318).
/// </summary>
internal static class RejectionRule
{
    /// <summary>The proposal with probability min(1, target / draft); otherwise an id drawn from the positive part of target - draft.</summary>
    /// <param name="target">The model's distribution, [vocab]; changed by this.</param>
    /// <param name="draft">The distribution that the proposal was drawn from, [vocab].</param>
    /// <param name="proposal">The guessed id.</param>
    /// <param name="random">Where draws come from.</param>
    public static int Choose(Span<double> target, ReadOnlySpan<double> draft, int proposal, RandomStream random)
    {
        if (random.NextDouble() * draft[proposal] < target[proposal]) return proposal;
        double total = 0;
        for (int id = 0; id < target.Length; id++)
        {
            target[id] = Math.Max(target[id] - draft[id], 0);
            total += target[id];
        }
        return total > 0 ? Draw(target, total, random) : proposal; // two equal distributions, rounded differently
    }

    /// <summary>Draws an id.</summary>
    /// <param name="masses">Probabilities times a common factor, [vocab].</param>
    /// <param name="total">Their sum.</param>
    /// <param name="random">Where the draw comes from.</param>
    public static int Draw(ReadOnlySpan<double> masses, double total, RandomStream random)
    {
        double rest = random.NextDouble() * total;
        int last = 0;
        for (int id = 0; id < masses.Length; id++)
        {
            if (masses[id] <= 0) continue;
            last = id;
            rest -= masses[id];
            if (rest < 0) break;
        }
        return last;
    }
}
