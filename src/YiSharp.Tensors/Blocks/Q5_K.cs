using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
internal struct Q5_K : IWeightBlock<Q5_K>
{
    public ushort Scale;
    public ushort Offset;
    public GroupFactors Groups;
    public Codes32 FifthBits;
    public Codes128 Codes;

    public static int Length => 256;

    public static void Dequantize(in Q5_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes, fifthBits = block.FifthBits;
        for (int group = 0; group < 8; group++)
        {
            (int s, int m) = block.Groups.Of(group);
            float step = scale * s, shift = -(offset * m);
            for (int half = 0; half < 2; half++)
            {
                Vector128<byte> pairs = Vector128.Create(codes[(32 * (group / 2) + 16 * half)..]);
                Vector128<byte> low = group % 2 == 0 ? pairs & Vector128.Create((byte)15) : pairs >>> 4;
                Vector128<byte> fifth = ((Vector128.Create(fifthBits[(16 * half)..]) >>> group) & Vector128<byte>.One) << 4;
                Blocks.Codes.Affine(low | fifth, step, shift, values[(32 * group + 16 * half)..]);
            }
        }
    }

    public static bool IsFinite(in Q5_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
