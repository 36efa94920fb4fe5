using System.Globalization;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>
/// The operations on a CPU. One thread at a time calls it; it shares its work out to its own. See <see cref="IBackend"/> for what each
/// operation computes.
/// </summary>
public sealed partial class CpuBackend : IBackend
{
    /// <summary>Elements that one thread passes over sooner than another could begin to help.</summary>
    private const int SerialElements = 1 << 14;

    private readonly Workspace _workspace = new();
    private readonly Attention.Plan _attention = new();
    private readonly List<RotaryAngles> _angles = [];
    private readonly List<KvBlockPool> _pools = [];

    /// <summary>Starts the threads.</summary>
    public CpuBackend(CpuOptions? options = null)
    {
        Options = options ?? new CpuOptions();
        Parallelism = new Parallelism(Options.Threads);
    }

    /// <summary>What it was made with.</summary>
    public CpuOptions Options { get; }

    /// <summary>Its threads.</summary>
    public Parallelism Parallelism { get; }

    /// <summary>A tensor [rows, columns] with arbitrary contents, to be written by the caller.</summary>
    public CpuTensor Rent(int rows, int columns) => _workspace.Rent(rows, columns);

    /// <inheritdoc/>
    public Weight Load(WeightData data)
    {
        if (Options.Precision != Precision.Default) return new CpuWeight(data);
        if (data.Packed is (TensorMemory memory, long offset)) return new CpuWeight(data.Name, PackedWeight.Over(data.Format, data.Rows, data.Columns, memory, offset)!);
        if (PackedWeight.TryPack(data, Parallelism) is not PackedWeight packed) return new CpuWeight(data);
        data.Release();
        return new CpuWeight(data.Name, packed);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(int layerCount, AttentionShape shape, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layerCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTokens);
        return new CpuKvCache(PoolOf(layerCount, shape), maxTokens);
    }

    /// <summary>Bytes of memory that the cache of one sequence takes with the default format.</summary>
    /// <param name="layerCount">Layers of the model.</param>
    /// <param name="shape">Heads of its attention.</param>
    /// <param name="tokenCount">Tokens that the cache holds.</param>
    public static long KvCacheBytes(int layerCount, AttentionShape shape, int tokenCount) => layerCount * new KvLayout(new CpuOptions().KvCacheFormat, shape).LayerBytes * KvLayout.BlocksOf(tokenCount);

