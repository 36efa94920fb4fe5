using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 18 bytes (ggml-common.h, block_iq4_nl): weight = scale · level[code], with 16 levels that lie closer around zero.
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-17  byte 2 + j: low nibble code of weight j, high nibble code of weight j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ4_NL : IAffineBlock<IQ4_NL>
{
    public ushort Scale;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(8, 32, 32, GroupScales.Half);

    /// <summary>The levels (ggml-common.h, kvalues_iq4nl).</summary>
    public static Vector128<sbyte> Levels => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in IQ4_NL block, Span<float> values) => Dequantize(block.Codes, Float16.ToSingle(block.Scale), values);

    public static void Unpack(in IQ4_NL block, Span<byte> codes, Span<byte> scales)
    {
        Blocks.Codes.Nibbles(Vector128.Create((ReadOnlySpan<byte>)block.Codes), Levels, codes);
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in IQ4_NL block) => Float16.IsFinite(block.Scale);

    /// <summary>values[i] = scale · level of code i for 32 codes in 16 bytes, the lower nibbles first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(ReadOnlySpan<byte> codes, float scale, Span<float> values)
    {
        Vector128<byte> pairs = Vector128.Create(codes);
        Blocks.Codes.Scale(Vector128.Shuffle(Levels, (pairs & Vector128.Create((byte)15)).AsSByte()), scale, values);
        Blocks.Codes.Scale(Vector128.Shuffle(Levels, (pairs >>> 4).AsSByte()), scale, values[16..]);
    }
}
