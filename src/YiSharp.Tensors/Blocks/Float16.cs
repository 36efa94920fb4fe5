using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>IEEE half precision (1 sign, 5 exponent, 10 fraction bits), read and written many values at a time.</summary>
internal static class Float16
{
    /// <summary>2^112 moves an exponent biased by 15 to one biased by 127; the product is exact, also for subnormal halves.</summary>
    private const float Rebias = 5.192296858534828e33f;

    private const uint InfinityBits = 0x7f800000;

    /// <summary>The smallest shifted magnitude that is infinite or not a number.</summary>
    private const uint FirstSpecial = 0x0f800000;

    /// <summary>values[i] = halves[i], exactly; the same length.</summary>
    public static void ToSingle(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        ref ushort source = ref MemoryMarshal.GetReference(halves);
        ref float target = ref MemoryMarshal.GetReference(values);
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= halves.Length - 16; i += 16) ToSingle(Vector256.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        }
        for (; i <= halves.Length - 8; i += 8) ToSingle(Vector128.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        for (; i < halves.Length; i++) values[i] = ToSingle(halves[i]);
    }

    /// <summary>halves[i] = values[i], to nearest, ties to even; the same length.</summary>
    public static void FromSingle(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        for (int i = 0; i < values.Length; i++) halves[i] = BitConverter.HalfToUInt16Bits((Half)values[i]);
    }

    /// <summary>The value of one half.</summary>
    public static float ToSingle(ushort half)
    {
        uint magnitude = (half & 0x7fffu) << 13;
        uint bits = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * Rebias);
        if (magnitude >= FirstSpecial) bits |= InfinityBits;
        return BitConverter.UInt32BitsToSingle(bits | ((half & 0x8000u) << 16));
    }

    /// <summary>The values of 8 halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector128<ushort> halves)
    {
        Vector256<uint> wide = Vector256.WidenLower(halves.ToVector256Unsafe());
        Vector256<uint> magnitude = (wide & Vector256.Create(0x7fffu)) << 13;
        Vector256<uint> value = (magnitude.AsSingle() * Rebias).AsUInt32();
        Vector256<uint> special = Vector256.GreaterThanOrEqual(magnitude.AsInt32(), Vector256.Create((int)FirstSpecial)).AsUInt32() & Vector256.Create(InfinityBits);
        return (value | special | ((wide & Vector256.Create(0x8000u)) << 16)).AsSingle();
    }

    /// <summary>The values of 16 halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector256<ushort> halves)
    {
        Vector512<uint> wide = Vector512.WidenLower(halves.ToVector512Unsafe());
        Vector512<uint> magnitude = (wide & Vector512.Create(0x7fffu)) << 13;
        Vector512<uint> value = (magnitude.AsSingle() * Rebias).AsUInt32();
        Vector512<uint> special = Vector512.GreaterThanOrEqual(magnitude.AsInt32(), Vector512.Create((int)FirstSpecial)).AsUInt32() & Vector512.Create(InfinityBits);
        return (value | special | ((wide & Vector512.Create(0x8000u)) << 16)).AsSingle();
    }
}
