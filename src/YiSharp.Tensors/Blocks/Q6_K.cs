using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

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
internal struct Q6_K : IAffineBlock<Q6_K>
{
    public Codes128 Codes;
    public Codes64 UpperBits;
    public Codes16 Groups;
    public ushort Scale;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(8, 256, 16, GroupScales.TwoLevelsSigned);

    public static void Dequantize(in Q6_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale);
        ReadOnlySpan<byte> codes = block.Codes, upperBits = block.UpperBits, groups = block.Groups;
        Vector128<byte> nibble = Vector128.Create((byte)15), upper = Vector128.Create((byte)48);
        for (int half = 0; half < 2; half++)
        {
            // The groups i, i + 2, i + 4 and i + 6 of a half share 16 bytes of upper bits.
            for (int i = 0; i < 2; i++)
            {
                Vector128<byte> first = Vector128.Create(codes.Slice(64 * half + 16 * i, 16)), second = Vector128.Create(codes.Slice(64 * half + 16 * i + 32, 16));
                Vector128<byte> four = Vector128.Create(upperBits.Slice(32 * half + 16 * i, 16));
                ReadOnlySpan<byte> s = groups.Slice(8 * half + i, 7);
                Span<float> to = values.Slice(128 * half + 16 * i, 112);
                Affine((first & nibble) | ((four << 4) & upper), scale * (sbyte)s[0], to);
                Affine((second & nibble) | ((four << 2) & upper), scale * (sbyte)s[2], to[32..]);
                Affine((first >>> 4) | (four & upper), scale * (sbyte)s[4], to[64..]);
                Affine((second >>> 4) | ((four >>> 2) & upper), scale * (sbyte)s[6], to[96..]);
            }
        }

        static void Affine(Vector128<byte> codes, float step, Span<float> values) => Blocks.Codes.Affine(codes, step, -32 * step, values);
    }

    public static void Unpack(in Q6_K block, Span<byte> codes, Span<byte> scales)
    {
        ReadOnlySpan<byte> pairs = block.Codes, upperBits = block.UpperBits;
        Vector128<byte> nibble = Vector128.Create((byte)15), upper = Vector128.Create((byte)48), zero = Vector128.Create((byte)32);
        for (int i = 0; i < 4; i++)
        {
            int half = i / 2, side = i % 2;
            Vector128<byte> first = Vector128.Create(pairs.Slice(64 * half + 16 * side, 16)), second = Vector128.Create(pairs.Slice(64 * half + 16 * side + 32, 16));
            Vector128<byte> four = Vector128.Create(upperBits.Slice(32 * half + 16 * side, 16));
            Span<byte> to = codes.Slice(128 * half + 16 * side, 112);
            (((first & nibble) | ((four << 4) & upper)) - zero).CopyTo(to);
            (((second & nibble) | ((four << 2) & upper)) - zero).CopyTo(to[32..]);
            (((first >>> 4) | (four & upper)) - zero).CopyTo(to[64..]);
            (((second >>> 4) | ((four >>> 2) & upper)) - zero).CopyTo(to[96..]);
        }
        MemoryMarshal.Write(scales, block.Scale);
        ((ReadOnlySpan<byte>)block.Groups).CopyTo(scales[2..]);
    }

    public static bool IsFinite(in Q6_K block) => Float16.IsFinite(block.Scale);
}
