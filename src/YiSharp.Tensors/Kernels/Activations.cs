using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>How activations are rounded for a kind of weights.</summary>
/// <param name="Bytes">1 for codes of 8 bits beside outliers in single precision, 2 for codes of 16 bits.</param>
/// <param name="SumLength">Activations of a sum, 16 or 32; 0 where there are no sums.</param>
internal readonly record struct ActivationForm(int Bytes, int SumLength);

/// <summary>An activation that is multiplied as it is; its code is 0.</summary>
/// <param name="Row">Row of the tile.</param>
/// <param name="Column">Which input.</param>
/// <param name="Value">Its value.</param>
internal readonly struct Outlier(int Row, int Column, float Value)
{
    public readonly int Row = Row, Column = Column;
    public readonly float Value = Value;
}

/// <summary>The rounded activations of up to <see cref="Activations.TileRows"/> rows: in each block of 32 inputs, row by row.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Codes">[blocks, Rows, 32] of 1 or 2 bytes.</param>
/// <param name="Scales">[blocks, Rows].</param>
/// <param name="Sums">scale · Σ codes, [blocks, 32 / SumLength, Rows].</param>
/// <param name="Outliers">Row by row, blocks ascending; null where activations have 2 bytes.</param>
/// <param name="OutlierCount">Number of them, one integer.</param>
internal unsafe readonly struct ActivationTile(int Rows, byte* Codes, float* Scales, float* Sums, Outlier* Outliers, int* OutlierCount)
{
    public readonly int Rows = Rows;
    public readonly byte* Codes = Codes;
    public readonly float* Scales = Scales, Sums = Sums;
    public readonly Outlier* Outliers = Outliers;
    public readonly int* OutlierCount = OutlierCount;
}

