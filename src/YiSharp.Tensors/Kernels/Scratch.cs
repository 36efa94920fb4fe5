namespace YiSharp.Tensors.Kernels;

/// <summary>Temporary memory of each thread, kept from one operation to the next.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static TensorMemory? s_memory;

    /// <summary>At least <paramref name="count"/> floats, 64-byte aligned, with arbitrary contents; the next call on this thread reuses them.</summary>
    public static float* Floats(long count)
    {
        long bytes = count * sizeof(float);
        if (s_memory is null || s_memory.LengthBytes < bytes)
        {
            s_memory?.Dispose();
            s_memory = TensorMemory.Allocate(Math.Max(bytes, 1 << 16) * 5 / 4);
        }
        return (float*)s_memory.Pointer;
    }
}
