using YiSharp.Inference;

namespace YiSharp.Tests.Inference;

public sealed class SamplerTests
{
    private static readonly float[] s_logits = [1f, 3f, 2.5f, -1f, 0f, 2f];

    [Fact]
    public void Temperature_0_takes_the_first_of_the_highest() =>
        Assert.Equal(1, new Sampler(SamplingOptions.Greedy, 4).Sample([0f, 2f, 2f, 1f]));

    [Fact]
    public void A_seed_repeats_and_another_differs()
    {
        var options = new SamplingOptions { Temperature = 1, Seed = 5 };
        Assert.Equal(Draw(options, 200), Draw(options, 200));
        Assert.NotEqual(Draw(options, 200), Draw(options with { Seed = 6 }, 200));
    }

    [Fact]
    public void Without_a_seed_one_is_drawn_and_told()
    {
        var first = new Sampler(new SamplingOptions { Temperature = 1 }, 6);
        var second = new Sampler(new SamplingOptions { Temperature = 1 }, 6);
        Assert.NotEqual(first.Seed, second.Seed);
        Assert.Equal(Draw(new SamplingOptions { Temperature = 1, Seed = first.Seed }, 50), Enumerable.Range(0, 50).Select(_ => first.Sample([.. s_logits])));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.7)]
    [InlineData(2.5)]
    public void Frequencies_follow_softmax_at_the_temperature(double temperature)
    {
        const int Count = 40_000;
        double[] expected = Softmax(temperature, _ => true);
        double[] actual = Frequencies(new SamplingOptions { Temperature = temperature, Seed = 11 }, Count);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 0.015);
    }

    /// <summary>The order by likelihood is 1, 2, 5, 0, 4, 3.</summary>
    [Theory]
    [InlineData(1, 1.0, 0.0, new[] { 1 })]
    [InlineData(3, 1.0, 0.0, new[] { 1, 2, 5 })]
    [InlineData(6, 1.0, 0.0, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(0, 0.4, 0.0, new[] { 1 })]
    [InlineData(0, 0.5, 0.0, new[] { 1, 2 })]
    [InlineData(0, 1.0, 0.5, new[] { 1, 2 })]
    [InlineData(0, 1.0, 1.0, new[] { 1 })]
    [InlineData(3, 0.6, 0.0, new[] { 1, 2 })]
    [InlineData(4, 1.0, 0.3, new[] { 1, 2, 5 })]
    public void Cuts_leave_the_likeliest_in_their_proportions(int topK, double topP, double minP, int[] staying)
    {
        double[] expected = Softmax(1, staying.Contains);
        double[] actual = Frequencies(new SamplingOptions { Temperature = 1, TopK = topK, TopP = topP, MinP = minP, Seed = 3 }, 20_000);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 0.02);
            if (!staying.Contains(i)) Assert.Equal(0, actual[i]);
        }
    }

    [Fact]
    public void Cuts_agree_with_sorting_on_random_logits()
    {
        var noise = new Noise(9);
        for (int round = 0; round < 200; round++)
        {
            int size = 1 + noise.Below(60);
            float[] logits = noise.Normals(size, 2);
            int topK = 1 + noise.Below(size);
            HashSet<int> likeliest = [.. Enumerable.Range(0, size).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(topK)];
            var sampler = new Sampler(new SamplingOptions { Temperature = 5, TopK = topK, Seed = (ulong)round }, size);
            for (int i = 0; i < 30; i++) Assert.Contains(sampler.Sample([.. logits]), likeliest);
        }
    }

    [Fact]
    public void The_repetition_penalty_divides_positive_and_multiplies_negative_logits_once()
    {
        var sampler = new Sampler(new SamplingOptions { RepetitionPenalty = 2 }, 4);
        sampler.Observe([0, 0, 2]);
        float[] logits = [3f, 1.4f, -1f, -1.5f];
        Assert.Equal(0, sampler.Sample(logits));
        Assert.Equal([1.5f, 1.4f, -2f, -1.5f], logits);

        sampler.Observe([1]);
        Assert.Equal(0, sampler.Sample([2.9f, 2.7f, -1f, -1f]));
        sampler.Forget();
        Assert.Equal(1, sampler.Sample([1f, 1.1f, 0f, 0f]));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Logits_that_are_no_numbers_are_refused(double temperature) =>
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => new Sampler(new SamplingOptions { Temperature = temperature }, 2).Sample([float.NaN, float.NaN])).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        var options = new SamplingOptions { Temperature = -1, TopK = -2, TopP = 0, MinP = 1.5, RepetitionPenalty = double.NaN };
        string message = Assert.Throws<ArgumentException>(options.Validate).Message;
        foreach (string name in new[] { "temperature is -1", "top_k is -2", "top_p is 0", "min_p is 1.5", "repetition_penalty is NaN" }) Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0.8, TopK = 40, TopP = 0.9, MinP = 0.02, RepetitionPenalty = 1.1, Seed = 1 }, 5000);
        float[] logits = new Noise(2).Normals(5000, 3), work = new float[5000];
        for (int i = 0; i < 200; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            logits.CopyTo(work, 0);
            int id = sampler.Sample(work);
            sampler.Observe(new ReadOnlySpan<int>(in id));
        }
    }

    private static int[] Draw(SamplingOptions options, int count)
    {
        var sampler = new Sampler(options, s_logits.Length);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Sample([.. s_logits]))];
    }

    private static double[] Frequencies(SamplingOptions options, int count)
    {
        var frequencies = new double[s_logits.Length];
        foreach (int id in Draw(options, count)) frequencies[id] += 1.0 / count;
        return frequencies;
    }

    private static double[] Softmax(double temperature, Func<int, bool> stays)
    {
        double[] masses = [.. s_logits.Select((logit, i) => stays(i) ? Math.Exp(logit / temperature) : 0)];
        return [.. masses.Select(m => m / masses.Sum())];
    }
}
