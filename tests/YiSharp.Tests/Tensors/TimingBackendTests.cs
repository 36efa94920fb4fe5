using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

/// <summary>Whatever it wraps computes the same, timed or not.</summary>
public sealed class TimingBackendTests : BackendConformanceTests, IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2, Precision = Precision.F32 });

    protected override IBackend Create() => new TimingBackend(_cpu) { Times = new OperationTimes() };

    protected override double AttentionTolerance => Tolerance.SinglePrecision;

    protected override double LinearTolerance(WeightFormat format) => Tolerance.SinglePrecision;

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void A_linear_has_its_modules_name_and_its_operations_and_bytes()
    {
        using var backend = new TimingBackend(_cpu) { Times = new OperationTimes() };
        Weight up = backend.Load(WeightData.FromFloats("model.layers.3.mlp.up_proj.weight", 5, 7, new float[35]));
        using Tensor x = Tensor(backend, 3, 7, new float[21]);
        for (int i = 0; i < 2; i++) backend.Linear(x, up).Dispose();
        Assert.Equal(["embedding", "up_proj"], backend.Times.All.Select(time => time.Name));
        OperationTime time = backend.Times.All[1];
        Assert.Equal((2, 2 * 2.0 * 3 * 5 * 7, 2.0 * 35 * sizeof(float)), (time.CallCount, time.Operations, time.WeightBytes));
        Assert.True(time.Seconds > 0);

        OperationTimes untouched = backend.Times;
        backend.Times = null;
        backend.Linear(x, up).Dispose();
        Assert.Equal(2, untouched.All[1].CallCount);
    }

    [Fact]
    public void It_stops_before_the_next_operation()
    {
        using var source = new CancellationTokenSource();
        using var backend = new TimingBackend(_cpu, source.Token);
        using Tensor x = Tensor(backend, 1, 4, new float[4]);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => backend.SelectRows(x, [0]));
    }
}
