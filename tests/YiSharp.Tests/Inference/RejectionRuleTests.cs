using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Tests.Inference;

public sealed class RejectionRuleTests
{
    private static readonly double[] s_target = [0.4, 0.3, 0.15, 0.1, 0.05, 0];

    [Theory]
    [InlineData(new[] { 0.2, 0.2, 0.2, 0.2, 0.1, 0.1 })]
    [InlineData(new[] { 0.05, 0.1, 0.15, 0.3, 0.35, 0.05 })]
    [InlineData(new[] { 0, 0, 0, 0, 0, 1.0 })]
    [InlineData(new[] { 0.4, 0.3, 0.15, 0.1, 0.05, 0 })]
    public void What_is_chosen_has_the_targets_distribution_whatever_the_draft(double[] draft)
    {
        const int Count = 40_000;
        RandomStream random = RandomStream.For(5, "test");
        var counts = new double[s_target.Length];
        int accepted = 0;
        for (int i = 0; i < Count; i++)
        {
            int proposal = RejectionRule.Draw(draft, 1, random);
            int id = RejectionRule.Choose([.. s_target], draft, proposal, random);
            counts[id]++;
            if (id == proposal) accepted++;
        }
        Assert.Equal(0, counts[5]);
        ChiSquare.RequireFit(counts, [.. s_target.Select(p => p * Count)]);
        Assert.Equal(s_target.Zip(draft, Math.Min).Sum(), accepted / (double)Count, 0.01); // as often as any rule can
    }
}
