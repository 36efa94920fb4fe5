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

    /// <summary>The largest magnitude among <paramref name="values"/>; 0 when there are none.</summary>
    public static float MaxMagnitude(ReadOnlySpan<float> values)
    {
        float max = 0;
        foreach (float value in values) max = MathF.Max(max, MathF.Abs(value));
        return max;
    }
}
