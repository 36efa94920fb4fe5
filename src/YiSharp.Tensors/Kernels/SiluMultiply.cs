using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>The gate of a Llama's MLP (SwiGLU, Shazeer 2020, arXiv:2002.05202).</summary>
internal static class SiluMultiply
{
    /// <summary>y[i] = gate[i] · sigmoid(gate[i]) · up[i]; all of the same length.</summary>
    public static void Forward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y)
    {
        ref float g = ref MemoryMarshal.GetReference(gate);
        ref float u = ref MemoryMarshal.GetReference(up[..gate.Length]);
        ref float to = ref MemoryMarshal.GetReference(y[..gate.Length]);
        int i = 0;
        for (; i <= gate.Length - 8; i += 8)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref g, (nuint)i);
            (x / (Vector256<float>.One + Exponential.Exp(-x)) * Vector256.LoadUnsafe(ref u, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < gate.Length; i++) y[i] = gate[i] / (1f + Exponential.Exp(-gate[i])) * up[i];
    }
}
