using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Scores to weights that sum to 1.</summary>
internal static class Softmax
{
    /// <summary>x[i] ← e^(scale · (x[i] − max x)) / their sum, in place; scale is positive.</summary>
    public static void Forward(Span<float> x, float scale)
    {
        ref float at = ref MemoryMarshal.GetReference(x);
        float max = Max(x);
        Vector256<float> sums = default;
        float sum = 0;
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            Vector256<float> e = Exponential.Exp((Vector256.LoadUnsafe(ref at, (nuint)i) - Vector256.Create(max)) * scale);
            e.StoreUnsafe(ref at, (nuint)i);
            sums += e;
        }
        for (; i < x.Length; i++)
        {
            x[i] = Exponential.Exp((x[i] - max) * scale);
            sum += x[i];
        }
        float inverse = 1f / (sum + Vector256.Sum(sums));
        for (i = 0; i <= x.Length - 8; i += 8) (Vector256.LoadUnsafe(ref at, (nuint)i) * inverse).StoreUnsafe(ref at, (nuint)i);
        for (; i < x.Length; i++) x[i] *= inverse;
    }

    private static float Max(ReadOnlySpan<float> x)
    {
        ref float at = ref MemoryMarshal.GetReference(x);
        float max = float.NegativeInfinity;
        int i = 0;
        if (x.Length >= 8)
        {
            Vector256<float> eight = Vector256.LoadUnsafe(ref at);
            for (i = 8; i <= x.Length - 8; i += 8) eight = Vector256.MaxNative(Vector256.LoadUnsafe(ref at, (nuint)i), eight);
            for (int lane = 0; lane < 8; lane++) max = Math.Max(max, eight[lane]);
        }
        for (; i < x.Length; i++) max = Math.Max(max, x[i]);
        return max;
    }
}
