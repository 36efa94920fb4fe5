using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class RandomStreamTests
{
    [Fact]
    public void Numbers_are_those_of_splitmix64()
    {
        // First outputs of Vigna's splitmix64.c from 1234567.
        var random = new RandomStream(1234567);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL],
            [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()]);
    }

    [Fact]
    public void A_stream_made_from_a_state_goes_on_where_it_stood()
    {
        RandomStream random = RandomStream.For(7, "order");
        random.NextUInt64();
        var copy = new RandomStream(random.State);
        Assert.Equal(random.NextUInt64(), copy.NextUInt64());
    }

    [Fact]
    public void Streams_of_other_names_and_seeds_differ()
    {
        ulong[] first = [RandomStream.For(1, "a").NextUInt64(), RandomStream.For(1, "b").NextUInt64(), RandomStream.For(2, "a").NextUInt64()];
        Assert.Equal(3, first.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(1000)]
    public void NextBelow_is_uniform(int count)
    {
        RandomStream random = RandomStream.For(3, "uniform");
        int draws = 2000 * Math.Min(count, 10), below = 0;
        for (int i = 0; i < draws; i++)
        {
            int drawn = random.NextBelow(count);
            Assert.InRange(drawn, 0, count - 1);
            if (drawn < (count + 1) / 2) below++;
        }
        double expected = draws * ((count + 1) / 2) / (double)count;
        Assert.True(Math.Abs(below - expected) < 5 * Math.Sqrt(draws), $"{below} of {draws}, expected {expected}");
    }

    [Fact]
    public void Shuffle_gives_every_order_equally_often()
    {
        RandomStream random = RandomStream.For(5, "orders");
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < 6000; i++)
        {
            char[] items = ['a', 'b', 'c'];
            random.Shuffle<char>(items);
            counts[new string(items)] = counts.GetValueOrDefault(new string(items)) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, n => Assert.InRange(n, 850, 1150));
    }

    [Fact]
    public void Uniform_draws_stay_in_their_range()
    {
        RandomStream random = RandomStream.For(9, "range");
        for (int i = 0; i < 10000; i++)
        {
            Assert.InRange(random.NextDouble(), 0, 1);
            Assert.InRange(random.NextSigned(), -1f, 1f);
        }
    }
}
