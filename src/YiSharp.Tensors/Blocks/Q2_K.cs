using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 84 bytes (ggml-common.h, block_q2_K), in 16 groups of 16: weight = scale · s · code − offset · m, with s and m of the group.
/// <code>
/// byte 0-15   byte g: low nibble s, high nibble m of group g
/// byte 16-79  byte 16 + 32 · h + i, bits 2k and 2k + 1: code of weight 128 · h + 32 · k + i
/// byte 80-81  scale, IEEE half
/// byte 82-83  offset, IEEE half
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q2_K : IWeightBlock<Q2_K>
{
    public Codes16 Groups;
    public Codes64 Codes;
    public ushort Scale;
    public ushort Offset;

    public static int Length => 256;

    public static void Dequantize(in Q2_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes;
        for (int group = 0; group < 16; group++)
        {
            int factors = block.Groups[group];
            Vector128<byte> four = Vector128.Create(codes[(32 * (group / 8) + 16 * (group % 2))..]);
            Vector128<byte> code = (four >>> (2 * (group / 2 % 4))) & Vector128.Create((byte)3);
            Blocks.Codes.Affine(code, scale * (factors & 15), -(offset * (factors >> 4)), values[(16 * group)..]);
        }
    }

    public static bool IsFinite(in Q2_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
