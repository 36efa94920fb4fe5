using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace YiSharp.Tensors.Blocks;

/// <summary>16 bytes of integer codes inside a block.</summary>
[InlineArray(16)]
internal struct Codes16
{
    private byte _first;
}

/// <summary>32 bytes of integer codes inside a block.</summary>
[InlineArray(32)]
internal struct Codes32
{
    private byte _first;
}

/// <summary>12 bytes of integer codes inside a block.</summary>
[InlineArray(12)]
internal struct Codes12
{
    private byte _first;
}

/// <summary>64 bytes of integer codes inside a block.</summary>
[InlineArray(64)]
internal struct Codes64
{
    private byte _first;
}

/// <summary>128 bytes of integer codes inside a block.</summary>
[InlineArray(128)]
internal struct Codes128
{
    private byte _first;
}

/// <summary>Integer codes to floating point, many at a time.</summary>
internal static class Codes
{
    /// <summary>values[i] = scale · codes[i] + offset for 16 unsigned codes, [16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Affine(Vector128<byte> codes, float scale, float offset, Span<float> values)
    {
        ref float target = ref MemoryMarshal.GetReference(values[..16]);
        Vector256<float> lower = Widen(codes);
        Vector256<float> upper = Widen(Vector128.Shuffle(codes, Vector128.Create((byte)8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)));
        (lower * scale + Vector256.Create(offset)).StoreUnsafe(ref target);
        (upper * scale + Vector256.Create(offset)).StoreUnsafe(ref target, 8);
    }

    /// <summary>values[i] = scale · codes[i] for 16 signed codes, [16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(Vector128<sbyte> codes, float scale, Span<float> values)
    {
        ref float target = ref MemoryMarshal.GetReference(values[..16]);
        (Widen(codes) * scale).StoreUnsafe(ref target);
        (Widen(Vector128.Shuffle(codes, Vector128.Create(8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15))) * scale).StoreUnsafe(ref target, 8);
    }

    /// <summary>32 codes from 16 bytes, the lower nibbles first, [32].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(Vector128<byte> pairs, Span<byte> codes)
    {
        (pairs & Vector128.Create((byte)15)).CopyTo(codes);
        (pairs >>> 4).CopyTo(codes[16..]);
    }

    /// <summary>The same with a level, a signed byte, for each code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(Vector128<byte> pairs, Vector128<sbyte> levels, Span<byte> codes)
    {
        Vector128.Shuffle(levels.AsByte(), pairs & Vector128.Create((byte)15)).CopyTo(codes);
        Vector128.Shuffle(levels.AsByte(), pairs >>> 4).CopyTo(codes[16..]);
    }

    /// <summary>16 where one of the lower 16 bits is set, else 0: bit i in element i, [16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FifthBits(uint bits)
    {
        Vector128<byte> spread = Vector128.Shuffle(Vector128.CreateScalarUnsafe(bits).AsByte(), Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        Vector128<byte> place = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);
        return Vector128.Equals(spread & place, place) & Vector128.Create((byte)16);
    }

    /// <summary>values[i] = scale · codes[i] for 8 signed codes, the lower half of <paramref name="codes"/>, [8].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector128<sbyte> codes)
    {
        if (Avx2.IsSupported) return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(codes));
        Vector128<short> wide = Vector128.WidenLower(codes);
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide)));
    }

    /// <summary>8 unsigned codes, the lower half of <paramref name="codes"/>, as floating point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector128<byte> codes)
    {
        if (Avx2.IsSupported) return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(codes));
        Vector128<ushort> wide = Vector128.WidenLower(codes);
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide)).AsInt32());
    }
}
