using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 136 bytes (ggml-common.h, block_iq4_xs), in 8 groups of 32: weight = scale · (s − 32) · level[code], with s of the group and
/// the levels of <see cref="IQ4_NL"/>.
/// <code>
/// byte 0-1    scale, IEEE half
/// byte 2-3    bits 2g and 2g + 1: bits 4 and 5 of s of group g
/// byte 4-7    byte 4 + g / 2, low nibble for even g, else high: bits 0-3 of s of group g
/// byte 8-135  byte 8 + 16 · g + j: low nibble code of weight 32 · g + j, high nibble of weight 32 · g + 16 + j
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ4_XS : IAffineBlock<IQ4_XS>
{
    public ushort Scale;
    public ushort UpperBits;
    public uint LowerBits;
    public Codes128 Codes;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(8, 256, 32, GroupScales.TwoLevelsSigned);

    public static void Dequantize(in IQ4_XS block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes;
        for (int group = 0; group < 8; group++)
        {
            IQ4_NL.Dequantize(codes.Slice(16 * group, 16), scale * (FactorOf(in block, group) - 32), values[(32 * group)..]);
        }
    }

    public static void Unpack(in IQ4_XS block, Span<byte> codes, Span<byte> scales)
    {
        for (int group = 0; group < 8; group++)
        {
            Blocks.Codes.Nibbles(Vector128.Create(((ReadOnlySpan<byte>)block.Codes).Slice(16 * group, 16)), IQ4_NL.Levels, codes[(32 * group)..]);
            scales[2 + group] = (byte)(FactorOf(in block, group) - 32);
        }
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in IQ4_XS block) => Float16.IsFinite(block.Scale);

    private static int FactorOf(in IQ4_XS block, int group) => ((int)(block.LowerBits >> (4 * group)) & 15) | (((block.UpperBits >> (2 * group)) & 3) << 4);
}
