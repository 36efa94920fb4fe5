using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>32 values on their way to integer codes: what the formats' writers share. Values are finite; for others the codes are arbitrary.</summary>
internal static class Rounding
{
    private const int Length = 32;

    /// <summary>The first of the values of largest magnitude, with its sign; +0 where all are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Extreme(ReadOnlySpan<float> values)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = Load(values);
        (a, b, c, d) = (Vector256.Abs(a), Vector256.Abs(b), Vector256.Abs(c), Vector256.Abs(d));
        float greatest = Max(Vector256.MaxNative(Vector256.MaxNative(a, b), Vector256.MaxNative(c, d)));
        return greatest == 0 ? 0 : values[IndexOf(greatest, a, b, c, d)];
    }

    /// <summary>The first of the least and the first of the greatest values.</summary>
    /// <remarks>Zeros of both signs are equal, and the first one's sign is what a file then holds.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Least, float Greatest) Range(ReadOnlySpan<float> values)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = Load(values);
        float least = -Max(-Vector256.MinNative(Vector256.MinNative(a, b), Vector256.MinNative(c, d)));
        float greatest = Max(Vector256.MaxNative(Vector256.MaxNative(a, b), Vector256.MaxNative(c, d)));
        return (values[IndexOf(least, a, b, c, d)], values[IndexOf(greatest, a, b, c, d)]);
    }

    /// <summary>trunc((value − offset) · inverse + shift), within 0 to <paramref name="most"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(ReadOnlySpan<float> values, float offset, float inverse, float shift, float most)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = Load(values);
        return Narrow(Code(a), Code(b), Code(c), Code(d));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Code(Vector256<float> value)
        {
            Vector256<float> code = (value - Vector256.Create(offset)) * inverse + Vector256.Create(shift);
            return Vector256.ConvertToInt32Native(Vector256.MinNative(Vector256.MaxNative(code, Vector256<float>.Zero), Vector256.Create(most)));
        }
    }

    /// <summary>value · inverse, to nearest, ties away from zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SignedCodes(ReadOnlySpan<float> values, float inverse)
    {
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = Load(values);
        return Narrow(Code(a), Code(b), Code(c), Code(d));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Code(Vector256<float> value)
        {
            // Adding a half before cutting off would round 0.49999997 up.
            value *= inverse;
            Vector256<float> whole = Vector256.Truncate(value);
            Vector256<float> one = Vector256.Create(1f) | (value & Vector256.Create(-0f));
            return Vector256.ConvertToInt32(whole + (Vector256.GreaterThanOrEqual(Vector256.Abs(value - whole), Vector256.Create(0.5f)) & one));
        }
    }

    /// <summary>Nibbles of a block: code j low, code j + 16 high.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(Vector256<byte> codes) => (codes.GetLower() & Vector128.Create((byte)15)) | (codes.GetUpper() << 4);

    /// <summary>Bit 4 of code i in bit i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FifthBits(Vector256<byte> codes) => (codes << 3).ExtractMostSignificantBits();

    /// <summary>1 / scale, or 0 for a scale of 0.</summary>
    public static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Load(ReadOnlySpan<float> values)
    {
        ref float source = ref MemoryMarshal.GetReference(values[..Length]);
        return (Vector256.LoadUnsafe(ref source), Vector256.LoadUnsafe(ref source, 8), Vector256.LoadUnsafe(ref source, 16), Vector256.LoadUnsafe(ref source, 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Narrow(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d) =>
        Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).AsByte();

    /// <summary>Where the first of the values equal to <paramref name="value"/> stands; 0 where none is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(float value, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<float> wanted = Vector256.Create(value);
        uint found = Vector256.Equals(a, wanted).ExtractMostSignificantBits() | (Vector256.Equals(b, wanted).ExtractMostSignificantBits() << 8)
            | (Vector256.Equals(c, wanted).ExtractMostSignificantBits() << 16) | (Vector256.Equals(d, wanted).ExtractMostSignificantBits() << 24);
        return BitOperations.TrailingZeroCount(found) % Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Max(Vector256<float> eight)
    {
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
