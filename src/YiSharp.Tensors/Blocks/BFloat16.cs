using System.Runtime.CompilerServices;
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
        ref float source = ref MemoryMarshal.GetReference(values);
        ref ushort target = ref MemoryMarshal.GetReference(halves[..values.Length]);
        int i = 0;
        for (; i <= values.Length - 8; i += 8) FromSingle(Vector256.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        for (; i < values.Length; i++) halves[i] = FromSingle(Vector256.CreateScalar(values[i])).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> FromSingle(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32(), upper = bits >>> 16;
        Vector256<uint> rounded = (bits + Vector256.Create(0x7fffu) + (upper & Vector256<uint>.One)) >>> 16;
        Vector256<uint> half = Vector256.ConditionalSelect(Vector256.IsNaN(values).AsUInt32(), upper | Vector256.Create(0x40u), rounded);
        return Vector128.Narrow(half.GetLower(), half.GetUpper());
    }
}
