using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Backward of y = gate · s · up with s = sigmoid(gate), element by element.</summary>
internal static class SiluMultiplyBackward
{
    /// <summary>dgate (+)= dy · up · s · (1 + gate · (1 − s)); dup (+)= dy · gate · s; all of the same length.</summary>
    public static void Inputs(ReadOnlySpan<float> dy, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> dgate, bool addGate, Span<float> dup, bool addUp)
    {
        ref float d = ref MemoryMarshal.GetReference(dy), g = ref MemoryMarshal.GetReference(gate), u = ref MemoryMarshal.GetReference(up);
        ref float toGate = ref MemoryMarshal.GetReference(dgate), toUp = ref MemoryMarshal.GetReference(dup);
        int i = 0;
        for (; i <= dy.Length - 8; i += 8)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref g, (nuint)i), slope = Vector256.LoadUnsafe(ref d, (nuint)i);
            Vector256<float> s = Vector256<float>.One / (Vector256<float>.One + Exponential.Exp(-x));
            Vector256<float> forGate = slope * Vector256.LoadUnsafe(ref u, (nuint)i) * s * Vector256.MultiplyAddEstimate(x, Vector256<float>.One - s, Vector256<float>.One);
            Vector256<float> forUp = slope * x * s;
            if (addGate) forGate += Vector256.LoadUnsafe(ref toGate, (nuint)i);
            if (addUp) forUp += Vector256.LoadUnsafe(ref toUp, (nuint)i);
            forGate.StoreUnsafe(ref toGate, (nuint)i);
            forUp.StoreUnsafe(ref toUp, (nuint)i);
        }
        for (; i < dy.Length; i++)
        {
            float s = 1f / (1f + Exponential.Exp(-gate[i]));
            float forGate = dy[i] * up[i] * s * (1f + gate[i] * (1f - s)), forUp = dy[i] * gate[i] * s;
            dgate[i] = addGate ? dgate[i] + forGate : forGate;
            dup[i] = addUp ? dup[i] + forUp : forUp;
        }
    }
}
