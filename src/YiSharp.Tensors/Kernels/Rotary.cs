using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Rotary position embeddings (Su et al. 2021, arXiv:2104.09864), rotate-half: element i of a head turns with element i + headDim / 2.</summary>
internal static class Rotary
{
    /// <summary>Turns every head of a row in place: (a, b) → (a · cos − b · sin, b · cos + a · sin).</summary>
    /// <param name="row">[headCount · headDim].</param>
    /// <param name="cos">Cosine of position · frequency[i], [headDim / 2].</param>
    /// <param name="sin">Sine of it, or of its negative to turn back, [headDim / 2].</param>
    public static void Forward(Span<float> row, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int half = cos.Length;
        for (int head = 0; head < row.Length; head += 2 * half) Turn(row.Slice(head, half), row.Slice(head + half, half), cos, sin);
    }

    private static void Turn(Span<float> first, Span<float> second, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        ref float p = ref MemoryMarshal.GetReference(first);
        ref float q = ref MemoryMarshal.GetReference(second);
        ref float c = ref MemoryMarshal.GetReference(cos);
        ref float s = ref MemoryMarshal.GetReference(sin);
        int i = 0;
        for (; i <= first.Length - 8; i += 8)
        {
            Vector256<float> a = Vector256.LoadUnsafe(ref p, (nuint)i), b = Vector256.LoadUnsafe(ref q, (nuint)i);
            Vector256<float> cosine = Vector256.LoadUnsafe(ref c, (nuint)i), sine = Vector256.LoadUnsafe(ref s, (nuint)i);
            (a * cosine - b * sine).StoreUnsafe(ref p, (nuint)i);
            (b * cosine + a * sine).StoreUnsafe(ref q, (nuint)i);
        }
        for (; i < first.Length; i++)
        {
            float a = first[i], b = second[i];
            first[i] = a * cos[i] - b * sin[i];
            second[i] = b * cos[i] + a * sin[i];
        }
    }
}
