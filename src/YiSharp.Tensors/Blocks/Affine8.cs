using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 40 bytes, in memory only: weight = scale · code + offset. It holds a base of up to 8 bits exactly as another program
/// rounded it, so that an adapter can be trained on it.
/// <code>
/// byte 0-3   scale, single precision
/// byte 4-7   offset, single precision
/// byte 8-39  codes, unsigned
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Affine8 : IQuantizableBlock<Affine8>
{
    public float Scale;
    public float Offset;
    public Codes32 Codes;

    public static int Length => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Affine8 block, Span<float> values)
    {
        ReadOnlySpan<byte> codes = block.Codes;
        Blocks.Codes.Affine(Vector128.Create(codes), block.Scale, block.Offset, values);
        Blocks.Codes.Affine(Vector128.Create(codes[16..]), block.Scale, block.Offset, values[16..]);
    }

    public static bool IsFinite(in Affine8 block) => float.IsFinite(block.Scale) && float.IsFinite(block.Offset);

    /// <summary>offset = the least value; scale = (greatest − least) / 255; code = (value − offset) / scale, to nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Affine8 Quantize(ReadOnlySpan<float> values)
    {
        (float least, float greatest) = Rounding.Range(values);
        float scale = (greatest - least) / 255;
        var block = new Affine8 { Scale = scale, Offset = least };
        Rounding.Codes(values, least, Rounding.Inverse(scale), 0.5f, 255).CopyTo(block.Codes);
        return block;
    }
}
