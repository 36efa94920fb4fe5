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
    /// <summary>Weight rows of a register tile.</summary>
    private const int TileRows = 4;

    /// <summary>Weights of a chunk: enough work to be worth handing to a thread, few enough to even out the threads.</summary>
    private const int ChunkWeights = 1 << 16;

    /// <summary>x [tokens, inputs] and weight [outputs, inputs] → y [tokens, outputs].</summary>
    public static void Forward(CpuTensor x, CpuWeight weight, CpuTensor y, Parallelism parallelism)
    {
        int least = Math.Max(1, ChunkWeights / TileRows / weight.Columns) * TileRows;
        int grain = x.Rows > TileRows ? least : (parallelism.LongGrain(weight.Rows, least) + TileRows - 1) / TileRows * TileRows;
        parallelism.For(weight.Rows, grain, (x, weight, y), static (in (CpuTensor X, CpuWeight Weight, CpuTensor Y) call, int start, int end) =>
        {
            byte** stored = stackalloc byte*[TileRows];
            for (int tile = start; tile < end; tile += TileRows)
            {
                int width = Math.Min(TileRows, end - tile);
                float* y = call.Y.Pointer + tile;
                if (call.X.Rows == 1 && call.Weight.Data is { Format.IsQuantized: false } data) Row(call.X.Pointer, data, tile, width, stored, y);
                else Tile(call.X, call.Weight, tile, width, (float**)stored, y, call.Y.Columns);
            }
        });
    }

    /// <summary>A token by itself reads its weights where they lie, widened on the way to the product.</summary>
    private static void Row(float* x, WeightData data, int tile, int width, byte** w, float* y)
    {
        float* whole = stackalloc float[TileRows];
        for (int n = 0; n < TileRows; n++) w[n] = StoredPointer(data, tile + Math.Min(n, width - 1));
        if (data.Format == WeightFormat.F32) Row<StoredF32>(x, data.Columns, w, whole);
        else if (data.Format == WeightFormat.F16) Row<StoredF16>(x, data.Columns, w, whole);
        else Row<StoredBF16>(x, data.Columns, w, whole);
        for (int n = 0; n < width; n++) y[n] = whole[n];
    }

    private static void Row<TStored>(float* x, int columns, byte** w, float* y) where TStored : struct, IStoredFloats
    {
        if (Vector512.IsHardwareAccelerated) Tile1<Lanes16, Vector512<float>, TStored>(x, columns, w[0], w[1], w[2], w[3], y);
        else Tile1<Lanes8, Vector256<float>, TStored>(x, columns, w[0], w[1], w[2], w[3], y);
    }

    /// <summary>Several tokens share the widened weights of a tile, which stay in the first-level cache while they pass by.</summary>
    private static void Tile(CpuTensor x, CpuWeight weight, int tile, int width, float** w, float* y, int yColumns)
    {
        bool inPlace = weight.Data?.Format == WeightFormat.F32;
        float* panel = inPlace ? null : DequantizePanel(weight, tile, tile + width);
        for (int n = 0; n < TileRows; n++)
        {
            int row = Math.Min(n, width - 1);
            w[n] = inPlace ? (float*)StoredPointer(weight.Data!, tile + row) : panel + (long)row * weight.Columns;
        }
        Rows(x.Pointer, x.Rows, x.Columns, w, y, yColumns, width);
    }

    /// <summary>The rows [start, end) of a weight in single precision, in this thread's <see cref="Scratch"/>.</summary>
    private static float* DequantizePanel(CpuWeight weight, int start, int end)
    {
        int columns = weight.Columns;
        float* panel = Scratch.Floats((long)(end - start) * columns);
        for (int row = start; row < end; row++) weight.DequantizeRow(row, new Span<float>(panel + (long)(row - start) * columns, columns));
        return panel;
    }

    /// <summary>Where a row lies; its memory does not move.</summary>
    private static byte* StoredPointer(WeightData data, int row) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(data.Row(row)));

    /// <summary>
    /// y[m, n] = x[m] · w[n] for all rows of x [rowCount, columns] and up to 4 rows w, of which <paramref name="width"/> are wanted.
    /// </summary>
    public static void Rows(float* x, int rowCount, int columns, float** w, float* y, int yColumns, int width)
    {
        if (width == TileRows)
        {
            Rows(x, rowCount, columns, w, y, yColumns);
            return;
        }
        float* whole = stackalloc float[TileRows];
        for (int row = 0; row < rowCount; row++)
        {
            Rows(x + (long)row * columns, 1, columns, w, whole, TileRows);
            for (int n = 0; n < width; n++) y[(long)row * yColumns + n] = whole[n];
        }
    }

    private static void Rows(float* x, int rowCount, int columns, float** w, float* y, int yColumns)
    {
        if (Vector512.IsHardwareAccelerated) Rows<Lanes16, Vector512<float>>(x, rowCount, columns, w, y, yColumns);
        else Rows<Lanes8, Vector256<float>>(x, rowCount, columns, w, y, yColumns);
    }

    private static void Rows<TLanes, TVector>(float* x, int rowCount, int columns, float** w, float* y, int yColumns)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int row = 0;
        // 24 accumulators fit beside 5 operands in 32 registers; 12 in 16 spill once.
        for (; TLanes.Count == 16 && row <= rowCount - 6; row += 6) Tile6<TLanes, TVector>(x + (long)row * columns, columns, w[0], w[1], w[2], w[3], y + (long)row * yColumns, yColumns);
        for (; row <= rowCount - 3; row += 3) Tile3<TLanes, TVector>(x + (long)row * columns, columns, w[0], w[1], w[2], w[3], y + (long)row * yColumns, yColumns);
        for (; row < rowCount; row++) Tile1<TLanes, TVector, StoredF32>(x + (long)row * columns, columns, (byte*)w[0], (byte*)w[1], (byte*)w[2], (byte*)w[3], y + (long)row * yColumns);
    }

    // The tiles call nothing: a value that lives across a call would be stored in every turn of the loop.

    /// <summary>6 rows of x by 4 of the weights.</summary>
    private static void Tile6<TLanes, TVector>(float* x, int columns, float* w0, float* w1, float* w2, float* w3, float* y, int yColumns)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float* x1 = x + columns, x2 = x1 + columns, x3 = x2 + columns, x4 = x3 + columns, x5 = x4 + columns;
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
            u = TLanes.Load(x1 + i);
            a10 = TLanes.MultiplyAdd(u, v0, a10);
            a11 = TLanes.MultiplyAdd(u, v1, a11);
            a12 = TLanes.MultiplyAdd(u, v2, a12);
            a13 = TLanes.MultiplyAdd(u, v3, a13);
            u = TLanes.Load(x2 + i);
            a20 = TLanes.MultiplyAdd(u, v0, a20);
            a21 = TLanes.MultiplyAdd(u, v1, a21);
            a22 = TLanes.MultiplyAdd(u, v2, a22);
            a23 = TLanes.MultiplyAdd(u, v3, a23);
            u = TLanes.Load(x3 + i);
            a30 = TLanes.MultiplyAdd(u, v0, a30);
            a31 = TLanes.MultiplyAdd(u, v1, a31);
            a32 = TLanes.MultiplyAdd(u, v2, a32);
            a33 = TLanes.MultiplyAdd(u, v3, a33);
            u = TLanes.Load(x4 + i);
            a40 = TLanes.MultiplyAdd(u, v0, a40);
            a41 = TLanes.MultiplyAdd(u, v1, a41);
            a42 = TLanes.MultiplyAdd(u, v2, a42);
            a43 = TLanes.MultiplyAdd(u, v3, a43);
            u = TLanes.Load(x5 + i);
            a50 = TLanes.MultiplyAdd(u, v0, a50);
            a51 = TLanes.MultiplyAdd(u, v1, a51);
            a52 = TLanes.MultiplyAdd(u, v2, a52);
            a53 = TLanes.MultiplyAdd(u, v3, a53);
        }
        Sum<TLanes, TVector>(a00, a01, a02, a03).Store(y);
        Sum<TLanes, TVector>(a10, a11, a12, a13).Store(y + yColumns);
        Sum<TLanes, TVector>(a20, a21, a22, a23).Store(y + 2 * yColumns);
        Sum<TLanes, TVector>(a30, a31, a32, a33).Store(y + 3 * yColumns);
        Sum<TLanes, TVector>(a40, a41, a42, a43).Store(y + 4 * yColumns);
        Sum<TLanes, TVector>(a50, a51, a52, a53).Store(y + 5 * yColumns);
        for (; i < columns; i++)
        {
            Vector128<float> w = Vector128.Create(w0[i], w1[i], w2[i], w3[i]);
            (Vector128.Load(y) + x[i] * w).Store(y);
            (Vector128.Load(y + yColumns) + x1[i] * w).Store(y + yColumns);
            (Vector128.Load(y + 2 * yColumns) + x2[i] * w).Store(y + 2 * yColumns);
            (Vector128.Load(y + 3 * yColumns) + x3[i] * w).Store(y + 3 * yColumns);
            (Vector128.Load(y + 4 * yColumns) + x4[i] * w).Store(y + 4 * yColumns);
            (Vector128.Load(y + 5 * yColumns) + x5[i] * w).Store(y + 5 * yColumns);
        }
    }

    /// <summary>3 rows of x by 4 of the weights.</summary>
    private static void Tile3<TLanes, TVector>(float* x, int columns, float* w0, float* w1, float* w2, float* w3, float* y, int yColumns)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float* x1 = x + columns, x2 = x1 + columns;
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
            u = TLanes.Load(x1 + i);
            a10 = TLanes.MultiplyAdd(u, v0, a10);
            a11 = TLanes.MultiplyAdd(u, v1, a11);
            a12 = TLanes.MultiplyAdd(u, v2, a12);
            a13 = TLanes.MultiplyAdd(u, v3, a13);
            u = TLanes.Load(x2 + i);
            a20 = TLanes.MultiplyAdd(u, v0, a20);
            a21 = TLanes.MultiplyAdd(u, v1, a21);
            a22 = TLanes.MultiplyAdd(u, v2, a22);
            a23 = TLanes.MultiplyAdd(u, v3, a23);
        }
        Sum<TLanes, TVector>(a00, a01, a02, a03).Store(y);
        Sum<TLanes, TVector>(a10, a11, a12, a13).Store(y + yColumns);
        Sum<TLanes, TVector>(a20, a21, a22, a23).Store(y + 2 * yColumns);
        for (; i < columns; i++)
        {
            Vector128<float> w = Vector128.Create(w0[i], w1[i], w2[i], w3[i]);
            (Vector128.Load(y) + x[i] * w).Store(y);
            (Vector128.Load(y + yColumns) + x1[i] * w).Store(y + yColumns);
            (Vector128.Load(y + 2 * yColumns) + x2[i] * w).Store(y + 2 * yColumns);
        }
    }

    /// <summary>1 row of x by 4 of the weights, which lie as they are stored.</summary>
    private static void Tile1<TLanes, TVector, TStored>(float* x, int columns, byte* w0, byte* w1, byte* w2, byte* w3, float* y)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TStored : struct, IStoredFloats
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        nint i = 0;
        for (; i <= columns - TLanes.Count; i += TLanes.Count)
        {
            nint at = i * TStored.Bytes;
            TVector u = TLanes.Load(x + i);
            a00 = TLanes.MultiplyAdd(u, TStored.Load<TLanes, TVector>(w0 + at), a00);
            a01 = TLanes.MultiplyAdd(u, TStored.Load<TLanes, TVector>(w1 + at), a01);
            a02 = TLanes.MultiplyAdd(u, TStored.Load<TLanes, TVector>(w2 + at), a02);
            a03 = TLanes.MultiplyAdd(u, TStored.Load<TLanes, TVector>(w3 + at), a03);
        }
        Sum<TLanes, TVector>(a00, a01, a02, a03).Store(y);
        for (; i < columns; i++)
        {
            nint at = i * TStored.Bytes;
            Vector128<float> w = Vector128.Create(TStored.At(w0 + at), TStored.At(w1 + at), TStored.At(w2 + at), TStored.At(w3 + at));
            (Vector128.Load(y) + x[i] * w).Store(y);
        }
    }

    /// <summary>The sums of the lanes of four accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sum<TLanes, TVector>(TVector a, TVector b, TVector c, TVector d)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => SumLanes(TLanes.Fold(a), TLanes.Fold(b), TLanes.Fold(c), TLanes.Fold(d));

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
}
