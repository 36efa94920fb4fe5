using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>A matrix of floats anywhere in memory: element (i, j) lies at Pointer[i · RowStride + j · ColumnStride].</summary>
internal readonly unsafe record struct MatrixView(nint Address, nint RowStride, nint ColumnStride)
{
    /// <summary>Rows one after the other, <paramref name="columns"/> long.</summary>
    public static MatrixView RowMajor(float* pointer, int columns) => new((nint)pointer, columns, 1);

    /// <summary>The first element.</summary>
    public float* Pointer => (float*)Address;

    /// <summary>Columns as rows.</summary>
    public MatrixView Transposed => new(Address, ColumnStride, RowStride);

    /// <summary>The part that starts at an element.</summary>
    public MatrixView From(nint row, nint column) => this with { Address = (nint)(Pointer + row * RowStride + column * ColumnStride) };
}

/// <summary>
/// The right factor of a product, [depth, columns], in panels of <see cref="MatrixProduct.TileColumns"/> columns: element (k, j) lies at
/// Address[j / 32 · PanelStride + k · RowStride + j % 32]. Packed panels are contiguous; a row-major matrix is its own panels.
/// </summary>
internal readonly unsafe record struct PanelView(nint Address, nint PanelStride, nint RowStride)
{
    /// <summary>Panels one after the other, each [depth][32], zeros beyond the last column.</summary>
    public static PanelView Packed(float* pointer, int depth) => new((nint)pointer, (nint)depth * MatrixProduct.TileColumns, MatrixProduct.TileColumns);

    /// <summary>A row-major matrix where it lies.</summary>
    public static PanelView RowMajor(float* pointer, int columns) => new((nint)pointer, MatrixProduct.TileColumns, columns);

    /// <summary>Whether reading a whole panel beyond the last column stays inside of the memory.</summary>
    public bool IsPacked => RowStride == MatrixProduct.TileColumns && PanelStride != MatrixProduct.TileColumns;

    /// <summary>Row <paramref name="k"/> of the panel that starts at column <paramref name="j"/>, a multiple of 32.</summary>
    public float* At(int k, int j) => (float*)Address + j / MatrixProduct.TileColumns * PanelStride + k * RowStride;
}

/// <summary>
/// The inner part of a single-precision matrix product, C (+)= A · B, on one thread: tiles of <see cref="TileRows"/> ×
/// <see cref="TileColumns"/> held in registers. Every element of C is a sum over k in ascending order, in blocks of
/// <see cref="BlockDepth"/>, whatever the tile, so results do not depend on how rows and columns are split over threads.
/// </summary>
[SkipLocalsInit]
internal static unsafe class MatrixProduct
{
    /// <summary>Rows of a register tile.</summary>
    public const int TileRows = 8;

    /// <summary>Columns of a register tile, and of a panel.</summary>
    public const int TileColumns = 32;

    /// <summary>Products summed before C is touched: a panel of this depth (24 KB) stays in the first-level cache.</summary>
    public const int BlockDepth = 192;

    /// <summary>Floats of the packed form of a [depth, columns] matrix.</summary>
    public static nint PackedLength(int depth, int columns) => (nint)depth * ((columns + TileColumns - 1) / TileColumns * TileColumns);

    /// <summary>C[i, j] (+)= Σ A[i, k] · B[k, j]: A [rows, depth], B [depth, columns], C row-major with <paramref name="stride"/> between rows.</summary>
    public static void Multiply(MatrixView a, PanelView b, float* c, nint stride, int rows, int columns, int depth, bool accumulate)
    {
        for (int k = 0; k < depth; k += BlockDepth)
        {
            int count = Math.Min(BlockDepth, depth - k);
            var to = new MatrixView((nint)c, stride, 1);
            if (a.ColumnStride == 1) PanelByPanel(a, b, to, rows, columns, k, count, accumulate || k > 0);
            else RowsByRows(a, b, to, rows, columns, k, count, accumulate || k > 0);
        }
    }

