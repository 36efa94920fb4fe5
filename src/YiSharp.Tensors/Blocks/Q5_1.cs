using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 24 bytes (ggml-common.h, block_q5_1): weight = scale · code + offset.
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-3   offset, IEEE half: the least weight
/// byte 4-7   bit i: bit 4 of code i
/// byte 8-23  byte 8 + j: low nibble bits 0-3 of code j, high nibble of code j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_1 : IQuantizableBlock<Q5_1>, IAffineBlock<Q5_1>
{
    private const int Half = 16;

    public ushort Scale;
    public ushort Offset;
    public uint FifthBits;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(8, 32, 32, GroupScales.HalfWithOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Q5_1 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Affine((pairs & Vector128.Create((byte)15)) | Blocks.Codes.FifthBits(block.FifthBits), scale, offset, values);
        Blocks.Codes.Affine((pairs >>> 4) | Blocks.Codes.FifthBits(block.FifthBits >> Half), scale, offset, values[Half..]);
    }

    public static void Unpack(in Q5_1 block, Span<byte> codes, Span<byte> scales)
    {
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        ((pairs & Vector128.Create((byte)15)) | Blocks.Codes.FifthBits(block.FifthBits)).CopyTo(codes);
        ((pairs >>> 4) | Blocks.Codes.FifthBits(block.FifthBits >> Half)).CopyTo(codes[Half..]);
        MemoryMarshal.Write(scales, block.Scale);
        MemoryMarshal.Write(scales[2..], block.Offset);
    }

    public static bool IsFinite(in Q5_1 block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);

    /// <summary>offset = the least value; scale = (greatest − least) / 31; code = trunc((value − offset) / scale + 0.5), at most 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q5_1 Quantize(ReadOnlySpan<float> values)
    {
        (float least, float greatest) = Rounding.Range(values);
        float scale = (greatest - least) / 31;
        Vector256<byte> codes = Rounding.Codes(values, least, Rounding.Inverse(scale), 0.5f, 31);
        var block = new Q5_1 { Scale = Float16.FromSingle(scale), Offset = Float16.FromSingle(least), FifthBits = Rounding.FifthBits(codes) };
        Rounding.Nibbles(codes).CopyTo(block.Codes);
        return block;
    }
}
