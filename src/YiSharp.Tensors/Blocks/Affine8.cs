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

    public static void Dequantize(in Affine8 block, Span<float> values)
    {
        ReadOnlySpan<byte> codes = block.Codes;
        Blocks.Codes.Affine(Vector128.Create(codes), block.Scale, block.Offset, values);
        Blocks.Codes.Affine(Vector128.Create(codes[16..]), block.Scale, block.Offset, values[16..]);
    }

    public static bool IsFinite(in Affine8 block) => float.IsFinite(block.Scale) && float.IsFinite(block.Offset);

    /// <summary>offset = the least value; scale = (greatest − least) / 255; code = (value − offset) / scale, to nearest.</summary>
    public static Affine8 Quantize(ReadOnlySpan<float> values)
    {
        (float least, float greatest) = Blocks.Codes.Range(values);
        float scale = (greatest - least) / 255;
        float inverse = scale == 0 ? 0 : 1 / scale;

        var block = new Affine8 { Scale = scale, Offset = least };
        for (int i = 0; i < Length; i++) block.Codes[i] = (byte)Math.Clamp((int)((values[i] - least) * inverse + 0.5f), 0, 255);
        return block;
    }
}
