using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 110 bytes (ggml-common.h, block_q3_K), in 16 groups of 16: weight = scale · (s − 32) · (code − 4), with s of the group.
/// <code>
/// byte 0-31     byte i, bit b: bit 2 of the code of weight 32 · b + i
/// byte 32-95    byte 32 + 32 · h + i, bits 2k and 2k + 1: bits 0 and 1 of the code of weight 128 · h + 32 · k + i
/// byte 96-103   byte 96 + g % 8, low nibble for g &lt; 8, else high: bits 0-3 of s of group g
/// byte 104-107  byte 104 + g % 4, bits 2 · (g / 4) and the next: bits 4 and 5 of s of group g
/// byte 108-109  scale, IEEE half
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q3_K : IAffineBlock<Q3_K>
{
    public Codes32 ThirdBits;
    public Codes64 Codes;
    public Codes12 Groups;
    public ushort Scale;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(4, 256, 16, GroupScales.TwoLevelsSigned, 4);

    public static void Dequantize(in Q3_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes, thirdBits = block.ThirdBits;
        Vector128<byte> two = Vector128.Create((byte)3), third = Vector128.Create((byte)4);
        for (int side = 0; side < 2; side++)
        {
            // The groups of even number share 16 bytes of third bits, and the odd ones.
            Vector128<byte> eight = Vector128.Create(thirdBits.Slice(16 * side, 16)), four = default;
            for (int group = side; group < 16; group += 2)
            {
                if (group % 8 < 2) four = Vector128.Create(codes.Slice(32 * (group / 8) + 16 * side, 16));
                float step = scale * (FactorOf(in block, group) - 32);
                Blocks.Codes.Affine((four & two) | ((eight << 2) & third), step, -4 * step, values.Slice(16 * group, 16));
                four >>>= 2;
                eight >>>= 1;
            }
        }
    }

    public static void Unpack(in Q3_K block, Span<byte> codes, Span<byte> scales)
    {
        Vector128<byte> two = Vector128.Create((byte)3), third = Vector128.Create((byte)4);
        for (int side = 0; side < 2; side++)
        {
            Vector128<byte> eight = Vector128.Create(((ReadOnlySpan<byte>)block.ThirdBits).Slice(16 * side, 16)), four = default;
            for (int group = side; group < 16; group += 2)
            {
                if (group % 8 < 2) four = Vector128.Create(((ReadOnlySpan<byte>)block.Codes).Slice(32 * (group / 8) + 16 * side, 16));
                ((four & two) | ((eight << 2) & third)).CopyTo(codes.Slice(16 * group, 16));
                scales[2 + group] = (byte)(FactorOf(in block, group) - 32);
                four >>>= 2;
                eight >>>= 1;
            }
        }
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in Q3_K block) => Float16.IsFinite(block.Scale);

    private static int FactorOf(in Q3_K block, int group) => ((block.Groups[group % 8] >> (4 * (group / 8))) & 15) | (((block.Groups[8 + group % 4] >> (2 * (group / 4))) & 3) << 4);
}
