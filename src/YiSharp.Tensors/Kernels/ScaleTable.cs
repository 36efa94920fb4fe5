using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
        // A token reads each scale once: this pass is short beside the codes' only in loops without a choice.
        switch (form.Scales)
        {
            case GroupScales.Half:
                Halves((ushort*)stored, blockCount * form.GroupCount, -form.Zero, scales, offsets);
                break;
            case GroupScales.HalfWithOffset:
                HalvesWithOffsets((ushort*)stored, blockCount * form.GroupCount, scales, offsets);
                break;
            case GroupScales.TwoLevels:
                TwoLevels(stored, blockCount, form.GroupCount, scales, offsets);
                break;
            case GroupScales.TwoLevelsSigned:
                TwoLevelsSigned(stored, blockCount, form.GroupCount, -form.Zero, scales, offsets);
                break;
            default:
                for (int i = 0; i < blockCount * form.GroupCount * Rows; i++) scales[i] = MXFP4.ScaleOf(stored[i]);
                break;
        }
        Repeat(scales, blockCount * form.GroupCount, form.GroupLength / PackedWeight.BlockLength);
        if (offsets != null) Repeat(offsets, blockCount * form.GroupCount, form.GroupLength / PackedWeight.BlockLength);
    }

    private static void Halves(ushort* stored, int groupCount, float zero, float* scales, float* offsets)
    {
        if (offsets == null)
        {
            for (int i = 0; i < groupCount * Rows; i += Rows) Store16(stored + i, scales + i);
            return;
        }
        for (int i = 0; i < groupCount * Rows; i += Rows)
        {
            Store16(stored + i, scales + i);
            Multiply16(scales + i, zero, offsets + i);
        }
    }

    private static void HalvesWithOffsets(ushort* stored, int groupCount, float* scales, float* offsets)
    {
        for (int i = 0; i < groupCount * Rows; i += Rows, stored += 2 * Rows)
        {
            Store16(stored, scales + i);
            Store16(stored + Rows, offsets + i);
        }
    }

    private static void TwoLevels(byte* stored, int blockCount, int groupCount, float* scales, float* offsets)
    {
        float* halves = stackalloc float[2 * Rows];
        for (int block = 0; block < blockCount; block++)
        {
            Store16((ushort*)stored, halves);
            Store16((ushort*)stored + Rows, halves + Rows);
            Multiply16(halves + Rows, -1, halves + Rows);
            byte* s = stored + 2 * Rows * sizeof(ushort), m = s + groupCount * Rows;
            for (int i = 0; i < groupCount * Rows; i += Rows)
            {
                Multiply16(s + i, halves, scales + i);
                Multiply16(m + i, halves + Rows, offsets + i);
            }
            stored = m + groupCount * Rows;
            scales += groupCount * Rows;
            offsets += groupCount * Rows;
        }
    }

    private static void TwoLevelsSigned(byte* stored, int blockCount, int groupCount, float zero, float* scales, float* offsets)
    {
        float* halves = stackalloc float[Rows];
        for (int block = 0; block < blockCount; block++)
        {
            Store16((ushort*)stored, halves);
            stored += Rows * sizeof(ushort);
            for (int i = 0; i < groupCount; i++, stored += Rows, scales += Rows)
            {
                Multiply16((sbyte*)stored, halves, scales);
                if (offsets == null) continue;
                Multiply16(scales, zero, offsets);
                offsets += Rows;
            }
        }
    }

    /// <summary>Groups of several blocks: each scale is written for every block, from the last on, in place.</summary>
    private static void Repeat(float* values, int groupCount, int copies)
    {
        for (int group = groupCount - 1; group >= 0 && copies > 1; group--)
        {
            for (int copy = copies - 1; copy >= 0; copy--) new ReadOnlySpan<float>(values + group * Rows, Rows).CopyTo(new Span<float>(values + (group * copies + copy) * Rows, Rows));
        }
    }

    /// <summary>16 halves, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store16(ushort* from, float* to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Float16.FiniteToSingle(Vector256.Load(from)).Store(to);
            return;
        }
        Float16.FiniteToSingle(Vector128.Load(from)).Store(to);
        Float16.FiniteToSingle(Vector128.Load(from + 8)).Store(to + 8);
    }

    /// <summary>to[row] = from[row] · by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply16(float* from, float by, float* to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            (Vector512.Load(from) * by).Store(to);
            return;
        }
        (Vector256.Load(from) * by).Store(to);
        (Vector256.Load(from + 8) * by).Store(to + 8);
    }

    /// <summary>to[row] = bytes[row] · factors[row].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply16(byte* bytes, float* factors, float* to)
    {
        if (Avx512F.IsSupported)
        {
            (Vector512.Load(factors) * Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(bytes)))).Store(to);
            return;
        }
        (Vector256.Load(factors) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)bytes).AsByte())).Store(to);
        (Vector256.Load(factors + 8) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)(bytes + 8)).AsByte())).Store(to + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply16(sbyte* bytes, float* factors, float* to)
    {
        if (Avx512F.IsSupported)
        {
            (Vector512.Load(factors) * Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(bytes)))).Store(to);
            return;
        }
        (Vector256.Load(factors) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)bytes).AsSByte())).Store(to);
        (Vector256.Load(factors + 8) * Codes.Widen(Vector128.CreateScalarUnsafe(*(long*)(bytes + 8)).AsSByte())).Store(to + 8);
    }
}
