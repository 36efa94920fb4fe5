using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
internal struct Q4_K : IWeightBlock<Q4_K>
{
    public ushort Scale;
    public ushort Offset;
    public GroupFactors Groups;
    public Codes128 Codes;

    public static int Length => 256;

    public static void Dequantize(in Q4_K block, Span<float> values)
    {
        float scale = Float16.ToSingle(block.Scale), offset = Float16.ToSingle(block.Offset);
        ReadOnlySpan<byte> codes = block.Codes;
        for (int group = 0; group < 8; group++)
        {
            (int s, int m) = block.Groups.Of(group);
            float step = scale * s, shift = -(offset * m);
            for (int half = 0; half < 2; half++)
            {
                Vector128<byte> pairs = Vector128.Create(codes[(32 * (group / 2) + 16 * half)..]);
                Vector128<byte> code = group % 2 == 0 ? pairs & Vector128.Create((byte)15) : pairs >>> 4;
                Blocks.Codes.Affine(code, step, shift, values[(32 * group + 16 * half)..]);
            }
        }
    }

    public static bool IsFinite(in Q4_K block) => Float16.IsFinite(block.Scale) && Float16.IsFinite(block.Offset);
}
