using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// y = x · weightᵀ in single precision. Each output is one dot product along the inputs, in the lanes of a vector, and the lanes are
/// summed in a fixed tree: so a row's outputs have the same bits whatever other rows are in the call, however tiles and threads divide
/// the work.
/// </summary>
internal static unsafe class LinearF32
{
    /// <summary>Bytes of weights that are turned to single precision at once: a part of the second-level cache.</summary>
    private const int PanelBytes = 1 << 18;

    /// <summary>Weight rows of a register tile.</summary>
    private const int TileRows = 4;

    /// <summary>x [tokens, inputs] and weight [outputs, inputs] → y [tokens, outputs].</summary>
    public static void Forward(CpuTensor x, CpuWeight weight, CpuTensor y, Parallelism parallelism)
    {
        int grain = PanelRows(weight.Columns);
        // A single row is bound by reading the weights: smaller shares even out the threads.
        while (grain > TileRows && weight.Rows / grain < 4 * parallelism.ThreadCount) grain = (grain / 2 + TileRows - 1) / TileRows * TileRows;
        parallelism.For(weight.Rows, grain, (x, weight, y), static (in (CpuTensor X, CpuWeight Weight, CpuTensor Y) call, int start, int end) =>
        {
            int panelRows = PanelRows(call.Weight.Columns);
            for (int row = start; row < end; row += panelRows) Panel(call.X, call.Weight, call.Y, row, Math.Min(row + panelRows, end));
        });
    }

    /// <summary>Weight rows that fill a panel; a multiple of the tile's.</summary>
    public static int PanelRows(int columns) => Math.Max(TileRows, PanelBytes / sizeof(float) / columns / TileRows * TileRows);

    /// <summary>The columns [start, end) of y.</summary>
    private static void Panel(CpuTensor x, CpuWeight weight, CpuTensor y, int start, int end)
    {
        int columns = weight.Columns;
        float** rows = stackalloc float*[TileRows];
        float* panel = weight.Data.Format == WeightFormat.F32 ? null : DequantizePanel(weight, start, end);
        for (int tile = start; panel == null && tile < end; tile += TileRows)
        {
            // In place: the tile's weights stay in the first-level cache while all rows of x pass by.
            for (int n = 0; n < TileRows; n++) rows[n] = RowPointer(weight.Data, Math.Min(tile + n, end - 1));
            Rows(x.Pointer, x.Rows, columns, rows, y.Pointer + tile, y.Columns, Math.Min(TileRows, end - tile));
        }
        for (int tile = start; panel != null && tile < end; tile += TileRows)
        {
            for (int n = 0; n < TileRows; n++) rows[n] = panel + (long)(Math.Min(tile + n, end - 1) - start) * columns;
            Rows(x.Pointer, x.Rows, columns, rows, y.Pointer + tile, y.Columns, Math.Min(TileRows, end - tile));
        }
    }

    /// <summary>The rows [start, end) of a weight in single precision, in this thread's <see cref="Scratch"/>.</summary>
    public static float* DequantizePanel(CpuWeight weight, int start, int end)
    {
        int columns = weight.Columns;
        float* panel = Scratch.Floats((long)(end - start) * columns);
        for (int row = start; row < end; row++) weight.DequantizeRow(row, new Span<float>(panel + (long)(row - start) * columns, columns));
        return panel;
    }