    /// <inheritdoc/>
    public Tensor Embedding(Weight table, ReadOnlySpan<int> ids)
    {
        CpuWeight weight = Of(table);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)table.Rows) throw new TensorException(string.Create(CultureInfo.InvariantCulture, $"Token id {id} lies outside of {table}: ids from 0 to {table.Rows - 1} have an embedding."));
        }
        CpuTensor y = Rent(ids.Length, table.Columns);
        for (int i = 0; i < ids.Length; i++) weight.DequantizeRow(ids[i], y.Row(i));
        return y;
    }

    /// <inheritdoc/>
    public Tensor SelectRows(Tensor x, ReadOnlySpan<int> rows)
    {
        CpuTensor from = Of(x);
        foreach (int row in rows)
        {
            if ((uint)row >= (uint)x.Rows) throw new TensorException(string.Create(CultureInfo.InvariantCulture, $"Row {row} was selected from {x}; it has rows 0 to {x.Rows - 1}."));
        }
        CpuTensor y = Rent(rows.Length, x.Columns);
        for (int i = 0; i < rows.Length; i++) from.Row(rows[i]).CopyTo(y.Row(i));
        return y;
    }

    /// <inheritdoc/>
    public Tensor RmsNorm(Tensor x, Weight gain, float epsilon)
    {
        if (gain.Rows != 1 || gain.Columns != x.Columns) throw new TensorException($"{gain} cannot normalize rows of {x}; it needs shape [1, {x.Columns}].");
        CpuTensor gains = Rent(1, gain.Columns), y = Rent(x.Rows, x.Columns);
        Of(gain).DequantizeRow(0, gains.Values);
        Parallelism.For(x.Rows, GrainOf(x.Columns), (Of(x), gains, y, epsilon), static (in (CpuTensor X, CpuTensor Gain, CpuTensor Y, float Epsilon) call, int start, int end) =>
        {
            for (int row = start; row < end; row++) Kernels.RmsNorm.Forward(call.X.Row(row), call.Gain.Values, call.Y.Row(row), call.Epsilon);
        });
        gains.Dispose();
        return y;
    }

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, Weight weight)
    {
        if (x.Columns != weight.Columns) throw new TensorException($"{x} cannot be multiplied with {weight}; its rows need {weight.Columns} columns.");
        CpuTensor y = Rent(x.Rows, weight.Rows);
        CpuWeight by = Of(weight);
        if (x.Rows == 0) return y;
        if (by.Packed is null) LinearF32.Forward(Of(x), by, y, Parallelism);
        else by.Packed.Forward(Of(x), y, _workspace, Parallelism);
        return y;
    }

    /// <inheritdoc/>
    public void LinearAll(Tensor x, ReadOnlySpan<Weight> weights, Span<Tensor> results)
    {
        if (x.Rows == 0 || !ArePackedAlike(x, weights))
        {
            for (int i = 0; i < weights.Length; i++) results[i] = Linear(x, weights[i]);
            return;
        }
        var set = new PackedSet();
        for (int i = 0; i < weights.Length; i++)
        {
            CpuTensor y = Rent(x.Rows, weights[i].Rows);
            results[i] = y;
            set.Add(Of(weights[i]).Packed!, y);
        }
        PackedWeight.Forward(Of(x), in set, _workspace, Parallelism);
    }

    /// <inheritdoc/>
    public Tensor AddBias(Tensor x, Weight bias)
    {
        Require(bias, x);
        CpuTensor y = Rent(x.Rows, x.Columns);
        using CpuTensor biases = Rent(1, x.Columns);
        Of(bias).DequantizeRow(0, biases.Values);
        Parallelism.For(y.Rows, GrainOf(y.Columns), (Of(x), biases, y), static (in (CpuTensor X, CpuTensor Biases, CpuTensor Y) call, int start, int end) =>
        {
            for (int row = start; row < end; row++) Kernels.AddScaled.Forward(call.X.Row(row), call.Biases.Values, 1f, call.Y.Row(row));
        });
        return y;
    }

    /// <inheritdoc/>
    public void Rotary(Tensor x, RotaryTable table, SequenceBatch batch) => Rotate(Of(x), table, batch, Kernels.Rotary.Forward);

    /// <inheritdoc/>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, int layer)
    {
        Require(q, batch.TokenCount, shape.QueryColumns, "Queries");
        Require(k, batch.TokenCount, shape.KvColumns, "Keys");
        Require(v, batch.TokenCount, shape.KvColumns, "Values");
        CpuTensor y = Rent(q.Rows, q.Columns);
        KvLayout layout = LayoutOf(shape);
        // Sequences without a cache round their keys and values as a cache would: with one or without, the results are the same.
        using CpuTensor temporary = RentBlocks(layout, batch);
        long used = 0;
        _attention.Clear(layout);
        foreach (SequenceSlice slice in batch.Slices)
        {
            Span<nint> blocks = _attention.Add(in slice);
            if (slice.Cache is not null) Locate(slice, shape, layer, blocks);
            else
            {
                foreach (ref nint block in blocks) block = temporary.Address + (nint)(layout.LayerBytes * used++);
            }
        }
        _attention.Append(Of(k), Of(v), Parallelism);
        _attention.Forward(Of(q), y, _workspace, Parallelism);
        return y;
    }

    /// <inheritdoc/>
    public Tensor SiluMultiply(Tensor gate, Tensor up)
    {
        Require(up, gate.Rows, gate.Columns, "The factor");
        CpuTensor y = Rent(gate.Rows, gate.Columns);
        Parallelism.For(y.Rows, GrainOf(y.Columns), (Of(gate), Of(up), y), static (in (CpuTensor Gate, CpuTensor Up, CpuTensor Y) call, int start, int end) =>
        {
            for (int row = start; row < end; row++) Kernels.SiluMultiply.Forward(call.Gate.Row(row), call.Up.Row(row), call.Y.Row(row));
        });
        return y;
    }

    /// <inheritdoc/>
    public Tensor AddScaled(Tensor x, Tensor addend, float scale)
    {
        Require(addend, x.Rows, x.Columns, "The addend");
        CpuTensor y = Rent(x.Rows, x.Columns);
        Parallelism.For(y.Rows, GrainOf(y.Columns), (Of(x), Of(addend), y, scale), static (in (CpuTensor X, CpuTensor Addend, CpuTensor Y, float Scale) call, int start, int end) =>
        {
            for (int row = start; row < end; row++) Kernels.AddScaled.Forward(call.X.Row(row), call.Addend.Row(row), call.Scale, call.Y.Row(row));
        });
        return y;
    }

    /// <inheritdoc/>
    public void Read(Tensor x, Span<float> destination) => Of(x).Values.CopyTo(destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        Parallelism.Dispose();
        _workspace.Dispose();
        foreach (RotaryAngles angles in _angles) angles.Dispose();
        foreach (KvBlockPool pool in _pools) pool.Dispose();
    }

    /// <summary>Turns every head of a row, [headCount · headDim], by angles whose cosines and sines are given, [headDim / 2].</summary>
    private delegate void TurnRow(Span<float> row, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin);

    private void Rotate(CpuTensor x, RotaryTable table, SequenceBatch batch, TurnRow turn)
    {
        if (batch.TokenCount != x.Rows || x.Columns % table.HeadDim != 0)
        {
            throw new TensorException($"A batch of {batch.TokenCount} tokens cannot turn {x} in heads of {table.HeadDim}; each row needs one position and whole heads.");
        }
        RotaryAngles angles = AnglesOf(table);
        foreach (SequenceSlice slice in batch.Slices)
        {
            if (slice.Length > table.FixedLength)
            {
                RotateByLength(x, table, slice, turn);
                continue;
            }
            int first = slice.FirstPosition;
            angles.Reserve(first + slice.Count);
            for (int i = 0; i < slice.Count; i++) turn(x.Row(slice.Start + i), angles.Cos(first + i), angles.Sin(first + i));
        }
    }

    /// <summary>The same with frequencies of the sequence's own length, which the next pass will not need again.</summary>
    private void RotateByLength(CpuTensor x, RotaryTable table, SequenceSlice slice, TurnRow turn)
    {
        int half = table.HeadDim / 2;
        using CpuTensor frequencies = Rent(1, half), row = Rent(1, table.HeadDim);
        table.Compute(slice.Length, frequencies.Values);
        for (int i = 0; i < slice.Count; i++)
        {
            RotaryAngles.Compute(slice.FirstPosition + i, frequencies.Values, table.AttentionFactor, row.Values);
            turn(x.Row(slice.Start + i), row.Values[..half], row.Values[half..]);
        }
    }

    private RotaryAngles AnglesOf(RotaryTable table)
    {
        foreach (RotaryAngles known in _angles)
        {
            if (ReferenceEquals(known.Table, table)) return known;
        }
        var angles = new RotaryAngles(table);
        _angles.Add(angles);
        return angles;
    }

    private static bool ArePackedAlike(Tensor x, ReadOnlySpan<Weight> weights)
    {
        if (weights.Length > PackedSet.Most) return false;
        PackedWeight? first = weights.IsEmpty ? null : Of(weights[0]).Packed;
        foreach (Weight weight in weights)
        {
            if (weight.Columns != x.Columns || Of(weight).Packed is not { } packed || packed.Activations != first!.Activations) return false;
        }
        return first is not null;
    }

    private KvLayout LayoutOf(AttentionShape shape) => new(Options.KvCacheFormat, shape);

    private KvBlockPool PoolOf(int layerCount, AttentionShape shape)
    {
        KvLayout layout = LayoutOf(shape);
        foreach (KvBlockPool known in _pools)
        {
            if (known.LayerCount == layerCount && known.Layout == layout) return known;
        }
        var pool = new KvBlockPool(layerCount, layout);
        _pools.Add(pool);
        return pool;
    }

    /// <summary>Memory for the blocks of all sequences that have no cache.</summary>
    private CpuTensor RentBlocks(KvLayout layout, SequenceBatch batch)
    {
        int blocks = 0;
        foreach (SequenceSlice slice in batch.Slices) blocks += slice.Cache is null ? KvLayout.BlocksOf(slice.Count) : 0;
        return Rent(blocks, checked((int)(layout.LayerBytes / sizeof(float))));
    }

    private void Locate(SequenceSlice slice, AttentionShape shape, int layer, Span<nint> blocks)
    {
        if (slice.Cache is not CpuKvCache cache || cache.Pool.Layout.Shape != shape || layer >= cache.Pool.LayerCount || !_pools.Contains(cache.Pool))
        {
            throw new TensorException($"A cache does not fit layer {layer} with {shape}; take it from this backend's CreateKvCache with the model's shape.");
        }
        cache.Reserve(slice.FirstPosition + slice.Count);
        cache.Locate(layer, blocks);
    }

    private static int GrainOf(int columns) => Math.Max(1, SerialElements / Math.Max(columns, 1));

    private static CpuTensor Of(Tensor x) => x as CpuTensor ?? throw new TensorException($"{x} belongs to another backend ({x.GetType().Name}).");

    private static CpuWeight Of(Weight weight) => weight as CpuWeight ?? throw new TensorException($"{weight} belongs to another backend ({weight.GetType().Name}).");

    private static void Require(Weight bias, Tensor x)
    {
        if (bias.Rows != 1 || bias.Columns != x.Columns) throw new TensorException($"{bias} cannot be added to the rows of {x}; [1, {x.Columns}] is needed.");
    }

    private static void Require(Tensor x, int rows, int columns, string what)
    {
        if (x.Rows != rows || x.Columns != columns) throw new TensorException($"{what} have shape {x}; [{rows}, {columns}] is needed.");
    }
}
