using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Products of a group's 4-bit weights with activations that are outliers, in single precision. Outliers stand in few inputs, in many rows: each of these inputs'
/// weights is unpacked once.
/// </summary>
internal static unsafe class Int4Outliers
{
    private const int BlockLength = PackedWeight.BlockLength, GroupRows = PackedWeight.GroupRows;

    /// <summary>Adds Σ weight · outlier to y[row, lane] of rows that have any.</summary>
    /// <param name="form">The weights' form.</param>
    /// <param name="weights">The weights; scales are read as they are stored where there is no table of them.</param>
    /// <param name="x">The activations.</param>
    /// <param name="y">Result.</param>
    /// <param name="yColumns">Floats from one row of it to the next.</param>
    /// <param name="set">Which body.</param>
    public static void Add(AffineForm form, in GroupView weights, in Activations x, float* y, int yColumns, InstructionSet set)
    {
        if (x.OutlierColumns.IsEmpty) return;
        if (set >= InstructionSet.Avx512) Add<CodeLanes16, Vector512<byte>, Vector512<float>>(form, in weights, in x, y, yColumns);
        else if (set == InstructionSet.Avx2) Add<CodeLanes8, Vector256<byte>, Vector256<float>>(form, in weights, in x, y, yColumns);
        else Add<CodeLanes4, Vector128<byte>, Vector128<float>>(form, in weights, in x, y, yColumns);
    }

    private static void Add<TLanes, TBits, TFloats>(AffineForm form, in GroupView weights, in Activations x, float* y, int yColumns)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        for (int lane = 0; lane < GroupRows; lane += TLanes.Count)
        {
            if (weights.Scales != null) Unpack<TLanes, TBits, TFloats>(form.GroupLength, in weights, x.OutlierColumns, lane);
            else if (form.Scales == GroupScales.Half) Unpack<TLanes, TBits, TFloats, HalfScales<TLanes, TBits, TFloats>>(new(form, lane), form, in weights, x.OutlierColumns, lane);
            else if (form.Scales == GroupScales.HalfWithOffset) Unpack<TLanes, TBits, TFloats, HalfScalesWithOffsets<TLanes, TBits, TFloats>>(new(lane), form, in weights, x.OutlierColumns, lane);
            else if (form.Scales == GroupScales.TwoLevels) Unpack<TLanes, TBits, TFloats, TwoLevelScales<TLanes, TBits, TFloats>>(new(form, lane), form, in weights, x.OutlierColumns, lane);
            else Unpack<TLanes, TBits, TFloats, SignedTwoLevelScales<TLanes, TBits, TFloats>>(new(form, lane), form, in weights, x.OutlierColumns, lane);
            float* to = y + lane;
            for (int index = 0; index < x.TileCount; index++, to += Activations.TileRows * (nint)yColumns) Add<TLanes, TBits, TFloats>(weights.Outliers, x.OutlierIndexes, x.Tile(index), to, yColumns);
        }
    }

    /// <summary>The weights of some inputs, [inputs, lanes], by a table of scales.</summary>
    private static void Unpack<TLanes, TBits, TFloats>(int groupLength, in GroupView weights, ReadOnlySpan<int> columns, int lane)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        uint length = (uint)Math.Min(groupLength, BlockLength);
        float* to = weights.Outliers, scales = weights.Scales + lane, offsets = weights.Offsets + lane;
        foreach (int column in columns)
        {
            nuint group = (uint)column / length * GroupRows;
            TFloats code = AffineInt4.Code<TLanes, TBits, TFloats>(weights.Codes, (uint)column, lane);
            TLanes.Store(to, TLanes.MultiplyAdd(code, TLanes.LoadFloats(scales + group), TLanes.LoadFloats(offsets + group)));
            to += TLanes.Count;
        }
    }

    /// <summary>The same by the scales as they are stored.</summary>
    private static void Unpack<TLanes, TBits, TFloats, TScales>(TScales scales, AffineForm form, in GroupView weights, ReadOnlySpan<int> columns, int lane)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
        where TScales : struct, IStoredScales<TFloats>
    {
        float* to = weights.Outliers;
        foreach (int column in columns)
        {
            scales.Open(weights.Stored + column / form.BlockLength * (nint)form.ScaleBytes * GroupRows);
            int group = column % form.BlockLength / form.GroupLength;
            TFloats scale = scales.Scale(group);
            TFloats code = AffineInt4.Code<TLanes, TBits, TFloats>(weights.Codes, (uint)column, lane);
            TLanes.Store(to, TLanes.MultiplyAdd(code, scale, scales.Offset(group, scale)));
            to += TLanes.Count;
        }
    }

    private static void Add<TLanes, TBits, TFloats>(float* weights, int* indexes, ActivationTile x, float* y, int yColumns)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        for (Outlier* outlier = x.Outliers, end = outlier + *x.OutlierCount; outlier < end;)
        {
            int row = outlier->Row;
            TFloats sum = default;
            for (; outlier < end && outlier->Row == row; outlier++) sum = TLanes.MultiplyAdd(TLanes.LoadFloats(weights + indexes[outlier->Column] * (nint)TLanes.Count), &outlier->Value, sum);
            float* to = y + row * (nint)yColumns;
            TLanes.Store(to, TLanes.Add(TLanes.LoadFloats(to), sum));
        }
    }
}
