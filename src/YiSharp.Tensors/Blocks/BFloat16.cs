using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>The upper 16 bits of single precision (1 sign, 8 exponent, 7 fraction bits).</summary>
internal static class BFloat16
{
    /// <summary>values[i] = halves[i], exactly; the same length.</summary>
    public static void ToSingle(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        ref ushort source = ref MemoryMarshal.GetReference(halves);
        ref float target = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= halves.Length - 8; i += 8)
        {
            Vector256<uint> wide = Vector256.WidenLower(Vector128.LoadUnsafe(ref source, (nuint)i).ToVector256Unsafe());
            (wide << 16).AsSingle().StoreUnsafe(ref target, (nuint)i);
        }
        for (; i < halves.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }

    /// <summary>halves[i] = values[i], to nearest, ties to even; not a number stays so. The same length.</summary>
    public static void FromSingle(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            halves[i] = float.IsNaN(values[i])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
    }
}
