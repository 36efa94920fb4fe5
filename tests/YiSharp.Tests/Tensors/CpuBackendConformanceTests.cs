using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class CpuBackendF32ConformanceTests : BackendConformanceTests
{
    protected override IBackend Create() => new CpuBackend(new CpuOptions { Precision = Precision.F32, Threads = 2 });

    protected override double LinearTolerance(WeightFormat format) => Tolerance.SinglePrecision;

    protected override double AttentionTolerance => Tolerance.SinglePrecision;
}

public class CpuBackendDefaultConformanceTests : BackendConformanceTests
{
    protected override IBackend Create() => new CpuBackend(new CpuOptions { Precision = Precision.Default, Threads = 3 });

    protected override double AttentionTolerance => Tolerance.HalfKeysAndValues;

    protected override double LinearTolerance(WeightFormat format) => format.Affine?.CodeBits switch
    {
        8 => Tolerance.SixteenBitActivations,
        4 => Tolerance.EightBitActivations,
        _ => Tolerance.SinglePrecision,
    };
}

public sealed class CpuBackendSmallCacheConformanceTests : CpuBackendDefaultConformanceTests
{
    protected override IBackend Create() => new CpuBackend(new CpuOptions { KvCache = KvCacheFormat.Q8, Threads = 2 });

    protected override double AttentionTolerance => Tolerance.EightBitKeysAndValues;
}

public sealed class BackendTests
{
    [Fact]
    public void Every_backend_of_the_product_is_held_to_the_conformance_tests()
    {
        Type[] backends = [.. typeof(IBackend).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBackend)))];
        Assert.Equal([typeof(CpuBackend), typeof(TimingBackend)], backends.OrderBy(type => type.Name));
        Assert.Equal(4, typeof(BackendTests).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(BackendConformanceTests))));
    }
}
