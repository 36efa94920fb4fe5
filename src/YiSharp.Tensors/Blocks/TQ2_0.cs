using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 66 bytes (ggml-common.h, block_tq2_0), ternary: weight = scale · (code − 1).
/// <code>
/// byte 0-63   byte 32 · h + i, bits 2k and 2k + 1: code of weight 128 · h + 32 · k + i
/// byte 64-65  scale, IEEE half
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TQ2_0 : IWeightBlock<TQ2_0>
{
    public Codes64 Codes;
    public ushort Scale;

    public static int Length => 256;

    public static void Dequantize(in TQ2_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes;
        for (int at = 0; at < 64; at += 16)
        {
            Vector128<byte> four = Vector128.Create(codes.Slice(at, 16));
            Span<float> to = values[(at / 32 * 128 + at % 32)..];
            for (int k = 0; k < 4; k++, four >>>= 2) Blocks.Codes.Affine(four & Vector128.Create((byte)3), scale, -scale, to[(32 * k)..]);
        }
    }

    public static bool IsFinite(in TQ2_0 block) => Float16.IsFinite(block.Scale);
}
