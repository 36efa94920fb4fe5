using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class MachineLimitsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_limit_is_a_positive_number_on_every_instruction_set(int threads)
    {
        using var parallelism = new Parallelism(threads);
        MachineLimits limits = MachineLimits.Measure(parallelism, bufferBytes: 3 << 20, TestContext.Current.CancellationToken);
        Assert.All([limits.ReadGigabytesPerSecond, limits.Int8GigaoperationsPerSecond, limits.F32GigaoperationsPerSecond], limit => Assert.True(limit > 0 && double.IsFinite(limit)));
    }

    [Fact]
    public void The_best_of_two_measurements_counts() =>
        Assert.Equal(new MachineLimits(7, 4, 5), new MachineLimits(7, 4, 2).Until(new MachineLimits(3, 3, 5)));

    [Fact]
    public void It_ends_when_it_is_asked_to()
    {
        using var parallelism = new Parallelism(1);
        Assert.Throws<OperationCanceledException>(() => MachineLimits.Measure(parallelism, 1 << 20, new CancellationToken(canceled: true)));
    }
}
