using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

public sealed class PairedComparisonTests
{
    private static Sample[] Samples(string task, params int[] correct) =>
        [.. correct.Select((c, item) => new Sample(task, item, [new ChatMessage("user", $"q{item}")], "a", new Response("x", FinishReason.Stop), new Prediction("x", "r", c == 1)))];

    private static Sample[] Samples(string task, int count, int correct) => Samples(task, [.. Enumerable.Range(0, count).Select(i => i < correct ? 1 : 0)]);

    [Fact]
    public void A_large_difference_is_said_and_a_small_one_cannot_be_told_apart()
    {
        Sample[] before = [.. Samples("labels", 40, 4), .. Samples("gsm8k", 20, 0)], after = [.. Samples("labels", 40, 39), .. Samples("gsm8k", 20, 1)];
        IReadOnlyList<PairedComparison> comparisons = PairedComparison.Compare("base", before, "chat", after);

        PairedComparison labels = comparisons[0], gsm8k = comparisons[1];
        Assert.Equal((0, 35, 0.875), (labels.OnlyBaseline, labels.OnlyCandidate, labels.Difference));
        Assert.Equal(PairedProportions.Tango(35, 0, 40), labels.Interval);
        Assert.Equal(Math.Pow(2, -34), labels.P, 1e-20);
        Assert.Equal(2 * labels.P, labels.AdjustedP, 1e-20); // Holm over two tasks
        Assert.False(labels.CannotTellApart);
        Assert.StartsWith("chat is better than base on labels: +87.5 points (95 % interval +", labels.Describe());
        Assert.EndsWith("p < 0.0001).", labels.Describe());

        Assert.True(gsm8k.CannotTellApart);
        Assert.Equal("chat and base cannot be told apart on gsm8k: +5.0 points (95 % interval −11.9 to +23.6; p = 1).", gsm8k.Describe());
        Assert.StartsWith("base is worse than chat on labels: −87.5 points", PairedComparison.Compare("chat", after, "base", before)[0].Describe());
    }

    [Fact]
    public void Pairs_are_matched_by_item_not_by_order()
    {
        Sample[] samples = Samples("t", 1, 0, 1, 1, 0);
        PairedComparison comparison = PairedComparison.Compare("a", samples, "b", [.. samples.Reverse()])[0];
        Assert.Equal((0, 0, 1.0), (comparison.OnlyBaseline, comparison.OnlyCandidate, comparison.P));
    }

    [Fact]
    public void Different_questions_are_refused()
    {
        Sample[] samples = Samples("t", 3, 2);
        Assert.Contains("Item 2 of t was answered by a alone", Assert.Throws<InvalidDataException>(() => PairedComparison.Compare("a", samples, "b", samples[..2])).Message);
        Assert.Contains("Item 2 of t was answered by b alone", Assert.Throws<InvalidDataException>(() => PairedComparison.Compare("a", samples[..2], "b", samples)).Message);
        Assert.Contains("twice", Assert.Throws<InvalidDataException>(() => PairedComparison.Compare("a", [.. samples, samples[0]], "b", samples)).Message);
        Sample[] other = [.. samples[..2], samples[2] with { Messages = [new ChatMessage("user", "else")] }];
        Assert.Contains("is not the same question", Assert.Throws<InvalidDataException>(() => PairedComparison.Compare("a", samples, "b", other)).Message);
    }

    [Theory]
    [InlineData(0.00004, "p < 0.0001")]
    [InlineData(0.00034, "p = 0.0003")]
    [InlineData(0.0123, "p = 0.012")]
    [InlineData(0.1234, "p = 0.12")]
    [InlineData(1, "p = 1")]
    [InlineData(0.05, "p = 0.05")]
    [InlineData(0.0504, "p = 0.0504")]
    [InlineData(0.04996, "p = 0.04996")]
    public void P_values_are_written_with_as_many_digits_as_they_carry(double p, string expected) => Assert.Equal(expected, PairedComparison.FormatP(p));

    [Theory]
    [InlineData(0.125, "+12.5")]
    [InlineData(-0.0004, "−0.04")]
    [InlineData(0.0000049, "+0.0005")]
    [InlineData(1e-17, "0.0")]
    [InlineData(0, "0.0")]
    [InlineData(-0.00096, "−0.1")]
    public void What_is_not_zero_does_not_read_as_zero(double share, string expected) => Assert.Equal(expected, PairedComparison.Points(share));
}
