using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 17 bytes (ggml-common.h, block_mxfp4; OCP Microscaling Formats 1.0, MXFP4): weight = 2^(exponent − 128) · level[code], the
/// levels being twice those of a 4-bit floating-point number (1 sign, 2 exponent, 1 fraction bits).
/// <code>
/// byte 0     exponent
/// byte 1-16  byte 1 + j: low nibble code of weight j, high nibble code of weight j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct MXFP4 : IAffineBlock<MXFP4>
{
    /// <summary>With a larger one the largest levels are infinite; 255 says not a number.</summary>
    private const byte GreatestExponent = 252;

    public byte Exponent;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(8, 32, 32, GroupScales.PowerOfTwo);

    private static Vector128<sbyte> Levels => Vector128.Create(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in MXFP4 block, Span<float> values)
    {
        float scale = ScaleOf(block.Exponent);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Scale(Vector128.Shuffle(Levels, (pairs & Vector128.Create((byte)15)).AsSByte()), scale, values);
        Blocks.Codes.Scale(Vector128.Shuffle(Levels, (pairs >>> 4).AsSByte()), scale, values[16..]);
    }

    public static void Unpack(in MXFP4 block, Span<byte> codes, Span<byte> scales)
    {
        Blocks.Codes.Nibbles(Vector128.Create((ReadOnlySpan<byte>)block.Codes), Levels, codes);
        scales[0] = block.Exponent;
    }

    public static bool IsFinite(in MXFP4 block) => block.Exponent <= GreatestExponent;

    /// <summary>2^(exponent − 128); the two least powers are subnormal.</summary>
    public static float ScaleOf(byte exponent) => BitConverter.UInt32BitsToSingle(exponent < 2 ? 0x00200000u << exponent : (exponent - 1u) << 23);
}
