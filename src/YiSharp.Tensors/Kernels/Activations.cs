using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>How activations are rounded for a kind of weights.</summary>
/// <param name="Bytes">1 for codes of 8 bits with fine codes where they matter, 2 for codes of 16 bits.</param>
/// <param name="SumLength">Activations of a sum, 16 or 32; 0 where there are no sums.</param>
internal readonly record struct ActivationForm(int Bytes, int SumLength);

/// <summary>The rounded activations of up to <see cref="Activations.TileRows"/> rows: in each block of 32 inputs, row by row.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Codes">[blocks, Rows, 32] of 1 or 2 bytes.</param>
/// <param name="Scales">[blocks, Rows].</param>
/// <param name="Sums">scale · Σ codes, [blocks, 32 / SumLength, Rows].</param>
/// <param name="FineCodes">[blocks, Rows, 32]; set where <paramref name="Fine"/> says.</param>
/// <param name="FineScales">[blocks, Rows].</param>
/// <param name="FineSums">[blocks, 32 / SumLength, Rows].</param>
/// <param name="Fine">Blocks with fine codes, ascending, after their number: block · 256 + one bit for each row that has them.</param>
internal unsafe readonly struct ActivationTile(int Rows, byte* Codes, float* Scales, float* Sums, byte* FineCodes, float* FineScales, float* FineSums, int* Fine)
{
    public readonly int Rows = Rows;
    public readonly byte* Codes = Codes, FineCodes = FineCodes;
    public readonly float* Scales = Scales, Sums = Sums, FineScales = FineScales, FineSums = FineSums;
    public readonly int* Fine = Fine;
}