/// <summary>
/// Activations as integers: x ≈ scale · code in each block of 32, scale = max|x| / 127 (words: 32767).
/// </summary>
/// <remarks>
/// A few activations of a row are far larger than the others and would make the steps of their blocks coarse, and the rounding error grows with the
/// square of the step. So in blocks whose squared scale is above a multiple of the row's mean, the largest are taken out and multiplied in single
/// precision: one in nearly all such blocks. docs/experiments.md has what other multiples give and cost.
/// </remarks>
internal readonly unsafe struct Activations
{
    /// <summary>Rows that the kernels take at once.</summary>
    public const int TileRows = 8;

    /// <summary>A block's outliers are taken out while its squared scale is above this multiple of the row's mean, in rows of fewer than <see cref="WideRow"/> inputs.</summary>
    private const float OutlierShare = 2;

    /// <summary>The same in rows of <see cref="WideRow"/> inputs and more: the more inputs a sum has, the less a block's rounding moves it.</summary>
    private const float WideOutlierShare = 4;

    private const int WideRow = 2048;

    /// <summary>Most outliers of a block.</summary>
    private const int MostOutliers = 4;

    private const float GreatestByte = 127;
    private const float GreatestWord = 32767;

    /// <summary>A block whose values are all smaller counts as zero: the inverse of its scale would not be finite.</summary>
    private const float Least = 1e-30f;

    /// <summary>1.5 · 2^23: adding it rounds to an integer, ties to even, which then stands in the lower bits.</summary>
    private const float Rounder = 12582912f;

    private const int BlockLength = PackedWeight.BlockLength;

    private readonly CpuTensor _codes;
    private readonly CpuTensor _numbers;
    private readonly CpuTensor? _outliers;
    private readonly CpuTensor? _columns;
    private readonly byte* _codesAt;
    private readonly float* _numbersAt;
    private readonly int* _outliersAt;
    private readonly int* _columnsAt;
    private readonly ActivationForm _form;
    private readonly int _rows;
    private readonly int _blockCount;

    private Activations(CpuTensor x, ActivationForm form, Workspace workspace)
    {
        (_form, _rows, _blockCount) = (form, x.Rows, x.Columns / BlockLength);
        _codes = workspace.Rent(x.Rows, form.Bytes * x.Columns / sizeof(float));
        _numbers = workspace.Rent(x.Rows, _blockCount * (1 + SumCount));
        _codesAt = (byte*)_codes.Pointer;
        _numbersAt = _numbers.Pointer;
        if (form.Bytes != 1) return;
        _outliers = workspace.Rent(TileCount, TileOutlierFloats);
        _columns = workspace.Rent(1, 1 + 2 * x.Columns);
        _outliersAt = (int*)_outliers.Pointer;
        _columnsAt = (int*)_columns.Pointer;
    }

    public int Rows => _rows;

    public int TileCount => (_rows + TileRows - 1) / TileRows;

    /// <summary>Whether there is one row.</summary>
    public bool IsRow => _rows == 1;

    /// <summary>Inputs that are an outlier in some row, each once; none where activations have 2 bytes.</summary>
    public ReadOnlySpan<int> OutlierColumns => _columnsAt == null ? [] : new(_columnsAt + 1, *_columnsAt);

    /// <summary>Where an input stands in <see cref="OutlierColumns"/>; [columns], of those that do.</summary>
    public int* OutlierIndexes => _columnsAt + 1 + _blockCount * BlockLength;

    /// <summary>Room for a tile's outliers and their number.</summary>
    private int TileOutlierFloats => 1 + TileRows * _blockCount * MostOutliers * sizeof(Outlier) / sizeof(float);

    /// <summary>Sums of a block.</summary>
    private int SumCount => _form.SumLength == 0 ? 0 : BlockLength / _form.SumLength;

    /// <summary>Rounds every row of x; <see cref="Return"/> gives the memory back.</summary>
    public static Activations Round(CpuTensor x, ActivationForm form, Workspace workspace, Parallelism parallelism)
    {
        var rounded = new Activations(x, form, workspace);
        int grain = Math.Max(1, (1 << 14) / x.Columns / TileRows);
        parallelism.For(rounded.TileCount, grain, (rounded, x), static (in (Activations To, CpuTensor X) call, int start, int end) =>
        {
            for (int tile = start; tile < end; tile++) call.To.Round(call.X, tile);
        });
        if (form.Bytes == 1) rounded.FindColumns();
        return rounded;
    }

    /// <summary>Rows [8 · index, 8 · index + 8), fewer at the end.</summary>
    public ActivationTile Tile(int index)
    {
        int rows = Math.Min(TileRows, _rows - index * TileRows);
        nint before = (nint)index * TileRows * _blockCount;
        byte* codes = _codesAt + before * _form.Bytes * BlockLength;
        float* scales = _numbersAt + before * (1 + SumCount), sums = scales + (nint)rows * _blockCount;
        if (_outliersAt == null) return new ActivationTile(rows, codes, scales, sums, null, null);
        int* outliers = _outliersAt + (nint)index * TileOutlierFloats;
        return new ActivationTile(rows, codes, scales, sums, (Outlier*)(outliers + 1), outliers);
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        _codes.Dispose();
        _numbers.Dispose();
        _outliers?.Dispose();
        _columns?.Dispose();
    }

    private void FindColumns()
    {
        int* count = _columnsAt, columns = count + 1, indexes = OutlierIndexes;
        *count = 0;
        // A row has an input once.
        if (!IsRow) new Span<int>(indexes, _blockCount * BlockLength).Fill(-1);
        for (int index = 0; index < TileCount; index++)
        {
            ActivationTile tile = Tile(index);
            for (Outlier* outlier = tile.Outliers, end = outlier + *tile.OutlierCount; outlier < end; outlier++)
            {
                if (!IsRow && indexes[outlier->Column] >= 0) continue;
                indexes[outlier->Column] = *count;
                columns[(*count)++] = outlier->Column;
            }
        }
    }

    private void Round(CpuTensor x, int index)
    {
        ActivationTile tile = Tile(index);
        Outlier* next = tile.Outliers;
        for (int row = 0; row < tile.Rows; row++)
        {
            float* from = x.Pointer + (long)(index * TileRows + row) * x.Columns;
            if (_form.Bytes == 1) RoundToBytes(from, in tile, row, ref next);
            else RoundToWords(from, in tile, row);
        }
        if (_form.Bytes == 1) *tile.OutlierCount = (int)(next - tile.Outliers);
    }

    private void RoundToBytes(float* x, in ActivationTile tile, int row, ref Outlier* next)
    {
        float squares = 0;
        for (int block = 0; block < _blockCount; block++)
        {
            float scale = MaxMagnitude(x + block * BlockLength) / GreatestByte;
            tile.Scales[(nint)block * tile.Rows + row] = scale;
            squares += scale * scale;
        }
        float limit = squares * (_blockCount * BlockLength < WideRow ? OutlierShare : WideOutlierShare) / _blockCount;
        float* rest = stackalloc float[BlockLength];
        for (int block = 0; block < _blockCount; block++)
        {
            nint at = (nint)block * tile.Rows + row;
            float* from = x + block * BlockLength;
            float scale = tile.Scales[at];
            if (scale * scale > limit)
            {
                new ReadOnlySpan<float>(from, BlockLength).CopyTo(new Span<float>(rest, BlockLength));
                from = rest;
                scale = TakeOutliers(rest, row, block, limit, ref next);
            }
            if (scale * GreatestByte < Least) scale = 0;
            tile.Scales[at] = scale;
            Store(from, scale == 0 ? 0 : 1 / scale, tile.Codes + at * BlockLength, scale, tile.Sums + (nint)block * SumCount * tile.Rows + row, tile.Rows);
        }
    }

    /// <summary>Takes the largest values of a block out of it until what is left, whose scale it returns, is below the limit.</summary>
    private static float TakeOutliers(float* x, int row, int block, float limit, ref Outlier* next)
    {
        float largest = MaxMagnitude(x);
        for (int taken = 0; taken < MostOutliers && largest * largest > limit * GreatestByte * GreatestByte; taken++)
        {
            int at = IndexOf(x, largest);
            if (at < 0) break;
            *next++ = new Outlier(row, block * BlockLength + at, x[at]);
            x[at] = 0;
            largest = MaxMagnitude(x);
        }
        return largest / GreatestByte;
    }

    /// <summary>The first value of a block with this magnitude; -1 where it is not a number.</summary>
    private static int IndexOf(float* x, float magnitude)
    {
        for (int i = 0; i < BlockLength; i += Vector256<float>.Count)
        {
            uint found = Vector256.Equals(Vector256.Abs(Vector256.Load(x + i)), Vector256.Create(magnitude)).ExtractMostSignificantBits();
            if (found != 0) return i + BitOperations.TrailingZeroCount(found);
        }
        return -1;
    }

    private void Store(float* x, float inverse, byte* codes, float scale, float* sums, int sumStride)
    {
        Vector256<int> a = Code(x, inverse), b = Code(x + 8, inverse), c = Code(x + 16, inverse), d = Code(x + 24, inverse);
        Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).Store((sbyte*)codes);
        StoreSums(a + b, c + d, scale, sums, sumStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StoreSums(Vector256<int> first, Vector256<int> second, float scale, float* sums, int stride)
    {
        if (_form.SumLength == BlockLength) sums[0] = scale * Vector256.Sum(first + second);
        if (_form.SumLength != BlockLength / 2) return;
        sums[0] = scale * Vector256.Sum(first);
        sums[stride] = scale * Vector256.Sum(second);
    }

    private void RoundToWords(float* x, in ActivationTile tile, int row)
    {
        for (int block = 0; block < _blockCount; block++, x += BlockLength)
        {
            nint at = (nint)block * tile.Rows + row;
            short* codes = (short*)tile.Codes + at * BlockLength;
            float max = MaxMagnitude(x);
            float scale = max < Least ? 0 : max / GreatestWord;
            float inverse = max < Least ? 0 : GreatestWord / max;
            tile.Scales[at] = scale;
            Vector256<int> a = Code(x, inverse), b = Code(x + 8, inverse), c = Code(x + 16, inverse), d = Code(x + 24, inverse);
            Vector256.Narrow(a, b).Store(codes);
            Vector256.Narrow(c, d).Store(codes + 16);
            StoreSums(a + b, c + d, scale, tile.Sums + (nint)block * SumCount * tile.Rows + row, tile.Rows);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Code(float* x, float inverse) =>
        (Vector256.Load(x) * inverse + Vector256.Create(Rounder)).AsInt32() - Vector256.Create(Rounder).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxMagnitude(float* x)
    {
        Vector256<float> lower = Vector256.MaxNative(Vector256.Abs(Vector256.Load(x)), Vector256.Abs(Vector256.Load(x + 8)));
        Vector256<float> upper = Vector256.MaxNative(Vector256.Abs(Vector256.Load(x + 16)), Vector256.Abs(Vector256.Load(x + 24)));
        Vector256<float> eight = Vector256.MaxNative(lower, upper);
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
