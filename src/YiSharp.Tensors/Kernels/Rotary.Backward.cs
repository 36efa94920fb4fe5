using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Backward of rotary position embeddings: a rotation's gradient is turned back by the same angle.</summary>
internal static class RotaryBackward
{
    /// <summary>Turns every head of a row back in place: (a, b) → (a · cos + b · sin, b · cos − a · sin).</summary>
    /// <param name="row">[headCount · headDim].</param>
    /// <param name="cos">[headDim / 2].</param>
    /// <param name="sin">[headDim / 2].</param>
    public static void Input(Span<float> row, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int half = cos.Length;
        ref float c = ref MemoryMarshal.GetReference(cos), s = ref MemoryMarshal.GetReference(sin[..half]);
        for (int head = 0; head < row.Length; head += 2 * half)
        {
            Span<float> first = row.Slice(head, half), second = row.Slice(head + half, half);
            ref float p = ref MemoryMarshal.GetReference(first), q = ref MemoryMarshal.GetReference(second);
            int i = 0;
            for (; i <= half - 8; i += 8)
            {
                Vector256<float> a = Vector256.LoadUnsafe(ref p, (nuint)i), b = Vector256.LoadUnsafe(ref q, (nuint)i);
                Vector256<float> cosine = Vector256.LoadUnsafe(ref c, (nuint)i), sine = Vector256.LoadUnsafe(ref s, (nuint)i);
                (a * cosine + b * sine).StoreUnsafe(ref p, (nuint)i);
                (b * cosine - a * sine).StoreUnsafe(ref q, (nuint)i);
            }
            for (; i < half; i++) (first[i], second[i]) = (first[i] * cos[i] + second[i] * sin[i], second[i] * cos[i] - first[i] * sin[i]);
        }
    }
}
