using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 18 bytes (ggml-common.h, block_q4_0): weight = scale · (code − 8).
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-17  byte 2 + j: low nibble code of weight j, high nibble code of weight j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_0 : IQuantizableBlock<Q4_0>, IAffineBlock<Q4_0>
{
    private const int Half = 16;

    public ushort Scale;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(4, 32, 32, GroupScales.Half, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Q4_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Affine(pairs & Vector128.Create((byte)15), scale, -8 * scale, values);
        Blocks.Codes.Affine(pairs >>> 4, scale, -8 * scale, values[Half..]);
    }

    public static void Unpack(in Q4_0 block, Span<byte> codes, Span<byte> scales)
    {
        Blocks.Codes.Nibbles(Vector128.Create((ReadOnlySpan<byte>)block.Codes), codes);
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in Q4_0 block) => Float16.IsFinite(block.Scale);

    /// <summary>scale = the value of largest magnitude, with its sign, / −8; code = trunc(value / scale + 8.5), at most 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q4_0 Quantize(ReadOnlySpan<float> values)
    {
        float scale = Rounding.Extreme(values) / -8;
        Vector256<byte> codes = Rounding.Codes(values, 0, Rounding.Inverse(scale), 8.5f, 15);
        var block = new Q4_0 { Scale = Float16.FromSingle(scale) };
        Rounding.Nibbles(codes).CopyTo(block.Codes);
        return block;
    }
}
