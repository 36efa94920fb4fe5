namespace YiSharp.Tensors.Kernels;

/// <summary>The rows of a weight as single-precision values: where they lie, or dequantized one by one.</summary>
internal readonly unsafe struct WeightRows
{
    private readonly CpuWeight? _weight;
    private readonly float* _pointer;

    public WeightRows(CpuWeight weight) => (_weight, Count, Columns) = (weight, weight.Rows, weight.Columns);

    public WeightRows(float* pointer, int count, int columns)
    {
        _pointer = pointer;
        (Count, Columns) = (count, columns);
    }

    public int Count { get; }

    public int Columns { get; }

    /// <summary>A row's values; <paramref name="scratch"/> [columns] may hold them.</summary>
    public float* Get(int row, float* scratch)
    {
        if (_weight is null) return _pointer + (nint)row * Columns;
        _weight.DequantizeRow(row, new Span<float>(scratch, Columns));
        return scratch;
    }
}

/// <summary>
/// The three single-precision products of a linear layer, on all threads: forward y = x · wᵀ, backward dx = dy · w and dw = dyᵀ · x.
/// Each element is summed in the same order whatever the number of threads. Weights are widened a piece at a time.
/// </summary>
internal sealed unsafe class MatrixProducts(Parallelism parallelism, Workspace workspace)
{
    /// <summary>A piece of weights that is widened and packed at once: 8 MB.</summary>
    private const int PackedFloats = 2 << 20;

    /// <summary>Rows and columns of C that one thread computes at a time.</summary>
    private const int RowGrain = 256, ColumnGrain = 256;

    /// <summary>Up to this many rows, copying the right factor costs more than it saves.</summary>
    private const int ThinRows = 64;

    /// <summary>y (+)= x · wᵀ: x [rows, inputs], w [outputs, inputs], y [rows, outputs].</summary>
    public void Forward(float* x, int rows, WeightRows w, float* y, bool accumulate)
    {
        int depth = w.Columns;
        int piece = Math.Max(PackedFloats / depth, MatrixProduct.TileColumns) / MatrixProduct.TileColumns * MatrixProduct.TileColumns;
        using CpuTensor packed = workspace.Rent(1, checked((int)MatrixProduct.PackedLength(depth, Math.Min(piece, w.Count))));
        for (int first = 0; first < w.Count; first += piece)
        {
            int columns = Math.Min(piece, w.Count - first);
            MatrixProduct.ClearEdge(depth, columns, packed.Pointer);
            parallelism.For(columns, MatrixProduct.TileColumns, new PackState(this, w, first, depth, columns, packed.Pointer), static (in PackState s, int start, int end) =>
            {
                using CpuTensor scratch = s.Owner.Scratch(s.Weight.Columns);
                for (int j = start; j < end; j++) MatrixProduct.PackColumn(s.Weight.Get(s.First + j, scratch.Pointer), j, s.Depth, s.Packed);
            });
            Multiply(MatrixView.RowMajor(x, depth), PanelView.Packed(packed.Pointer, depth), y + first, w.Count, rows, columns, depth, accumulate, ColumnGrain);
        }
    }

    /// <summary>dx (+)= dy · w: dy [rows, outputs], w [outputs, inputs], dx [rows, inputs].</summary>
    public void BackwardInput(float* dy, int rows, WeightRows w, float* dx, bool accumulate)
    {
        int columns = w.Columns;
        int piece = Math.Max(PackedFloats / columns, MatrixProduct.BlockDepth) / MatrixProduct.BlockDepth * MatrixProduct.BlockDepth;
        using CpuTensor packed = workspace.Rent(1, checked((int)MatrixProduct.PackedLength(Math.Min(piece, w.Count), columns)));
        for (int first = 0; first < w.Count; first += piece)
        {
            int depth = Math.Min(piece, w.Count - first);
            parallelism.For(depth, 16, new PackState(this, w, first, depth, columns, packed.Pointer), static (in PackState s, int start, int end) =>
            {
                using CpuTensor scratch = s.Owner.Scratch(s.Weight.Columns);
                for (int k = start; k < end; k++) MatrixProduct.PackRow(s.Weight.Get(s.First + k, scratch.Pointer), k, s.Depth, s.Columns, s.Packed);
            });
            Multiply(MatrixView.RowMajor(dy, w.Count).From(0, first), PanelView.Packed(packed.Pointer, depth), dx, columns, rows, columns, depth, accumulate || first > 0, ColumnGrain);
        }
    }

