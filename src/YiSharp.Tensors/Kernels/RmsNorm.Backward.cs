using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Backward of y = x · r · gain with r = 1 / sqrt(mean(x²) + epsilon), a row at a time.</summary>
internal static class RmsNormBackward
{
    /// <summary>r of a row, [hidden].</summary>
    public static float InverseRoot(ReadOnlySpan<float> x, float epsilon)
    {
        Vector256<float> sums = default;
        float sum = 0;
        int i = 0;
        ref float at = ref MemoryMarshal.GetReference(x);
        for (; i <= x.Length - 8; i += 8)
        {
            Vector256<float> v = Vector256.LoadUnsafe(ref at, (nuint)i);
            sums = Vector256.MultiplyAddEstimate(v, v, sums);
        }
        for (; i < x.Length; i++) sum += x[i] * x[i];
        return 1f / MathF.Sqrt((sum + Vector256.Sum(sums)) / x.Length + epsilon);
    }

    /// <summary>dx[i] (+)= r · gain[i] · dy[i] − x[i] · r³ · Σⱼ dy[j] · gain[j] · x[j] / hidden; all [hidden].</summary>
    public static void Input(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> gain, float r, Span<float> dx, bool accumulate)
    {
        ref float d = ref MemoryMarshal.GetReference(dy), v = ref MemoryMarshal.GetReference(x), g = ref MemoryMarshal.GetReference(gain), to = ref MemoryMarshal.GetReference(dx);
        Vector256<float> sums = default;
        float sum = 0;
        int i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            sums = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref d, (nuint)i) * Vector256.LoadUnsafe(ref g, (nuint)i), Vector256.LoadUnsafe(ref v, (nuint)i), sums);
        }
        for (; i < x.Length; i++) sum += dy[i] * gain[i] * x[i];
        float along = (sum + Vector256.Sum(sums)) * r * r * r / x.Length;

        for (i = 0; i <= x.Length - 8; i += 8)
        {
            Vector256<float> result = Vector256.LoadUnsafe(ref d, (nuint)i) * Vector256.LoadUnsafe(ref g, (nuint)i) * r - Vector256.LoadUnsafe(ref v, (nuint)i) * along;
            if (accumulate) result += Vector256.LoadUnsafe(ref to, (nuint)i);
            result.StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < x.Length; i++)
        {
            float result = dy[i] * gain[i] * r - x[i] * along;
            dx[i] = accumulate ? dx[i] + result : result;
        }
    }

    /// <summary>dgain[i] += dy[i] · x[i] · r over some columns of a row.</summary>
    public static void Gain(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, float r, Span<float> dgain)
    {
        for (int i = 0; i < dgain.Length; i++) dgain[i] += dy[i] * x[i] * r;
    }
}