    /// <summary>A panel of B stays in the first-level cache while the rows of A pass.</summary>
    private static void PanelByPanel(MatrixView a, PanelView b, MatrixView c, int rows, int columns, int k, int count, bool accumulate)
    {
        float* rest = stackalloc float[TileRows * BlockDepth];
        int wholeRows = rows / TileRows * TileRows;
        MatrixView edge = wholeRows < rows ? PackRows(a.From(wholeRows, k), rows - wholeRows, count, rest) : default;
        for (int j = 0; j < columns; j += TileColumns)
        {
            int width = Math.Min(TileColumns, columns - j);
            for (int i = 0; i < rows; i += TileRows)
            {
                Tile(i < wholeRows ? a.From(i, k) : edge, b, k, j, count, c.From(i, j), Math.Min(TileRows, rows - i), width, accumulate);
            }
        }
    }

    /// <summary>The left factor lies across its rows (a transposed matrix): a few rows are copied together and meet all panels.</summary>
    private static void RowsByRows(MatrixView a, PanelView b, MatrixView c, int rows, int columns, int k, int count, bool accumulate)
    {
        float* few = stackalloc float[TileRows * BlockDepth];
        for (int i = 0; i < rows; i += TileRows)
        {
            int height = Math.Min(TileRows, rows - i);
            MatrixView left = PackRows(a.From(i, k), height, count, few);
            for (int j = 0; j < columns; j += TileColumns)
            {
                Tile(left, b, k, j, count, c.From(i, j), height, Math.Min(TileColumns, columns - j), accumulate);
            }
        }
    }

    /// <summary>Writes row <paramref name="k"/> of a [depth, columns] matrix into its panels.</summary>
    public static void PackRow(float* row, int k, int depth, int columns, float* packed)
    {
        float* to = packed + (nint)k * TileColumns;
        nint panel = (nint)depth * TileColumns;
        int j = 0;
        for (; j <= columns - TileColumns; j += TileColumns, to += panel)
        {
            Vector512.Store(Vector512.Load(row + j), to);
            Vector512.Store(Vector512.Load(row + j + 16), to + 16);
        }
        if (j == columns) return;
        for (int i = 0; i < TileColumns; i++) to[i] = j + i < columns ? row[j + i] : 0;
    }

    /// <summary>Writes column <paramref name="j"/> of a [depth, columns] matrix, its elements contiguous, into its panel.</summary>
    public static void PackColumn(float* column, int j, int depth, float* packed)
    {
        float* to = packed + (nint)(j / TileColumns) * depth * TileColumns + j % TileColumns;
        for (int k = 0; k < depth; k++) to[(nint)k * TileColumns] = column[k];
    }

    /// <summary>Zeroes what lies beyond the last column in the last panel.</summary>
    public static void ClearEdge(int depth, int columns, float* packed)
    {
        int rest = columns % TileColumns;
        if (rest == 0) return;
        float* panel = packed + (nint)(columns / TileColumns) * depth * TileColumns;
        for (int k = 0; k < depth; k++) new Span<float>(panel + (nint)k * TileColumns + rest, TileColumns - rest).Clear();
    }

    /// <summary>Packs a whole matrix whose rows, or whose columns, are contiguous.</summary>
    public static PanelView Pack(MatrixView b, int depth, int columns, float* packed)
    {
        if (b.ColumnStride == 1)
        {
            for (int k = 0; k < depth; k++) PackRow(b.Pointer + k * b.RowStride, k, depth, columns, packed);
        }
        else
        {
            ClearEdge(depth, columns, packed);
            for (int j = 0; j < columns; j++) PackColumn(b.Pointer + j * b.ColumnStride, j, depth, packed);
        }
        return PanelView.Packed(packed, depth);
    }

