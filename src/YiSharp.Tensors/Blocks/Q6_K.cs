using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 210 bytes (ggml-common.h, block_q6_K), in 16 groups of 16: weight = scale · s · (code − 32), with s of the group.
/// <code>
/// byte 0-127    byte 64 · h + i, i &lt; 64: low nibble bits 0-3 of the code of weight 128 · h + i, high nibble of weight 128 · h + 64 + i
/// byte 128-191  byte 128 + 32 · h + i, bits 2k and 2k + 1: bits 4 and 5 of the code of weight 128 · h + 32 · k + i
/// byte 192-207  byte 192 + g: s of group g, signed
/// byte 208-209  scale, IEEE half
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q6_K : IWeightBlock<Q6_K>
{
    public Codes128 Codes;
    public Codes64 UpperBits;
    public Codes16 Groups;
    public ushort Scale;

    public static int Length => 256;

    public static void Dequantize(in Q6_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes, upperBits = block.UpperBits;
        for (int group = 0; group < 16; group++)
        {
            int half = group / 8, within = group % 8;
            Vector128<byte> pairs = Vector128.Create(codes[(64 * half + 16 * (within % 4))..]);
            Vector128<byte> low = within < 4 ? pairs & Vector128.Create((byte)15) : pairs >>> 4;
            Vector128<byte> four = Vector128.Create(upperBits[(32 * half + 16 * (within % 2))..]);
            Vector128<byte> upper = ((four >>> (2 * (within / 2))) & Vector128.Create((byte)3)) << 4;
            float step = scale * (sbyte)block.Groups[group];
            Blocks.Codes.Affine(low | upper, step, -32 * step, values[(16 * group)..]);
        }
    }

    public static bool IsFinite(in Q6_K block) => Float16.IsFinite(block.Scale);
}
