using YiSharp.Inference;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Inference;

public sealed class ScorerTests
{
    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 256)]
    [InlineData(70, 256)]
    [InlineData(70, 16)]
    [InlineData(70, 1)]
    public void Log_probabilities_are_those_of_one_whole_pass(int count, int prefillTokens)
    {
        using var toy = new ToyEngine(new EngineOptions { PrefillTokens = prefillTokens });
        using var scorer = new Scorer(toy.Model, toy.Backend, toy.Engine);
        int[] ids = ToyEngine.Ids(count);
        double[] actual = scorer.Score(ids);
        Assert.Equal(count - 1, actual.Length);

        float[] logits = ToyModel.Logits(toy.Model, toy.Backend, ids);
        for (int i = 0; i < actual.Length; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * ToyEngine.VocabSize, ToyEngine.VocabSize);
            double sum = 0;
            foreach (float logit in row) sum += Math.Exp((double)logit);
            Assert.Equal(row[ids[i + 1]] - Math.Log(sum), actual[i], 1e-9);
        }
    }

    [Fact]
    public void A_continuation_is_the_sum_of_its_part_and_greedy_only_if_each_id_is_the_likeliest()
    {
        using var toy = new ToyEngine(new EngineOptions { PrefillTokens = 8 });
        using var scorer = new Scorer(toy.Model, toy.Backend, toy.Engine);
        int[] context = ToyEngine.Ids(21);
        int[] likeliest = toy.Engine.Generate(new GenerationRequest { Ids = context, MaxNewTokens = 10 }).Ids;
        int[] other = [.. likeliest[..9], (likeliest[9] + 1) % ToyEngine.VocabSize];

        foreach ((int[] continuation, bool isGreedy) in new[] { (likeliest, true), (other, false), (likeliest[..1], true) })
        {
            using var fresh = new Scorer(toy.Model, toy.Backend, toy.Engine);
            ContinuationScore score = scorer.Score(context, continuation);
            Assert.Equal(fresh.Score([.. context, .. continuation])[(context.Length - 1)..].Sum(), score.LogProb, 1e-9);
            Assert.Equal((continuation.Length, isGreedy), (score.TokenCount, score.IsGreedy));
        }
        Assert.Equal(new ContinuationScore(0, 0, true), scorer.Score(context, []));
    }

    [Fact]
    public void What_was_scored_before_changes_nothing()
    {
        using var toy = new ToyEngine();
        using var scorer = new Scorer(toy.Model, toy.Backend, toy.Engine);
        int[] ids = ToyEngine.Ids(40);
        double[] first = scorer.Score(ids);
        scorer.Score(ids[..20], [5, 6, 7]);
        scorer.Score(ToyEngine.Ids(30, seed: 8));
        scorer.Score(ids[..39], ids[39..]);
        Assert.Equal(first, scorer.Score(ids));
    }

    [Fact]
    public void Ids_that_do_not_hold_are_refused()
    {
        using var toy = new ToyEngine(new EngineOptions { MaxTokens = 10 });
        using var scorer = new Scorer(toy.Model, toy.Backend, toy.Engine);
        Assert.Contains("12 tokens", Assert.Throws<ArgumentException>(() => scorer.Score(ToyEngine.Ids(12))).Message, StringComparison.Ordinal);
        Assert.Contains("id 999", Assert.Throws<ArgumentException>(() => scorer.Score([1, 999])).Message, StringComparison.Ordinal);
        Assert.Contains("no ids", Assert.Throws<ArgumentException>(() => scorer.Score([], [1])).Message, StringComparison.Ordinal);
        Assert.Equal(10, scorer.Score(ToyEngine.Ids(11)).Length);
    }
}
