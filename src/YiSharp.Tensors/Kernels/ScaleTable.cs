using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// The scales and offsets of a group of 16 rows: stored in the file's own precision, side by side, and expanded to single precision when the group
/// is computed, once for all rows of activations.
/// </summary>
internal static unsafe class ScaleTable
{
    private const int Rows = PackedWeight.GroupRows;

    /// <summary>Puts a row's scales of one of the file's blocks to their place: halves [..][16 rows], then bytes [..][16 rows].</summary>
    public static void Place(AffineForm form, ReadOnlySpan<byte> scales, int lane, byte* to)
    {
        int halves = form.HalfCount;
        for (int i = 0; i < halves; i++) ((ushort*)to)[i * Rows + lane] = (ushort)(scales[2 * i] | scales[2 * i + 1] << 8);
        to += halves * Rows * sizeof(ushort);
        for (int i = 2 * halves; i < scales.Length; i++, to += Rows) to[lane] = scales[i];
    }

    /// <summary>The scales and offsets of one row in one of the file's blocks, [groups] each.</summary>
    public static void RowOf(AffineForm form, byte* stored, int lane, Span<float> scales, Span<float> offsets)
    {
        byte* bytes = stored + form.HalfCount * Rows * sizeof(ushort) + lane;
        float Half(int i) => Float16.ToSingle(((ushort*)stored)[i * Rows + lane]);
        for (int group = 0; group < form.GroupCount; group++)
        {
            scales[group] = form.Scales switch
            {
                GroupScales.Half => Half(group),
                GroupScales.HalfWithOffset => Half(2 * group),
                GroupScales.TwoLevels => Half(0) * bytes[group * Rows],
                GroupScales.TwoLevelsSigned => Half(0) * (sbyte)bytes[group * Rows],
                _ => MXFP4.ScaleOf(bytes[group * Rows]),
            };
            offsets[group] = form.Scales switch
            {
                GroupScales.HalfWithOffset => Half(2 * group + 1),
                GroupScales.TwoLevels => -(Half(1) * bytes[(form.GroupCount + group) * Rows]),
                _ => -form.Zero * scales[group],
            };
        }
    }

    /// <summary>Writes the scales, and the offsets where there are any, of all blocks of 32 inputs: [blocks, 1 or 2, 16 rows].</summary>
    /// <param name="form">The format.</param>
    /// <param name="stored">What <see cref="Place"/> wrote, of all of the file's blocks.</param>
    /// <param name="blockCount">The file's blocks of a row.</param>
    /// <param name="scales">Result.</param>
    /// <param name="offsets">Result; null where the format has none.</param>
    public static void Expand(AffineForm form, byte* stored, int blockCount, float* scales, float* offsets)
    {
        int halfBytes = form.HalfCount * Rows * sizeof(ushort), blockBytes = form.ScaleBytes * Rows;
        int copies = Math.Max(1, form.GroupLength / PackedWeight.BlockLength);
        float* halves = stackalloc float[2 * Rows];
        for (int block = 0; block < blockCount; block++, stored += blockBytes)
        {
            byte* bytes = stored + halfBytes;
            if (form.Scales is GroupScales.TwoLevels or GroupScales.TwoLevelsSigned)
            {
                Halves((ushort*)stored, halves);
                if (form.Scales == GroupScales.TwoLevels) Halves((ushort*)stored + Rows, halves + Rows);
            }
            for (int group = 0; group < form.GroupCount; group++)
            {
                switch (form.Scales)
                {
                    case GroupScales.Half:
                        Halves((ushort*)stored + group * Rows, scales);
                        break;
                    case GroupScales.HalfWithOffset:
                        Halves((ushort*)stored + 2 * group * Rows, scales);
                        Halves((ushort*)stored + (2 * group + 1) * Rows, offsets);
                        break;
                    case GroupScales.TwoLevels:
                        Unsigned(bytes + group * Rows, halves, scales, sign: 1);
                        Unsigned(bytes + (form.GroupCount + group) * Rows, halves + Rows, offsets, sign: -1);
                        break;
                    case GroupScales.TwoLevelsSigned:
                        Signed((sbyte*)bytes + group * Rows, halves, scales);
                        break;
                    default:
                        for (int row = 0; row < Rows; row++) scales[row] = MXFP4.ScaleOf(bytes[group * Rows + row]);
                        break;
                }
                if (form.Zero != 0) Multiply(scales, -form.Zero, offsets);
                for (int copy = 1; copy < copies; copy++)
                {
                    new ReadOnlySpan<float>(scales, Rows).CopyTo(new Span<float>(scales + copy * Rows, Rows));
                    if (offsets != null) new ReadOnlySpan<float>(offsets, Rows).CopyTo(new Span<float>(offsets + copy * Rows, Rows));
                }
                scales += copies * Rows;
                if (offsets != null) offsets += copies * Rows;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(ushort* from, float* to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Float16.ToSingle(Vector256.Load(from)).Store(to);
            return;
        }
        Float16.ToSingle(Vector128.Load(from)).Store(to);
        Float16.ToSingle(Vector128.Load(from + 8)).Store(to + 8);
    }

    /// <summary>to[row] = sign · (factors[row] · bytes[row]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unsigned(byte* bytes, float* factors, float* to, int sign)
    {
        for (int row = 0; row < Rows; row += 8)
        {
            Vector256<float> product = Vector256.Load(factors + row) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)(bytes + row)).AsByte());
            (sign < 0 ? -product : product).Store(to + row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Signed(sbyte* bytes, float* factors, float* to)
    {
        for (int row = 0; row < Rows; row += 8) (Vector256.Load(factors + row) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)(bytes + row)).AsSByte())).Store(to + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* from, float by, float* to)
    {
        for (int row = 0; row < Rows; row += 8) (Vector256.Load(from + row) * by).Store(to + row);
    }
}
