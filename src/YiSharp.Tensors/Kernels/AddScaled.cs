using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Residual and adapter sums.</summary>
internal static class AddScaled
{
    /// <summary>y[i] = x[i] + scale · addend[i]; all of the same length.</summary>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> addend, float scale, Span<float> y)
    {
        ref float a = ref MemoryMarshal.GetReference(x);
        ref float b = ref MemoryMarshal.GetReference(addend[..x.Length]);
        ref float to = ref MemoryMarshal.GetReference(y[..x.Length]);
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            (Vector256.LoadUnsafe(ref a, (nuint)i) + Vector256.LoadUnsafe(ref b, (nuint)i) * scale).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < x.Length; i++) y[i] = x[i] + addend[i] * scale;
    }
}
