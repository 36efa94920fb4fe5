using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 144 bytes (ggml-common.h, block_q4_K), in 8 groups of 32: weight = scale · s · code − offset · m, with s and m of the group.
/// <code>
/// byte 0-1     scale, IEEE half
/// byte 2-3     offset, IEEE half
/// byte 4-15    s and m of the groups: see <see cref="GroupFactors"/>
/// byte 16-143  byte 16 + 32 · k + i: low nibble code of weight 64 · k + i, high nibble of weight 64 · k + 32 + i
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_K : IAffineBlock<Q4_K>
{
    public ushort Scale;
    public ushort Offset;
    public GroupFactors Groups;
    public Codes128 Codes;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(4, 256, 32, GroupScales.TwoLevels);

    public static void Dequantize(in Q4_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes;
        Vector128<byte> nibble = Vector128.Create((byte)15);
        ulong s = block.Groups.S, m = block.Groups.M;
        for (int group = 0; group < 8; group += 2)
        {
            float step = scale * (byte)(s >> (8 * group)), shift = -(offset * (byte)(m >> (8 * group)));
            float nextStep = scale * (byte)(s >> (8 * group + 8)), nextShift = -(offset * (byte)(m >> (8 * group + 8)));
            Vector128<byte> first = Vector128.Create(codes[(16 * group)..]), second = Vector128.Create(codes[(16 * group + 16)..]);
            Span<float> to = values.Slice(32 * group, 64);
            Blocks.Codes.Affine(first & nibble, step, shift, to);
            Blocks.Codes.Affine(second & nibble, step, shift, to[16..]);
            Blocks.Codes.Affine(first >>> 4, nextStep, nextShift, to[32..]);
            Blocks.Codes.Affine(second >>> 4, nextStep, nextShift, to[48..]);
        }
    }

    public static void Unpack(in Q4_K block, Span<byte> codes, Span<byte> scales)
    {
        ReadOnlySpan<byte> pairs = block.Codes;
        for (int group = 0; group < 8; group += 2)
        {
            Vector128<byte> first = Vector128.Create(pairs[(16 * group)..]), second = Vector128.Create(pairs[(16 * group + 16)..]);
            Span<byte> to = codes.Slice(32 * group, 64);
            (first & Vector128.Create((byte)15)).CopyTo(to);
            (second & Vector128.Create((byte)15)).CopyTo(to[16..]);
            (first >>> 4).CopyTo(to[32..]);
            (second >>> 4).CopyTo(to[48..]);
        }
        block.Groups.Unpack(block.Scale, block.Offset, scales);
    }

    public static bool IsFinite(in Q4_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
