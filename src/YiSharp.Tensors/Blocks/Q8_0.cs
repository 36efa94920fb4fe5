using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 32 weights in 34 bytes (ggml-common.h, block_q8_0): weight = scale · code.
/// <code>
/// byte 0-1   scale, IEEE half
/// byte 2-33  codes, signed
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q8_0 : IQuantizableBlock<Q8_0>, IAffineBlock<Q8_0>
{
    public ushort Scale;
    public Codes32 Codes;

    public static int Length => 32;

    public static AffineForm Form { get; } = new(8, 32, 32, GroupScales.Half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dequantize(in Q8_0 block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<sbyte> codes = MemoryMarshal.Cast<byte, sbyte>((ReadOnlySpan<byte>)block.Codes);
        ref float target = ref MemoryMarshal.GetReference(values[..32]);
        for (int i = 0; i < 32; i += 8)
        {
            Vector128<sbyte> eight = Vector128.CreateScalarUnsafe(MemoryMarshal.Read<long>(block.Codes[i..])).AsSByte();
            (Blocks.Codes.Widen(eight) * scale).StoreUnsafe(ref target, (nuint)i);
        }
    }

    public static void Unpack(in Q8_0 block, Span<byte> codes, Span<byte> scales)
    {
        ((ReadOnlySpan<byte>)block.Codes).CopyTo(codes);
        MemoryMarshal.Write(scales, block.Scale);
    }

    public static bool IsFinite(in Q8_0 block) => Float16.IsFinite(block.Scale);

    /// <summary>scale = largest magnitude / 127; code = value / scale, to nearest, ties away from zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q8_0 Quantize(ReadOnlySpan<float> values)
    {
        float scale = MathF.Abs(Rounding.Extreme(values)) / 127;
        var block = new Q8_0 { Scale = Float16.FromSingle(scale) };
        Rounding.SignedCodes(values, Rounding.Inverse(scale)).CopyTo(block.Codes);
        return block;
    }
}
