using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>The monotone curve closest to points in weighted least squares.</summary>
public static class IsotonicFit
{
    /// <summary>Pools adjacent violators (Ayer et al. 1955; Barlow et al. 1972): fitted values, [count], in linear time.</summary>
    /// <param name="y">Values in the order of their doses, [count].</param>
    /// <param name="weights">Of each value, [count], all above 0.</param>
    /// <param name="increasing">Whether the curve may not fall; otherwise it may not rise.</param>
    /// <exception cref="ArgumentException">The lists have different lengths, or a weight is not above 0.</exception>
    public static double[] Of(ReadOnlySpan<double> y, ReadOnlySpan<double> weights, bool increasing = true)
    {
        if (y.Length != weights.Length) throw new ArgumentException($"Every value needs its weight; found {Sizes.Of(y.Length, "value", "values")} and {Sizes.Of(weights.Length, "weight", "weights")}.", nameof(weights));
        var blocks = new List<Block>(y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            if (weights[i] is not (> 0 and < double.PositiveInfinity)) throw new ArgumentException($"Weight {i} is {weights[i]}; weights are above 0.", nameof(weights));
            var block = new Block(increasing ? y[i] : -y[i], weights[i], 1);
            while (blocks.Count > 0 && blocks[^1].Value >= block.Value)
            {
                block = blocks[^1].With(block);
                blocks.RemoveAt(blocks.Count - 1);
            }
            blocks.Add(block);
        }
        return [.. blocks.SelectMany(block => Enumerable.Repeat(increasing ? block.Value : -block.Value, block.Count))];
    }

    private readonly record struct Block(double Value, double Weight, int Count)
    {
        public Block With(Block next) => new((Value * Weight + next.Value * next.Weight) / (Weight + next.Weight), Weight + next.Weight, Count + next.Count);
    }
}