    /// <summary>Copies at most a tile's rows, zeros below, to [count][TileRows].</summary>
    private static MatrixView PackRows(MatrixView a, int rows, int count, float* packed)
    {
        for (int k = 0; k < count; k++)
        {
            float* from = a.Pointer + k * a.ColumnStride, to = packed + k * TileRows;
            if (rows == TileRows && a.RowStride == 1) Vector256.Store(Vector256.Load(from), to);
            else for (int i = 0; i < TileRows; i++) to[i] = i < rows ? from[i * a.RowStride] : 0;
        }
        return new MatrixView((nint)packed, 1, TileRows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(MatrixView a, PanelView b, int k, int j, int count, MatrixView c, int height, int width, bool accumulate)
    {
        if (height == TileRows && width == TileColumns) WholeTile(a, b.At(k, j), b.RowStride, count, c.Pointer, c.RowStride, accumulate);
        else EdgeTile(a, b, k, j, count, c, height, width, accumulate);
    }

    /// <summary>A tile of which only some rows and columns are there.</summary>
    private static void EdgeTile(MatrixView a, PanelView b, int k, int j, int count, MatrixView c, int height, int width, bool accumulate)
    {
        float* panel = b.At(k, j);
        nint step = b.RowStride;
        if (width < TileColumns && !b.IsPacked)
        {
            float* copy = stackalloc float[BlockDepth * TileColumns];
            for (int row = 0; row < count; row++) PackRow(panel + row * step, row, count, width, copy);
            panel = copy;
            step = TileColumns;
        }
        float* tile = stackalloc float[TileRows * TileColumns];
        if (width <= 16) ThinTile(a.Pointer, a.RowStride, a.ColumnStride, panel, step, count, tile);
        else WholeTile(a, panel, step, count, tile, TileColumns, accumulate: false);
        for (int row = 0; row < height; row++)
        {
            float* from = tile + row * TileColumns, to = c.Pointer + row * c.RowStride;
            for (int column = 0; column < width; column++) to[column] = accumulate ? to[column] + from[column] : from[column];
        }
    }

    private static void WholeTile(MatrixView a, float* panel, nint panelStep, int count, float* c, nint stride, bool accumulate)
    {
        if (Vector512.IsHardwareAccelerated) Tile512(a.Pointer, a.RowStride, a.ColumnStride, panel, panelStep, count, c, stride, accumulate);
        else
        {
            for (int i = 0; i < TileRows; i += 4)
            {
                for (int j = 0; j < TileColumns; j += 16)
                {
                    Tile256(a.Pointer + i * a.RowStride, a.RowStride, a.ColumnStride, panel + j, panelStep, count, c + i * stride + j, stride, accumulate);
                }
            }
        }
    }

    /// <summary>8 × 32 in 16 registers of 16 floats: sixteen independent sums hide the latency of the multiply-add.</summary>
    private static void Tile512(float* a, nint row, nint step, float* b, nint bStep, int count, float* c, nint stride, bool accumulate)
    {
        nint row2 = 2 * row, row3 = 3 * row;
        float* a4 = a + 4 * row;
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        for (int k = 0; k < count; k++)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16);
            Vector512<float> x = Vector512.Create(a[0]);
            c00 = Vector512.MultiplyAddEstimate(x, b0, c00);
            c01 = Vector512.MultiplyAddEstimate(x, b1, c01);
            x = Vector512.Create(a[row]);
            c10 = Vector512.MultiplyAddEstimate(x, b0, c10);
            c11 = Vector512.MultiplyAddEstimate(x, b1, c11);
            x = Vector512.Create(a[row2]);
            c20 = Vector512.MultiplyAddEstimate(x, b0, c20);
            c21 = Vector512.MultiplyAddEstimate(x, b1, c21);
            x = Vector512.Create(a[row3]);
            c30 = Vector512.MultiplyAddEstimate(x, b0, c30);
            c31 = Vector512.MultiplyAddEstimate(x, b1, c31);
            x = Vector512.Create(a4[0]);
            c40 = Vector512.MultiplyAddEstimate(x, b0, c40);
            c41 = Vector512.MultiplyAddEstimate(x, b1, c41);
            x = Vector512.Create(a4[row]);
            c50 = Vector512.MultiplyAddEstimate(x, b0, c50);
            c51 = Vector512.MultiplyAddEstimate(x, b1, c51);
            x = Vector512.Create(a4[row2]);
            c60 = Vector512.MultiplyAddEstimate(x, b0, c60);
            c61 = Vector512.MultiplyAddEstimate(x, b1, c61);
            x = Vector512.Create(a4[row3]);
            c70 = Vector512.MultiplyAddEstimate(x, b0, c70);
            c71 = Vector512.MultiplyAddEstimate(x, b1, c71);
            a += step;
            a4 += step;
            b += bStep;
        }
        Put(c, c00, c01, accumulate);
        Put(c + stride, c10, c11, accumulate);
        Put(c + 2 * stride, c20, c21, accumulate);
        Put(c + 3 * stride, c30, c31, accumulate);
        Put(c + 4 * stride, c40, c41, accumulate);
        Put(c + 5 * stride, c50, c51, accumulate);
        Put(c + 6 * stride, c60, c61, accumulate);
        Put(c + 7 * stride, c70, c71, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, Vector512<float> low, Vector512<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector512.Load(c);
            high += Vector512.Load(c + 16);
        }
        low.Store(c);
        high.Store(c + 16);
    }

