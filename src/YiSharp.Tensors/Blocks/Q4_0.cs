using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 18 bytes (ggml-common.h, block_q4_0): weight = scale · (code − 8).
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-17  byte 2 + j: low nibble code of weight j, high nibble code of weight j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_0 : IQuantizableBlock<Q4_0>
{
    private const int Half = 16;

    public ushort Scale;
    public Codes16 Codes;

    public static int Length => 32;

    public static void Dequantize(in Q4_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Affine(pairs & Vector128.Create((byte)15), scale, -8 * scale, values);
        Blocks.Codes.Affine(pairs >>> 4, scale, -8 * scale, values[Half..]);
    }

    public static bool IsFinite(in Q4_0 block) => Float16.IsFinite(block.Scale);

    /// <summary>scale = the value of largest magnitude, with its sign, / −8; code = trunc(value / scale + 8.5), at most 15.</summary>
    public static Q4_0 Quantize(ReadOnlySpan<float> values)
    {
        float extreme = 0;
        foreach (float value in values)
        {
            if (MathF.Abs(value) > MathF.Abs(extreme)) extreme = value;
        }
        float scale = extreme / -8;
        float inverse = scale == 0 ? 0 : 1 / scale;

        var block = new Q4_0 { Scale = Float16.FromSingle(scale) };
        for (int j = 0; j < Half; j++)
        {
            block.Codes[j] = (byte)(Code(values[j] * inverse) | (Code(values[j + Half] * inverse) << 4));
        }
        return block;
    }

    private static int Code(float value) => Math.Clamp((int)(value + 8.5f), 0, 15);
}
