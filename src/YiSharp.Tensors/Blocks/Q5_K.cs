using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>
/// 256 weights in 176 bytes (ggml-common.h, block_q5_K), in 8 groups of 32: weight = scale · s · code − offset · m, with s and m of the group.
/// <code>
/// byte 0-1     scale, IEEE half
/// byte 2-3     offset, IEEE half
/// byte 4-15    s and m of the groups: see <see cref="GroupFactors"/>
/// byte 16-47   byte 16 + i, bit g: bit 4 of the code of weight 32 · g + i
/// byte 48-175  byte 48 + 32 · k + i: low nibble bits 0-3 of the code of weight 64 · k + i, high nibble of weight 64 · k + 32 + i
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_K : IAffineBlock<Q5_K>
{
    public ushort Scale;
    public ushort Offset;
    public GroupFactors Groups;
    public Codes32 FifthBits;
    public Codes128 Codes;

    public static int Length => 256;

    public static AffineForm Form { get; } = new(8, 256, 32, GroupScales.TwoLevels);

    public static void Dequantize(in Q5_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes, fifths = block.FifthBits;
        Vector128<byte> nibble = Vector128.Create((byte)15), fifth = Vector128.Create((byte)16);
        Vector128<byte> fifthBits = Vector128.Create(fifths), nextFifthBits = Vector128.Create(fifths[16..]);
        ulong s = block.Groups.S, m = block.Groups.M;
        for (int group = 0; group < 8; group += 2)
        {
            float step = scale * (byte)(s >> (8 * group)), shift = -(offset * (byte)(m >> (8 * group)));
            float nextStep = scale * (byte)(s >> (8 * group + 8)), nextShift = -(offset * (byte)(m >> (8 * group + 8)));
            Vector128<byte> first = Vector128.Create(codes[(16 * group)..]), second = Vector128.Create(codes[(16 * group + 16)..]);
            Span<float> to = values.Slice(32 * group, 64);
            Blocks.Codes.Affine((first & nibble) | ((fifthBits << 4) & fifth), step, shift, to);
            Blocks.Codes.Affine((second & nibble) | ((nextFifthBits << 4) & fifth), step, shift, to[16..]);
            Blocks.Codes.Affine((first >>> 4) | ((fifthBits << 3) & fifth), nextStep, nextShift, to[32..]);
            Blocks.Codes.Affine((second >>> 4) | ((nextFifthBits << 3) & fifth), nextStep, nextShift, to[48..]);
            fifthBits >>>= 2;
            nextFifthBits >>>= 2;
        }
    }

    public static void Unpack(in Q5_K block, Span<byte> codes, Span<byte> scales)
    {
        ReadOnlySpan<byte> pairs = block.Codes, fifths = block.FifthBits;
        Vector128<byte> nibble = Vector128.Create((byte)15), fifth = Vector128.Create((byte)16);
        Vector128<byte> fifthBits = Vector128.Create(fifths), nextFifthBits = Vector128.Create(fifths[16..]);
        for (int group = 0; group < 8; group += 2)
        {
            Vector128<byte> first = Vector128.Create(pairs[(16 * group)..]), second = Vector128.Create(pairs[(16 * group + 16)..]);
            Span<byte> to = codes.Slice(32 * group, 64);
            ((first & nibble) | ((fifthBits << 4) & fifth)).CopyTo(to);
            ((second & nibble) | ((nextFifthBits << 4) & fifth)).CopyTo(to[16..]);
            ((first >>> 4) | ((fifthBits << 3) & fifth)).CopyTo(to[32..]);
            ((second >>> 4) | ((nextFifthBits << 3) & fifth)).CopyTo(to[48..]);
            fifthBits >>>= 2;
            nextFifthBits >>>= 2;
        }
        block.Groups.Unpack(block.Scale, block.Offset, scales);
    }

    public static bool IsFinite(in Q5_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
