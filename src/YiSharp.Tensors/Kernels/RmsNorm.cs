using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Root-mean-square normalization (Zhang &amp; Sennrich 2019, arXiv:1910.07467).</summary>
internal static class RmsNorm
{
    /// <summary>y[i] = x[i] / sqrt(mean(x²) + epsilon) · gain[i].</summary>
    /// <param name="x">One row of activations, [hiddenSize].</param>
    /// <param name="gain">Learned gain, [hiddenSize].</param>
    /// <param name="y">Result, [hiddenSize].</param>
    /// <param name="epsilon">Added to the mean square before the root; <c>rms_norm_eps</c> in config.json.</param>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, Span<float> y, float epsilon)
    {
        ref float from = ref MemoryMarshal.GetReference(x);
        ref float by = ref MemoryMarshal.GetReference(gain[..x.Length]);
        ref float to = ref MemoryMarshal.GetReference(y[..x.Length]);

        float scale = Scale(x, epsilon);
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            (Vector256.LoadUnsafe(ref from, (nuint)i) * scale * Vector256.LoadUnsafe(ref by, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < x.Length; i++) y[i] = x[i] * scale * gain[i];
    }

    /// <summary>1 / sqrt(mean(x²) + epsilon).</summary>
    public static float Scale(ReadOnlySpan<float> x, float epsilon) => 1f / MathF.Sqrt(SumOfSquares(x) / x.Length + epsilon);

    private static float SumOfSquares(ReadOnlySpan<float> x)
    {
        ref float from = ref MemoryMarshal.GetReference(x);
        Vector256<float> even = default, odd = default;
        int i = 0;
        for (; i <= x.Length - 16; i += 16)
        {
            Vector256<float> a = Vector256.LoadUnsafe(ref from, (nuint)i), b = Vector256.LoadUnsafe(ref from, (nuint)i + 8);
            even = Vector256.MultiplyAddEstimate(a, a, even);
            odd = Vector256.MultiplyAddEstimate(b, b, odd);
        }
        float sum = Vector256.Sum(even + odd);
        for (; i < x.Length; i++) sum += x[i] * x[i];
        return sum;
    }
}
