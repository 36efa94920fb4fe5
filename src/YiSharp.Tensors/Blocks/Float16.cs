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

    /// <summary>Bits of 2^-14.</summary>
    private const uint LeastNormalHalf = 113u << 23;

    /// <summary>From here on halves are infinite.</summary>
    private const float Overflow = 65536;

    private const int HalfExponent = 0x7c00;
    private const int SignAndMagnitude = unchecked((int)0x8fffe000);

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
        ref float source = ref MemoryMarshal.GetReference(values);
        ref ushort target = ref MemoryMarshal.GetReference(halves[..values.Length]);
        int i = 0;
        for (; i <= values.Length - 8; i += 8) FromSingle(Vector256.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        for (; i < values.Length; i++) halves[i] = FromSingle(values[i]);
    }

    /// <summary>The half next to a value, ties to even.</summary>
    public static ushort FromSingle(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>Whether a half is neither infinite nor not a number.</summary>
    public static bool IsFinite(ushort half) => (half & HalfExponent) != HalfExponent;

    /// <summary>The halves next to 8 values, ties to even.</summary>
    /// <remarks>
    /// Added to 2^13 times its own power of two, but at least that of the least normal half, a value is rounded by the hardware where a half's fraction ends. The lower bits of the sum
    /// are then that fraction with its leading bit, which counts the exponent up by one; so does a carry.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> FromSingle(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32(), magnitude = bits & Vector256.Create(0x7fffffffu);
        Vector256<float> bounded = Vector256.MinNative(magnitude.AsSingle(), Vector256.Create(Overflow));
        Vector256<uint> exponent = Vector256.Max(bounded.AsUInt32() & Vector256.Create(InfinityBits), Vector256.Create(LeastNormalHalf));
        Vector256<uint> sum = (bounded + (exponent + Vector256.Create(13u << 23)).AsSingle()).AsUInt32();
        Vector256<uint> half = (sum & Vector256.Create(0xfffu)) + ((exponent - Vector256.Create(LeastNormalHalf)) >>> 13);
        half = Vector256.ConditionalSelect(Vector256.GreaterThan(magnitude, Vector256.Create(InfinityBits)), Vector256.Create(0x7e00u), half);
        half |= (bits >>> 16) & Vector256.Create(0x8000u);
        return Vector128.Narrow(half.GetLower(), half.GetUpper());
    }

    /// <summary>The value of one half.</summary>
    public static float ToSingle(ushort half)
    {
        uint magnitude = (half & 0x7fffu) << 13;
        uint bits = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * Rebias);
        if ((half & HalfExponent) == HalfExponent) bits |= InfinityBits;
        return BitConverter.UInt32BitsToSingle(bits | ((half & 0x8000u) << 16));
    }

    /// <summary>The values of 8 halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector128<ushort> halves)
    {
        // A sign that fills the upper half leaves one copy of itself in place after the shift.
        Vector256<int> wide = Vector256.WidenLower(halves.AsInt16().ToVector256Unsafe());
        Vector256<int> value = ((wide << 13 & Vector256.Create(SignAndMagnitude)).AsSingle() * Rebias).AsInt32();
        Vector256<int> exponent = wide & Vector256.Create(HalfExponent);
        return (value | (Vector256.Equals(exponent, Vector256.Create(HalfExponent)) & Vector256.Create((int)InfinityBits))).AsSingle();
    }

    /// <summary>The values of 8 halves that are finite: infinite ones give ±65536, other bits without a meaning some number beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FiniteToSingle(Vector128<ushort> halves) =>
        (Vector256.WidenLower(halves.AsInt16().ToVector256Unsafe()) << 13 & Vector256.Create(SignAndMagnitude)).AsSingle() * Rebias;

    /// <summary>The values of 16 halves that are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FiniteToSingle(Vector256<ushort> halves) =>
        (Vector512.WidenLower(halves.AsInt16().ToVector512Unsafe()) << 13 & Vector512.Create(SignAndMagnitude)).AsSingle() * Rebias;

    /// <summary>The values of 16 halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector256<ushort> halves)
    {
        // A sign that fills the upper half leaves one copy of itself in place after the shift.
        Vector512<int> wide = Vector512.WidenLower(halves.AsInt16().ToVector512Unsafe());
        Vector512<int> value = ((wide << 13 & Vector512.Create(SignAndMagnitude)).AsSingle() * Rebias).AsInt32();
        Vector512<int> exponent = wide & Vector512.Create(HalfExponent);
        return (value | (Vector512.Equals(exponent, Vector512.Create(HalfExponent)) & Vector512.Create((int)InfinityBits))).AsSingle();
    }
}