    /// <summary>Where a row in single precision lies; its memory does not move.</summary>
    public static float* RowPointer(WeightData data, int row) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(data.Row(row)));

    /// <summary>
    /// y[m, n] = x[m] · w[n] for all rows of x [rowCount, columns] and up to 4 rows w, of which <paramref name="width"/> are wanted.
    /// </summary>
    public static void Rows(float* x, int rowCount, int columns, float** w, float* y, int yColumns, int width)
    {
        if (Vector512.IsHardwareAccelerated) Rows<Lanes16, Vector512<float>>(x, rowCount, columns, w, y, yColumns, width);
        else Rows<Lanes8, Vector256<float>>(x, rowCount, columns, w, y, yColumns, width);
    }

    private static void Rows<TLanes, TVector>(float* x, int rowCount, int columns, float** w, float* y, int yColumns, int width)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int row = 0;
        // 24 accumulators fit beside 5 operands in 32 registers; 12 in 16 spill once.
        for (; TLanes.Count == 16 && row <= rowCount - 6; row += 6) Tile6<TLanes, TVector>(x + (long)row * columns, columns, w[0], w[1], w[2], w[3], y + (long)row * yColumns, yColumns, width);
        for (; row <= rowCount - 3; row += 3) Tile3<TLanes, TVector>(x + (long)row * columns, columns, w[0], w[1], w[2], w[3], y + (long)row * yColumns, yColumns, width);
        for (; row < rowCount; row++) Tile1<TLanes, TVector>(x + (long)row * columns, columns, w[0], w[1], w[2], w[3], y + (long)row * yColumns, yColumns, width);
    }

    /// <summary>6 rows of x by 4 of the weights.</summary>
    private static void Tile6<TLanes, TVector>(float* x, int columns, float* w0, float* w1, float* w2, float* w3, float* y, int yColumns, int width)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        TVector a10 = default, a11 = default, a12 = default, a13 = default;
        TVector a20 = default, a21 = default, a22 = default, a23 = default;
        TVector a30 = default, a31 = default, a32 = default, a33 = default;
        TVector a40 = default, a41 = default, a42 = default, a43 = default;
        TVector a50 = default, a51 = default, a52 = default, a53 = default;
        int i = 0;
        for (; i <= columns - TLanes.Count; i += TLanes.Count)
        {
            TVector v0 = TLanes.Load(w0 + i), v1 = TLanes.Load(w1 + i), v2 = TLanes.Load(w2 + i), v3 = TLanes.Load(w3 + i);
            TVector u = TLanes.Load(x + i);
            a00 = TLanes.MultiplyAdd(u, v0, a00);
            a01 = TLanes.MultiplyAdd(u, v1, a01);
            a02 = TLanes.MultiplyAdd(u, v2, a02);
            a03 = TLanes.MultiplyAdd(u, v3, a03);
            u = TLanes.Load(x + columns + i);
            a10 = TLanes.MultiplyAdd(u, v0, a10);
            a11 = TLanes.MultiplyAdd(u, v1, a11);
            a12 = TLanes.MultiplyAdd(u, v2, a12);
            a13 = TLanes.MultiplyAdd(u, v3, a13);
            u = TLanes.Load(x + 2 * columns + i);
            a20 = TLanes.MultiplyAdd(u, v0, a20);
            a21 = TLanes.MultiplyAdd(u, v1, a21);
            a22 = TLanes.MultiplyAdd(u, v2, a22);
            a23 = TLanes.MultiplyAdd(u, v3, a23);
            u = TLanes.Load(x + 3 * columns + i);
            a30 = TLanes.MultiplyAdd(u, v0, a30);
            a31 = TLanes.MultiplyAdd(u, v1, a31);
            a32 = TLanes.MultiplyAdd(u, v2, a32);
            a33 = TLanes.MultiplyAdd(u, v3, a33);
            u = TLanes.Load(x + 4 * columns + i);
            a40 = TLanes.MultiplyAdd(u, v0, a40);
            a41 = TLanes.MultiplyAdd(u, v1, a41);
            a42 = TLanes.MultiplyAdd(u, v2, a42);
            a43 = TLanes.MultiplyAdd(u, v3, a43);
            u = TLanes.Load(x + 5 * columns + i);
            a50 = TLanes.MultiplyAdd(u, v0, a50);
            a51 = TLanes.MultiplyAdd(u, v1, a51);
            a52 = TLanes.MultiplyAdd(u, v2, a52);
            a53 = TLanes.MultiplyAdd(u, v3, a53);
        }
        Finish<TLanes, TVector>(a00, a01, a02, a03, x, w0, w1, w2, w3, i, columns, y, width);
        Finish<TLanes, TVector>(a10, a11, a12, a13, x + columns, w0, w1, w2, w3, i, columns, y + yColumns, width);
        Finish<TLanes, TVector>(a20, a21, a22, a23, x + 2 * columns, w0, w1, w2, w3, i, columns, y + 2 * yColumns, width);
        Finish<TLanes, TVector>(a30, a31, a32, a33, x + 3 * columns, w0, w1, w2, w3, i, columns, y + 3 * yColumns, width);
        Finish<TLanes, TVector>(a40, a41, a42, a43, x + 4 * columns, w0, w1, w2, w3, i, columns, y + 4 * yColumns, width);
        Finish<TLanes, TVector>(a50, a51, a52, a53, x + 5 * columns, w0, w1, w2, w3, i, columns, y + 5 * yColumns, width);
    }

    /// <summary>3 rows of x by 4 of the weights.</summary>
    private static void Tile3<TLanes, TVector>(float* x, int columns, float* w0, float* w1, float* w2, float* w3, float* y, int yColumns, int width)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        TVector a10 = default, a11 = default, a12 = default, a13 = default;
        TVector a20 = default, a21 = default, a22 = default, a23 = default;
        int i = 0;
        for (; i <= columns - TLanes.Count; i += TLanes.Count)
        {
            TVector v0 = TLanes.Load(w0 + i), v1 = TLanes.Load(w1 + i), v2 = TLanes.Load(w2 + i), v3 = TLanes.Load(w3 + i);
            TVector u = TLanes.Load(x + i);
            a00 = TLanes.MultiplyAdd(u, v0, a00);
            a01 = TLanes.MultiplyAdd(u, v1, a01);
            a02 = TLanes.MultiplyAdd(u, v2, a02);
            a03 = TLanes.MultiplyAdd(u, v3, a03);
            u = TLanes.Load(x + columns + i);
            a10 = TLanes.MultiplyAdd(u, v0, a10);
            a11 = TLanes.MultiplyAdd(u, v1, a11);
            a12 = TLanes.MultiplyAdd(u, v2, a12);
            a13 = TLanes.MultiplyAdd(u, v3, a13);
            u = TLanes.Load(x + 2 * columns + i);
            a20 = TLanes.MultiplyAdd(u, v0, a20);
            a21 = TLanes.MultiplyAdd(u, v1, a21);
            a22 = TLanes.MultiplyAdd(u, v2, a22);
            a23 = TLanes.MultiplyAdd(u, v3, a23);
        }
        Finish<TLanes, TVector>(a00, a01, a02, a03, x, w0, w1, w2, w3, i, columns, y, width);
        Finish<TLanes, TVector>(a10, a11, a12, a13, x + columns, w0, w1, w2, w3, i, columns, y + yColumns, width);
        Finish<TLanes, TVector>(a20, a21, a22, a23, x + 2 * columns, w0, w1, w2, w3, i, columns, y + 2 * yColumns, width);
    }

    /// <summary>1 row of x by 4 of the weights.</summary>
    private static void Tile1<TLanes, TVector>(float* x, int columns, float* w0, float* w1, float* w2, float* w3, float* y, int yColumns, int width)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        int i = 0;
        for (; i <= columns - TLanes.Count; i += TLanes.Count)
        {
            TVector v0 = TLanes.Load(w0 + i), v1 = TLanes.Load(w1 + i), v2 = TLanes.Load(w2 + i), v3 = TLanes.Load(w3 + i);
            TVector u = TLanes.Load(x + i);
            a00 = TLanes.MultiplyAdd(u, v0, a00);
            a01 = TLanes.MultiplyAdd(u, v1, a01);
            a02 = TLanes.MultiplyAdd(u, v2, a02);
            a03 = TLanes.MultiplyAdd(u, v3, a03);
        }
        Finish<TLanes, TVector>(a00, a01, a02, a03, x, w0, w1, w2, w3, i, columns, y, width);
    }

    /// <summary>Sums the lanes of four accumulators, adds the products from <paramref name="i"/> on, and writes <paramref name="width"/> outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TLanes, TVector>(TVector a0, TVector a1, TVector a2, TVector a3, float* x, float* w0, float* w1, float* w2, float* w3, int i, int columns, float* y, int width)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        Vector128<float> sums = SumLanes(TLanes.Fold(a0), TLanes.Fold(a1), TLanes.Fold(a2), TLanes.Fold(a3));
        for (; i < columns; i++) sums += x[i] * Vector128.Create(w0[i], w1[i], w2[i], w3[i]);
        if (width == TileRows) sums.Store(y);
        else StoreSome(sums, y, width);
    }

    /// <summary>The four sums (lane 0 + lane 2) + (lane 1 + lane 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SumLanes(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        Vector128<float> ab = Interleave(a, b, upper: false) + Interleave(a, b, upper: true);
        Vector128<float> cd = Interleave(c, d, upper: false) + Interleave(c, d, upper: true);
        return Vector128.Create(ab.GetLower(), cd.GetLower()) + Vector128.Create(ab.GetUpper(), cd.GetUpper());
    }

    /// <summary>[a0, b0, a1, b1], or of the upper halves [a2, b2, a3, b3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, bool upper)
    {
        if (Sse.IsSupported) return upper ? Sse.UnpackHigh(a, b) : Sse.UnpackLow(a, b);
        return upper ? Vector128.Create(a[2], b[2], a[3], b[3]) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    private static void StoreSome(Vector128<float> sums, float* y, int width)
    {
        for (int n = 0; n < width; n++) y[n] = sums[n];
    }
}
