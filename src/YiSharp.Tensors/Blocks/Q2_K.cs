using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

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
internal struct Q2_K : IAffineBlock<Q2_K>
{
    public Codes16 Groups;
    public Codes64 Codes;
    public ushort Scale;
    public ushort Offset;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(4, 256, 16, GroupScales.TwoLevels);

    public static void Dequantize(in Q2_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes;
        Vector128<byte> two = Vector128.Create((byte)3), even = default, odd = default;
        for (int group = 0; group < 16; group += 2)
        {
            if (group % 8 == 0) (even, odd) = (Vector128.Create(codes.Slice(4 * group, 16)), Vector128.Create(codes.Slice(4 * group + 16, 16)));
            int factors = block.Groups[group], nextFactors = block.Groups[group + 1];
            Span<float> to = values.Slice(16 * group, 32);
            Blocks.Codes.Affine(even & two, scale * (factors & 15), -(offset * (factors >> 4)), to);
            Blocks.Codes.Affine(odd & two, scale * (nextFactors & 15), -(offset * (nextFactors >> 4)), to[16..]);
            even >>>= 2;
            odd >>>= 2;
        }
    }

    public static void Unpack(in Q2_K block, Span<byte> codes, Span<byte> scales)
    {
        ReadOnlySpan<byte> pairs = block.Codes;
        Vector128<byte> two = Vector128.Create((byte)3), even = default, odd = default;
        for (int group = 0; group < 16; group += 2)
        {
            if (group % 8 == 0) (even, odd) = (Vector128.Create(pairs.Slice(4 * group, 16)), Vector128.Create(pairs.Slice(4 * group + 16, 16)));
            (even & two).CopyTo(codes[(16 * group)..]);
            (odd & two).CopyTo(codes[(16 * group + 16)..]);
            even >>>= 2;
            odd >>>= 2;
        }
        MemoryMarshal.Write(scales, block.Scale);
        MemoryMarshal.Write(scales[2..], block.Offset);
        Vector128<byte> factors = Vector128.Create((ReadOnlySpan<byte>)block.Groups);
        (factors & Vector128.Create((byte)15)).CopyTo(scales[4..]);
        (factors >>> 4).CopyTo(scales[20..]);
    }

    public static bool IsFinite(in Q2_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
