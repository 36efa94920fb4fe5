using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>The optimizer's step over the elements of a parameter; see <see cref="AdamWUpdate"/>.</summary>
internal static class AdamW
{
    /// <summary>Changes values [n] and moments [n] by the gradient [n], which becomes zero.</summary>
    public static void Update(Span<float> values, Span<float> gradient, Span<float> first, Span<float> second, in AdamWUpdate update)
    {
        float factor = (float)update.GradientFactor, keep = (float)(1 - update.LearningRate * update.WeightDecay), epsilon = (float)update.Epsilon;
        float beta1 = (float)update.Beta1, beta2 = (float)update.Beta2, rest1 = (float)(1 - update.Beta1), rest2 = (float)(1 - update.Beta2);
        float rate = (float)(update.LearningRate / (1 - Math.Pow(update.Beta1, update.StepNumber)));
        float root = (float)Math.Sqrt(1 - Math.Pow(update.Beta2, update.StepNumber));

        ref float w = ref MemoryMarshal.GetReference(values), g = ref MemoryMarshal.GetReference(gradient[..values.Length]);
        ref float m = ref MemoryMarshal.GetReference(first[..values.Length]), v = ref MemoryMarshal.GetReference(second[..values.Length]);
        int i = 0;
        for (; i <= values.Length - 8; i += 8)
        {
            Vector256<float> slope = Vector256.LoadUnsafe(ref g, (nuint)i) * factor;
            Vector256<float> mean = Vector256.LoadUnsafe(ref m, (nuint)i) * beta1 + slope * rest1;
            Vector256<float> square = Vector256.LoadUnsafe(ref v, (nuint)i) * beta2 + slope * slope * rest2;
            Vector256<float> step = mean / (Vector256.Sqrt(square) / root + Vector256.Create(epsilon));
            mean.StoreUnsafe(ref m, (nuint)i);
            square.StoreUnsafe(ref v, (nuint)i);
            (Vector256.LoadUnsafe(ref w, (nuint)i) * keep - step * rate).StoreUnsafe(ref w, (nuint)i);
        }
        for (; i < values.Length; i++)
        {
            float slope = gradient[i] * factor;
            first[i] = first[i] * beta1 + slope * rest1;
            second[i] = second[i] * beta2 + slope * slope * rest2;
            values[i] = values[i] * keep - first[i] / (MathF.Sqrt(second[i]) / root + epsilon) * rate;
        }
        gradient.Clear();
    }
}