    /// <summary>dw += dyᵀ · x: dy [rows, outputs], x [rows, inputs], dw [outputs, inputs].</summary>
    public void BackwardWeight(float* dy, float* x, int rows, int outputs, int inputs, float* dw)
    {
        if (outputs <= ThinRows)
        {
            Multiply(MatrixView.RowMajor(dy, outputs).Transposed, PanelView.RowMajor(x, inputs), dw, inputs, outputs, inputs, rows, accumulate: true, columnGrain: 128);
            return;
        }
        if (inputs <= ThinRows)
        {
            using CpuTensor across = workspace.Rent(inputs, outputs);
            Multiply(MatrixView.RowMajor(x, inputs).Transposed, PanelView.RowMajor(dy, outputs), across.Pointer, outputs, inputs, outputs, rows, accumulate: false, columnGrain: 128);
            for (int i = 0; i < outputs; i++)
            {
                for (int j = 0; j < inputs; j++) dw[i * inputs + j] += across.Pointer[(nint)j * outputs + i];
            }
            return;
        }
        int piece = Math.Max(PackedFloats / inputs, MatrixProduct.BlockDepth) / MatrixProduct.BlockDepth * MatrixProduct.BlockDepth;
        using CpuTensor packed = workspace.Rent(1, checked((int)MatrixProduct.PackedLength(Math.Min(piece, rows), inputs)));
        for (int first = 0; first < rows; first += piece)
        {
            int depth = Math.Min(piece, rows - first);
            parallelism.For(depth, 16, new PackState(this, new WeightRows(x, rows, inputs), first, depth, inputs, packed.Pointer), static (in PackState s, int start, int end) =>
            {
                for (int k = start; k < end; k++) MatrixProduct.PackRow(s.Weight.Get(s.First + k, null), k, s.Depth, s.Columns, s.Packed);
            });
            Multiply(MatrixView.RowMajor(dy, outputs).From(first, 0).Transposed, PanelView.Packed(packed.Pointer, depth), dw, inputs, outputs, inputs, depth, accumulate: true, ColumnGrain);
        }
    }

    private void Multiply(MatrixView a, PanelView b, float* c, nint stride, int rows, int columns, int depth, bool accumulate, int columnGrain)
    {
        int across = (columns + columnGrain - 1) / columnGrain, down = (rows + RowGrain - 1) / RowGrain;
        parallelism.For(across * down, 1, new ProductState(a, b, (nint)c, stride, rows, columns, depth, accumulate, columnGrain, across), static (in ProductState s, int start, int end) =>
        {
            for (int part = start; part < end; part++)
            {
                int i = part / s.Across * RowGrain, j = part % s.Across * s.ColumnGrain;
                PanelView right = s.B with { Address = (nint)s.B.At(0, j) };
                MatrixProduct.Multiply(s.A.From(i, 0), right, (float*)s.C + i * s.Stride + j, s.Stride,
                    Math.Min(RowGrain, s.Rows - i), Math.Min(s.ColumnGrain, s.Columns - j), s.Depth, s.Accumulate);
            }
        });
    }

    /// <summary>Room for one widened row.</summary>
    private CpuTensor Scratch(int columns) => workspace.Rent(1, columns);

    private readonly struct PackState(MatrixProducts owner, WeightRows weight, int first, int depth, int columns, float* packed)
    {
        public readonly MatrixProducts Owner = owner;
        public readonly WeightRows Weight = weight;
        public readonly int First = first, Depth = depth, Columns = columns;
        public readonly float* Packed = packed;
    }

    private readonly record struct ProductState(
        MatrixView A, PanelView B, nint C, nint Stride, int Rows, int Columns, int Depth, bool Accumulate, int ColumnGrain, int Across);
}
