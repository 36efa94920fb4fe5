using YiSharp.Endpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Evaluation;

public sealed class EndpointsPacerTests
{
    private readonly EndpointsSkippingClock _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    [InlineData(6000)]
    public async Task No_minute_sees_more_requests_than_allowed(int limit)
    {
        var pacer = new RequestPacer(limit, _clock);
        var sent = new List<TimeSpan>();
        for (int i = 0; i < 3 * Math.Min(limit, 100) + 2; i++)
        {
            await pacer.WaitAsync(CancellationToken.None);
            sent.Add(_clock.Now);
        }
        Assert.Equal(TimeSpan.Zero, sent[0]);
        foreach (TimeSpan start in sent) Assert.InRange(sent.Count(time => time >= start && time < start + TimeSpan.FromMinutes(1)), 0, limit);
        Assert.InRange(sent[^1].TotalMinutes, (sent.Count - 1.0) / limit, (sent.Count - 1.0) / limit * 1.2 + 0.001); // and wastes little of it
    }

    [Fact]
    public async Task Those_who_wait_together_leave_one_by_one()
    {
        var pacer = new RequestPacer(60, _clock);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => pacer.WaitAsync(CancellationToken.None))));
        Assert.True(_clock.Now >= TimeSpan.FromSeconds(19));
    }

    [Fact]
    public async Task Without_a_limit_nobody_waits_except_for_a_pause()
    {
        var pacer = new RequestPacer(null, _clock);
        await pacer.WaitAsync(CancellationToken.None);
        Assert.Empty(_clock.Waits);
        pacer.Pause(TimeSpan.FromSeconds(5));
        pacer.Pause(TimeSpan.FromSeconds(2));
        await pacer.WaitAsync(CancellationToken.None);
        Assert.Equal(TimeSpan.FromSeconds(5), _clock.Now);
    }

    [Fact]
    public void Delays_are_uniform_below_a_bound_that_doubles_up_to_a_minute()
    {
        RandomStream random = RandomStream.For(1, "delays");
        double[] bounds = [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60];
        for (int attempts = 1; attempts <= bounds.Length; attempts++)
        {
            double[] delays = [.. Enumerable.Range(0, 500).Select(_ => RetryDelay.Draw(attempts, random).TotalSeconds / bounds[attempts - 1])];
            Assert.All(delays, delay => Assert.InRange(delay, 0, 1));
            Assert.InRange(delays.Average(), 0.45, 0.55);
            Assert.True(delays.Min() < 0.05 && delays.Max() > 0.95);
        }
        Assert.InRange(RetryDelay.Draw(5000, random), TimeSpan.FromMilliseconds(1), RetryDelay.Longest);
        Assert.All(Enumerable.Range(0, 5000), _ => Assert.True(RetryDelay.Draw(1, random) >= TimeSpan.FromMilliseconds(1))); // less is no wait at all to a timer
    }

    [Fact]
    public void Milliseconds_go_before_seconds()
    {
        DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(0.25), RetryDelay.Asked("250", "9", now));
        Assert.Equal(TimeSpan.FromSeconds(1.5), RetryDelay.Asked(null, "1.5", now));
        Assert.Null(RetryDelay.Asked("", "", now));
        Assert.Null(RetryDelay.Asked(null, null, now));
    }
}
