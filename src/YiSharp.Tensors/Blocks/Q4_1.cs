using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 20 bytes (ggml-common.h, block_q4_1): weight = scale · code + offset.
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-3   offset, IEEE half: the least weight
/// byte 4-19  byte 4 + j: low nibble code of weight j, high nibble code of weight j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_1 : IQuantizableBlock<Q4_1>, IAffineBlock<Q4_1>
{
    private const int Half = 16;

    public ushort Scale;
    public ushort Offset;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(4, 32, 32, GroupScales.HalfWithOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Q4_1 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Affine(pairs & Vector128.Create((byte)15), scale, offset, values);
        Blocks.Codes.Affine(pairs >>> 4, scale, offset, values[Half..]);
    }

    public static void Unpack(in Q4_1 block, Span<byte> codes, Span<byte> scales)
    {
        Blocks.Codes.Nibbles(Vector128.Create((ReadOnlySpan<byte>)block.Codes), codes);
        MemoryMarshal.Write(scales, block.Scale);
        MemoryMarshal.Write(scales[2..], block.Offset);
    }

    public static bool IsFinite(in Q4_1 block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);

    /// <summary>offset = the least value; scale = (greatest − least) / 15; code = trunc((value − offset) / scale + 0.5), at most 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q4_1 Quantize(ReadOnlySpan<float> values)
    {
        (float least, float greatest) = Rounding.Range(values);
        float scale = (greatest - least) / 15;
        Vector256<byte> codes = Rounding.Codes(values, least, Rounding.Inverse(scale), 0.5f, 15);
        var block = new Q4_1 { Scale = Float16.FromSingle(scale), Offset = Float16.FromSingle(least) };
        Rounding.Nibbles(codes).CopyTo(block.Codes);
        return block;
    }
}
