using YiSharp.Tensors;

namespace YiSharp.Benchmarks;

/// <summary>Activations to compute with.</summary>
internal static class Noise
{
    /// <summary>[rows, columns] of numbers in [-1, 1), the same in every run.</summary>
    public static Tensor Tensor(CpuBackend backend, int rows, int columns)
    {
        RandomStream random = RandomStream.For(1, "activations");
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextSigned();
        return backend.CreateTensor(rows, columns, values);
    }
}
