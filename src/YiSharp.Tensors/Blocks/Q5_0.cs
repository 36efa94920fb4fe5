using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 22 bytes (ggml-common.h, block_q5_0): weight = scale · (code − 16).
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-5   bit i: bit 4 of code i
/// byte 6-21  byte 6 + j: low nibble bits 0-3 of code j, high nibble of code j + 16
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_0 : IQuantizableBlock<Q5_0>, IAffineBlock<Q5_0>
{
    private const int Half = 16;

    public ushort Scale;
    public uint FifthBits;
    public Codes16 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(8, 32, 32, GroupScales.Half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Q5_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes);
        Blocks.Codes.Affine((pairs & Vector128.Create((byte)15)) | Blocks.Codes.FifthBits(block.FifthBits), scale, -16 * scale, values);
        Blocks.Codes.Affine((pairs >>> 4) | Blocks.Codes.FifthBits(block.FifthBits >> Half), scale, -16 * scale, values[Half..]);
    }

    public static void Unpack(in Q5_0 block, Span<byte> codes, Span<byte> scales)
    {
        Vector128<byte> pairs = Vector128.Create((ReadOnlySpan<byte>)block.Codes), zero = Vector128.Create((byte)16);
        (((pairs & Vector128.Create((byte)15)) | Blocks.Codes.FifthBits(block.FifthBits)) - zero).CopyTo(codes);
        (((pairs >>> 4) | Blocks.Codes.FifthBits(block.FifthBits >> Half)) - zero).CopyTo(codes[Half..]);
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in Q5_0 block) => Float16.IsFinite(block.Scale);

    /// <summary>scale = the value of largest magnitude, with its sign, / −16; code = trunc(value / scale + 16.5), at most 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q5_0 Quantize(ReadOnlySpan<float> values)
    {
        float scale = Rounding.Extreme(values) / -16;
        Vector256<byte> codes = Rounding.Codes(values, 0, Rounding.Inverse(scale), 16.5f, 31);
        var block = new Q5_0 { Scale = Float16.FromSingle(scale), FifthBits = Rounding.FifthBits(codes) };
        Rounding.Nibbles(codes).CopyTo(block.Codes);
        return block;
    }
}
