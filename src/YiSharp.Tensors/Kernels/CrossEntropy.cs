using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>−log softmax(logits)[target] of one row, and its gradient.</summary>
internal static class CrossEntropy
{
    /// <summary>
    /// −log p of the target, nats; the logits [vocab] become scale · (softmax − one at the target). The sum of exponentials is kept in double
    /// precision: in single precision it is off by about 1e-5 nats over a large vocabulary.
    /// </summary>
    public static double Row(Span<float> logits, int target, float scale)
    {
        ref float at = ref MemoryMarshal.GetReference(logits);
        float max = Max(logits), own = logits[target];
        Vector256<double> sums = default;
        double sum = 0;
        int i = 0;
        for (; i <= logits.Length - 8; i += 8)
        {
            Vector256<float> e = Exponential.Exp(Vector256.LoadUnsafe(ref at, (nuint)i) - Vector256.Create(max));
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(e);
            sums += low + high;
            e.StoreUnsafe(ref at, (nuint)i);
        }
        for (; i < logits.Length; i++)
        {
            logits[i] = Exponential.Exp(logits[i] - max);
            sum += logits[i];
        }
        sum += Vector256.Sum(sums);

        float factor = (float)(scale / sum);
        for (i = 0; i <= logits.Length - 8; i += 8) (Vector256.LoadUnsafe(ref at, (nuint)i) * factor).StoreUnsafe(ref at, (nuint)i);
        for (; i < logits.Length; i++) logits[i] *= factor;
        logits[target] -= scale;
        return Math.Log(sum) + max - own;
    }

    private static float Max(ReadOnlySpan<float> x)
    {
        ref float at = ref MemoryMarshal.GetReference(x);
        Vector256<float> eight = Vector256.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= x.Length - 8; i += 8) eight = Vector256.Max(eight, Vector256.LoadUnsafe(ref at, (nuint)i));
        float max = float.NegativeInfinity;
        for (int lane = 0; lane < 8; lane++) max = Math.Max(max, eight[lane]);
        for (; i < x.Length; i++) max = Math.Max(max, x[i]);
        return max;
    }
}
