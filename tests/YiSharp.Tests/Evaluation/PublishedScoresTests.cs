using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class PublishedScoresTests
{
    [Fact]
    public void The_table_is_whole()
    {
        Assert.Equal(12, PublishedScores.Models.Count);
        Assert.All(PublishedScores.Models, model => Assert.Equal(11, model.Scores.Count));
        Assert.All(PublishedScores.Models.SelectMany(model => model.Scores), score => Assert.InRange(score.Points, 2, 90));
        Assert.Equal(4, PublishedScores.Models.Count(model => model.QuantizedFrom is { } origin && PublishedScores.Find(origin) is not null));
        Assert.Equal(71.74, PublishedScores.Find("Yi-34B-Chat")!.Find("BBH", 3)!.Points);
        Assert.Equal(2.73, PublishedScores.Find("LLaMA2-13B-Chat")!.Find("GSM8K", 4)!.Points);
        Assert.Null(PublishedScores.Find("Yi-34B-Chat")!.Find("TruthfulQA", 5));
        Assert.Null(PublishedScores.Find("Yi-9B-Chat"));
    }

    [Fact]
    public void Four_bits_cost_points_on_some_suites_and_the_table_cannot_tell_on_others()
    {
        string[] real = [.. PublishedScores.Models.Where(model => model.QuantizedFrom is not null).SelectMany(model => model.Scores.Where(score => score.Shots == 0)
            .Where(score => UnpairedProportions.Of(PublishedScores.Find(model.QuantizedFrom!)!.Find(score.Suite.Name, 0)!.Points / 100, score.Points / 100, score.Suite.ItemCount).P < 0.05)
            .Select(score => $"{model.Name} {score.Suite.Name}"))];
        Assert.Equal(
        [
            "Yi-6B-Chat-4bits (AWQ) MMLU", "Yi-6B-Chat-4bits (AWQ) CMMLU", "Yi-6B-Chat-4bits (AWQ) BBH",
            "Yi-34B-Chat-8bits (GPTQ) MMLU", "Yi-34B-Chat-4bits (AWQ) MMLU", "Yi-34B-Chat-4bits (AWQ) BBH",
        ], real);
    }

    [Fact]
    public void Shares_without_spread_have_an_infinite_z_or_none()
    {
        Assert.Equal(double.PositiveInfinity, UnpairedProportions.Of(1, 0, 10).Z);
        Assert.Equal(0, UnpairedProportions.Of(0, 1, 10).P);
        Assert.Equal((null, null), (UnpairedProportions.Of(1, 1, 10).Z, UnpairedProportions.Of(1, 1, 10).P));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnpairedProportions.Of(double.NaN, 0.5, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnpairedProportions.Of(0.5, 0.5, 0));
    }
}