/// <summary>
/// Activations as integers: x ≈ scale · code in each block of 32, scale = max|x| / 127 (words: 32767).
/// </summary>
/// <remarks>
/// A few blocks of a row hold its outliers, and with them most of the rounding error, which grows with the square of the scale. Blocks
/// whose squared scale is above a multiple of the row's mean get a second byte: x ≈ scale · (code + fine code / 254).
/// What other shares give and cost stands in docs/experiments.md.
/// </remarks>
internal readonly unsafe struct Activations
{
    /// <summary>Rows that the kernels take at once.</summary>
    public const int TileRows = 8;

    /// <summary>A block gets fine codes when its squared scale is above this multiple of the row's mean, in rows of fewer than <see cref="WideRow"/> inputs.</summary>
    private const float FineShare = 2;

    /// <summary>The same in wider rows: the more inputs a sum has, the less a block's rounding moves it.</summary>
    private const float WideFineShare = 4;

    private const int WideRow = 2048;

    private const float GreatestByte = 127;
    private const float GreatestWord = 32767;

    /// <summary>A rounding error is at most half a step: a fine code of at most 127.</summary>
    private const float FineSteps = 254;

    /// <summary>A block whose values are all smaller counts as zero: the inverse of its scale would not be finite.</summary>
    private const float Least = 1e-30f;

    /// <summary>1.5 · 2^23: adding it rounds to an integer, ties to even, which then stands in the lower bits.</summary>
    private const float Rounder = 12582912f;

    private const int BlockLength = PackedWeight.BlockLength;

    private readonly CpuTensor _codes;
    private readonly CpuTensor _numbers;
    private readonly CpuTensor? _fine;
    private readonly ActivationForm _form;
    private readonly int _rows;
    private readonly int _blockCount;

    private Activations(CpuTensor x, ActivationForm form, Workspace workspace)
    {
        (_form, _rows, _blockCount) = (form, x.Rows, x.Columns / BlockLength);
        _codes = workspace.Rent(x.Rows, 2 * x.Columns / sizeof(float));
        _numbers = workspace.Rent(x.Rows, _blockCount * (2 + 2 * SumCount));
        _fine = form.Bytes == 1 ? workspace.Rent(TileCount, _blockCount + 1) : null;
    }

    public int TileCount => (_rows + TileRows - 1) / TileRows;

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
        return rounded;
    }

    /// <summary>Rows [8 · index, 8 · index + 8), fewer at the end.</summary>
    public ActivationTile Tile(int index)
    {
        int rows = Math.Min(TileRows, _rows - index * TileRows);
        nint before = (nint)index * TileRows * _blockCount, numbers = (nint)rows * _blockCount;
        byte* codes = (byte*)_codes.Pointer + before * 2 * BlockLength;
        float* scales = _numbers.Pointer + before * (2 + 2 * SumCount);
        float* sums = scales + numbers, fineScales = sums + numbers * SumCount;
        int* fine = _fine is null ? null : (int*)_fine.Pointer + (nint)index * (_blockCount + 1);
        return new ActivationTile(rows, codes, scales, sums, codes + numbers * BlockLength, fineScales, fineScales + numbers, fine);
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        _codes.Dispose();
        _numbers.Dispose();
        _fine?.Dispose();
    }

    private void Round(CpuTensor x, int index)
    {
        ActivationTile tile = Tile(index);
        if (_form.Bytes == 1) new Span<int>(tile.Fine, _blockCount + 1).Clear();
        for (int row = 0; row < tile.Rows; row++)
        {
            float* from = x.Pointer + (long)(index * TileRows + row) * x.Columns;
            if (_form.Bytes == 1) RoundToBytes(from, in tile, row);
            else RoundToWords(from, in tile, row);
        }
        if (_form.Bytes == 1) List(tile.Fine);
    }

    private void RoundToBytes(float* x, in ActivationTile tile, int row)
    {
        float squares = 0, share = _blockCount * BlockLength < WideRow ? FineShare : WideFineShare;
        for (int block = 0; block < _blockCount; block++)
        {
            nint at = (nint)block * tile.Rows + row;
            float max = MaxMagnitude(x + block * BlockLength);
            float scale = max < Least ? 0 : max / GreatestByte;
            tile.Scales[at] = scale;
            Store(x + block * BlockLength, max < Least ? 0 : GreatestByte / max, tile.Codes + at * BlockLength, scale, SumsOf(tile.Sums, block, tile.Rows, row), tile.Rows);
            squares += scale * scale;
        }
        for (int block = 0; block < _blockCount; block++)
        {
            float scale = tile.Scales[(nint)block * tile.Rows + row];
            if (scale * scale * _blockCount <= share * squares) continue;
            tile.Fine[1 + block] |= 1 << row;
            Refine(x + block * BlockLength, in tile, row, block);
        }
    }

    private float* SumsOf(float* sums, int block, int rows, int row) => sums + (nint)block * SumCount * rows + row;

    /// <summary>What the codes of a block leave over, in steps of scale / 254.</summary>
    private void Refine(float* x, in ActivationTile tile, int row, int block)
    {
        nint at = (nint)block * tile.Rows + row;
        float scale = tile.Scales[at];
        sbyte* codes = (sbyte*)tile.Codes + at * BlockLength;
        float* rest = stackalloc float[BlockLength];
        for (int i = 0; i < BlockLength; i++) rest[i] = x[i] - codes[i] * scale;

        tile.FineScales[at] = scale / FineSteps;
        Store(rest, FineSteps / scale, tile.FineCodes + at * BlockLength, scale / FineSteps, SumsOf(tile.FineSums, block, tile.Rows, row), tile.Rows);
    }

    /// <summary>From a mask for each block to the list of those that are not empty, in place: an entry never stands behind its block's mask.</summary>
    private void List(int* fine)
    {
        int count = 0;
        for (int block = 0; block < _blockCount; block++)
        {
            int mask = fine[1 + block];
            if (mask != 0) fine[1 + count++] = block << TileRows | mask;
        }
        fine[0] = count;
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
            StoreSums(a + b, c + d, scale, SumsOf(tile.Sums, block, tile.Rows, row), tile.Rows);
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