    /// <summary>8 × 16, for factors as thin as a LoRA's rank: eight sums still hide the latency.</summary>
    private static void ThinTile(float* a, nint row, nint step, float* b, nint bStep, int count, float* c)
    {
        nint row2 = 2 * row, row3 = 3 * row;
        float* a4 = a + 4 * row;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        for (int k = 0; k < count; k++)
        {
            Vector512<float> x = Vector512.Load(b);
            c0 = Vector512.MultiplyAddEstimate(Vector512.Create(a[0]), x, c0);
            c1 = Vector512.MultiplyAddEstimate(Vector512.Create(a[row]), x, c1);
            c2 = Vector512.MultiplyAddEstimate(Vector512.Create(a[row2]), x, c2);
            c3 = Vector512.MultiplyAddEstimate(Vector512.Create(a[row3]), x, c3);
            c4 = Vector512.MultiplyAddEstimate(Vector512.Create(a4[0]), x, c4);
            c5 = Vector512.MultiplyAddEstimate(Vector512.Create(a4[row]), x, c5);
            c6 = Vector512.MultiplyAddEstimate(Vector512.Create(a4[row2]), x, c6);
            c7 = Vector512.MultiplyAddEstimate(Vector512.Create(a4[row3]), x, c7);
            a += step;
            a4 += step;
            b += bStep;
        }
        c0.Store(c);
        c1.Store(c + TileColumns);
        c2.Store(c + 2 * TileColumns);
        c3.Store(c + 3 * TileColumns);
        c4.Store(c + 4 * TileColumns);
        c5.Store(c + 5 * TileColumns);
        c6.Store(c + 6 * TileColumns);
        c7.Store(c + 7 * TileColumns);
    }

    /// <summary>4 × 16 in 8 registers of 8 floats: what 16 registers hold without spilling.</summary>
    private static void Tile256(float* a, nint row, nint step, float* b, nint bStep, int count, float* c, nint stride, bool accumulate)
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (int k = 0; k < count; k++)
        {
            Vector256<float> b0 = Vector256.Load(b), b1 = Vector256.Load(b + 8);
            Vector256<float> x = Vector256.Create(a[0]);
            c00 = Vector256.MultiplyAddEstimate(x, b0, c00);
            c01 = Vector256.MultiplyAddEstimate(x, b1, c01);
            x = Vector256.Create(a[row]);
            c10 = Vector256.MultiplyAddEstimate(x, b0, c10);
            c11 = Vector256.MultiplyAddEstimate(x, b1, c11);
            x = Vector256.Create(a[2 * row]);
            c20 = Vector256.MultiplyAddEstimate(x, b0, c20);
            c21 = Vector256.MultiplyAddEstimate(x, b1, c21);
            x = Vector256.Create(a[3 * row]);
            c30 = Vector256.MultiplyAddEstimate(x, b0, c30);
            c31 = Vector256.MultiplyAddEstimate(x, b1, c31);
            a += step;
            b += bStep;
        }
        Put(c, c00, c01, accumulate);
        Put(c + stride, c10, c11, accumulate);
        Put(c + 2 * stride, c20, c21, accumulate);
        Put(c + 3 * stride, c30, c31, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, Vector256<float> low, Vector256<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector256.Load(c);
            high += Vector256.Load(c + 8);
        }
        low.Store(c);
        high.Store(c + 8);
    }
}
