using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class CpuBackendF32ConformanceTests : BackendConformanceTests
{
    protected override IBackend Create() => new CpuBackend(new CpuOptions { Precision = Precision.F32, Threads = 2 });

    protected override double LinearTolerance(WeightFormat format) => Tolerance.SinglePrecision;
}

public sealed class CpuBackendDefaultConformanceTests : BackendConformanceTests
{
    protected override IBackend Create() => new CpuBackend(new CpuOptions { Precision = Precision.Default, Threads = 3 });

    protected override double LinearTolerance(WeightFormat format)
    {
        if (format == WeightFormat.Q8_0) return Tolerance.SixteenBitActivations;
        return format == WeightFormat.Q4_0 || format == WeightFormat.Q4_1 ? Tolerance.EightBitActivations : Tolerance.SinglePrecision;
    }
}

public sealed class BackendTests
{
    [Fact]
    public void Every_backend_of_the_product_is_held_to_the_conformance_tests()
    {
        Type[] backends = [.. typeof(IBackend).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBackend)))];
        Assert.Equal([typeof(CpuBackend), typeof(TimingBackend)], backends.OrderBy(type => type.Name));
        Assert.Equal(3, typeof(BackendTests).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(BackendConformanceTests))));
    }
}
