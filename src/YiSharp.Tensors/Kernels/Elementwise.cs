using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Sums over elements that backward steps and the optimizer need.</summary>
internal static class Elementwise
{
    /// <summary>to[i] (+)= scale · x[i].</summary>
    public static void ScaleInto(ReadOnlySpan<float> x, float scale, Span<float> to, bool accumulate)
    {
        ref float from = ref MemoryMarshal.GetReference(x), target = ref MemoryMarshal.GetReference(to[..x.Length]);
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            Vector256<float> v = Vector256.LoadUnsafe(ref from, (nuint)i) * scale;
            if (accumulate) v += Vector256.LoadUnsafe(ref target, (nuint)i);
            v.StoreUnsafe(ref target, (nuint)i);
        }
        for (; i < x.Length; i++) to[i] = accumulate ? to[i] + x[i] * scale : x[i] * scale;
    }

    /// <summary>Σ x[i] · y[i].</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ref float a = ref MemoryMarshal.GetReference(x), b = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector256<float> sums = default;
        float sum = 0;
        int i = 0;
        for (; i <= x.Length - 8; i += 8) sums = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i), Vector256.LoadUnsafe(ref b, (nuint)i), sums);
        for (; i < x.Length; i++) sum += x[i] * y[i];
        return sum + Vector256.Sum(sums);
    }

    /// <summary>slopes[i] ← scale · p[i] · (slopes[i] − mean).</summary>
    public static void SoftmaxBackward(ReadOnlySpan<float> p, Span<float> slopes, float mean, float scale)
    {
        ref float a = ref MemoryMarshal.GetReference(p), to = ref MemoryMarshal.GetReference(slopes[..p.Length]);
        int i = 0;
        for (; i <= p.Length - 8; i += 8)
        {
            ((Vector256.LoadUnsafe(ref to, (nuint)i) - Vector256.Create(mean)) * Vector256.LoadUnsafe(ref a, (nuint)i) * scale).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < p.Length; i++) slopes[i] = (slopes[i] - mean) * p[i] * scale;
    }

    /// <summary>Σ x², in double precision.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> x)
    {
        ref float at = ref MemoryMarshal.GetReference(x);
        Vector256<double> sums = default;
        int i = 0;
        for (; i <= x.Length - 4; i += 4)
        {
            Vector256<double> v = Widen(ref at, i);
            sums += v * v;
        }
        double sum = Vector256.Sum(sums);
        for (; i < x.Length; i++) sum += (double)x[i] * x[i];
        return sum;
    }

    private static Vector256<double> Widen(ref float at, int i)
    {
        Vector128<float> four = Vector128.LoadUnsafe(ref at, (nuint)i);
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(four);
        return Vector256.Create(low, high);
    }
}
