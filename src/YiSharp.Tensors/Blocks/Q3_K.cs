using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
internal struct Q3_K : IWeightBlock<Q3_K>
{
    public Codes32 ThirdBits;
    public Codes64 Codes;
    public Codes12 Groups;
    public ushort Scale;

    public static int Length => 256;

    public static void Dequantize(in Q3_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes, thirdBits = block.ThirdBits;
        for (int group = 0; group < 16; group++)
        {
            int s = ((block.Groups[group % 8] >> (4 * (group / 8))) & 15) | (((block.Groups[8 + group % 4] >> (2 * (group / 4))) & 3) << 4);
            Vector128<byte> four = Vector128.Create(codes[(32 * (group / 8) + 16 * (group % 2))..]);
            Vector128<byte> eight = Vector128.Create(thirdBits[(16 * (group % 2))..]);
            Vector128<byte> code = ((four >>> (2 * (group / 2 % 4))) & Vector128.Create((byte)3)) | (((eight >>> (group / 2)) & Vector128<byte>.One) << 2);
            float step = scale * (s - 32);
            Blocks.Codes.Affine(code, step, -4 * step, values[(16 * group)..]);
        }
    }

    public static bool IsFinite(in Q3_K block) => Float16.IsFinite(block.Scale);
}
