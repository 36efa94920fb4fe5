using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Causal attention. Scores of many tokens stand in the lanes of a vector and sum over a head's features in order; outputs sum over
/// the tokens in order: so a row's result has the same bits whatever other rows are computed with it.
/// </summary>
internal static unsafe class Attention
{
    /// <summary>Query rows of a tile, which share each read of keys and values.</summary>
    private const int TileRows = 4;

    private const int BlockTokens = CpuKvCache.BlockTokens;

    /// <summary>Consecutive rows of one sequence that are computed together.</summary>
    /// <param name="Row">First row in the batch.</param>
    /// <param name="Count">Number of rows, at most <see cref="TileRows"/>.</param>
    /// <param name="Position">Position of the first row in its sequence.</param>
    /// <param name="Layer">Keys and values of the sequence, the rows' own among them.</param>
    private readonly record struct Tile(int Row, int Count, int Position, KvLayer Layer);

    /// <summary>The tiles of a call; kept by a backend, so that a call allocates nothing.</summary>
    internal sealed class Plan
    {
        private Tile[] _tiles = new Tile[4];

        private int Count { get; set; }

        private ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, Count);

        /// <summary>q [tokens, headCount · headDim] → y of the same shape, over the keys and values of the sequences added.</summary>
        public void Forward(CpuTensor q, CpuTensor y, AttentionShape shape, Parallelism parallelism)
        {
            long products = 0;
            foreach (Tile tile in Tiles) products += (long)tile.Count * (tile.Position + tile.Count) * shape.QueryColumns;
            int work = Count * shape.HeadCount;
            // A thread takes a few microseconds to answer: tiny calls stay on this one.
            int grain = products < 1 << 16 ? work : 1;
            parallelism.For(work, grain, (this, q, y, shape), static (in (Plan Plan, CpuTensor Q, CpuTensor Y, AttentionShape Shape) call, int start, int end) =>
            {
                for (int i = start; i < end; i++)
                {
                    ref readonly Tile tile = ref call.Plan.Tiles[i / call.Shape.HeadCount];
                    if (Vector512.IsHardwareAccelerated) Head<Lanes16, Vector512<float>>(in tile, call.Q, call.Y, call.Shape, i % call.Shape.HeadCount);
                    else Head<Lanes8, Vector256<float>>(in tile, call.Q, call.Y, call.Shape, i % call.Shape.HeadCount);
                }
            });
            Clear();
        }

        /// <summary>Forgets all sequences, also those of a call that failed half-way.</summary>
        public void Clear()
        {
            Array.Clear(_tiles, 0, Count);
            Count = 0;
        }

        /// <summary>Adds a sequence's rows, whose keys and values have been appended to <paramref name="layer"/>.</summary>
        public void Add(in SequenceSlice slice, int firstPosition, KvLayer layer)
        {
            for (int i = 0; i < slice.Count; i += TileRows)
            {
                if (Count == _tiles.Length) Array.Resize(ref _tiles, 2 * _tiles.Length);
                _tiles[Count++] = new Tile(slice.Start + i, Math.Min(TileRows, slice.Count - i), firstPosition + i, layer);
            }
        }
    }

    /// <summary>Writes the keys and values of rows [row, row + count) to <paramref name="layer"/> from <paramref name="position"/> on.</summary>
    public static void Append(CpuTensor k, CpuTensor v, int row, int count, AttentionShape shape, KvLayer layer, int position, Parallelism parallelism)
    {
        parallelism.For(count, 32, (k, v, row, shape, layer, position), static (in (CpuTensor K, CpuTensor V, int Row, AttentionShape Shape, KvLayer Layer, int Position) call, int start, int end) =>
        {
            int headDim = call.Shape.HeadDim;
            for (int i = start; i < end; i++)
            {
                int token = call.Position + i;
                for (int head = 0; head < call.Shape.KvHeadCount; head++)
                {
                    long offset = ((long)(call.Row + i) * call.Shape.KvHeadCount + head) * headDim;
                    float* keys = Keys(call.Layer, head, headDim, token / BlockTokens) + token % BlockTokens;
                    for (int d = 0; d < headDim; d++) keys[d * BlockTokens] = call.K.Pointer[offset + d];
                    new ReadOnlySpan<float>(call.V.Pointer + offset, headDim).CopyTo(new Span<float>(Values(call.Layer, head, headDim) + (long)token * headDim, headDim));
                }
            }
        });
    }

    private static float* Keys(KvLayer layer, int head, int headDim, int block) =>
        (float*)layer.Keys.Pointer + layer.KeysOffset + ((long)head * layer.Capacity + (long)block * BlockTokens) * headDim;

    private static float* Values(KvLayer layer, int head, int headDim) => (float*)layer.Values.Pointer + layer.ValuesOffset + (long)head * layer.Capacity * headDim;

    private static void Head<TLanes, TVector>(in Tile tile, CpuTensor q, CpuTensor y, AttentionShape shape, int head)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int headDim = shape.HeadDim, kvHead = head / (shape.HeadCount / shape.KvHeadCount);
        int tokens = tile.Position + tile.Count;
        int stride = (tokens + BlockTokens - 1) / BlockTokens * BlockTokens;
        float* scores = Scratch.Floats((long)TileRows * stride);
        float* queries = q.Pointer + (long)tile.Row * q.Columns + head * headDim;
        float* outputs = y.Pointer + (long)tile.Row * y.Columns + head * headDim;

        for (int token = 0; token < stride; token += TLanes.Count)
        {
            float* keys = Keys(tile.Layer, kvHead, headDim, token / BlockTokens) + token % BlockTokens;
            if (tile.Count == TileRows) Scores4<TLanes, TVector>(queries, q.Columns, keys, headDim, scores + token, stride);
            else for (int row = 0; row < tile.Count; row++) Scores1<TLanes, TVector>(queries + (long)row * q.Columns, keys, headDim, scores + (long)row * stride + token);
        }

        for (int row = 0; row < tile.Count; row++)
        {
            int visible = tile.Position + row + 1;
            Softmax.Forward(new Span<float>(scores + (long)row * stride, visible), shape.Scale);
            // Rows of a tile share a loop over the longest row's tokens: those that a row may not see weigh nothing.
            new Span<float>(scores + (long)row * stride + visible, stride - visible).Clear();
        }

        float* values = Values(tile.Layer, kvHead, headDim);
        int d = 0;
        for (; d <= headDim - 4 * TLanes.Count && tile.Count == TileRows; d += 4 * TLanes.Count)
        {
            for (int row = 0; row < TileRows; row += 2) Mix2x4<TLanes, TVector>(scores + (long)row * stride, stride, values + d, headDim, tokens, outputs + (long)row * y.Columns + d, y.Columns);
        }
        for (int row = 0; row < tile.Count; row++) MixRow<TLanes, TVector>(scores + (long)row * stride, values, headDim, tokens, outputs + (long)row * y.Columns, d);
    }

    /// <summary>scores[row, t] = q[row] · k[t] for 4 rows and one vector of tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scores4<TLanes, TVector>(float* q, int columns, float* keys, int headDim, float* scores, int stride)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector s0 = default, s1 = default, s2 = default, s3 = default;
        float* q1 = q + columns, q2 = q1 + columns, q3 = q2 + columns;
        for (int d = 0; d < headDim; d++)
        {
            TVector k = TLanes.Load(keys + d * BlockTokens);
            s0 = TLanes.MultiplyAdd(TLanes.Broadcast(q[d]), k, s0);
            s1 = TLanes.MultiplyAdd(TLanes.Broadcast(q1[d]), k, s1);
            s2 = TLanes.MultiplyAdd(TLanes.Broadcast(q2[d]), k, s2);
            s3 = TLanes.MultiplyAdd(TLanes.Broadcast(q3[d]), k, s3);
        }
        TLanes.Store(scores, s0);
        TLanes.Store(scores + stride, s1);
        TLanes.Store(scores + 2L * stride, s2);
        TLanes.Store(scores + 3L * stride, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scores1<TLanes, TVector>(float* q, float* keys, int headDim, float* scores)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector s = default;
        for (int d = 0; d < headDim; d++) s = TLanes.MultiplyAdd(TLanes.Broadcast(q[d]), TLanes.Load(keys + d * BlockTokens), s);
        TLanes.Store(scores, s);
    }

    /// <summary>outputs[row, d] = Σ p[row, t] · v[t, d] for 2 rows and 4 vectors of features.</summary>
    private static void Mix2x4<TLanes, TVector>(float* p, int stride, float* values, int headDim, int tokens, float* outputs, int columns)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (int t = 0; t < tokens; t++, values += headDim)
        {
            TVector p0 = TLanes.Broadcast(p[t]), p1 = TLanes.Broadcast(p[stride + t]);
            TVector v0 = TLanes.Load(values), v1 = TLanes.Load(values + TLanes.Count), v2 = TLanes.Load(values + 2 * TLanes.Count), v3 = TLanes.Load(values + 3 * TLanes.Count);
            a0 = TLanes.MultiplyAdd(p0, v0, a0);
            a1 = TLanes.MultiplyAdd(p0, v1, a1);
            a2 = TLanes.MultiplyAdd(p0, v2, a2);
            a3 = TLanes.MultiplyAdd(p0, v3, a3);
            b0 = TLanes.MultiplyAdd(p1, v0, b0);
            b1 = TLanes.MultiplyAdd(p1, v1, b1);
            b2 = TLanes.MultiplyAdd(p1, v2, b2);
            b3 = TLanes.MultiplyAdd(p1, v3, b3);
        }
        TLanes.Store(outputs, a0);
        TLanes.Store(outputs + TLanes.Count, a1);
        TLanes.Store(outputs + 2 * TLanes.Count, a2);
        TLanes.Store(outputs + 3 * TLanes.Count, a3);
        outputs += columns;
        TLanes.Store(outputs, b0);
        TLanes.Store(outputs + TLanes.Count, b1);
        TLanes.Store(outputs + 2 * TLanes.Count, b2);
        TLanes.Store(outputs + 3 * TLanes.Count, b3);
    }

    /// <summary>outputs[d] = Σ p[t] · v[t, d] for one row from feature <paramref name="d"/> on.</summary>
    private static void MixRow<TLanes, TVector>(float* p, float* values, int headDim, int tokens, float* outputs, int d)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (; d <= headDim - 4 * TLanes.Count; d += 4 * TLanes.Count)
        {
            TVector a0 = default, a1 = default, a2 = default, a3 = default;
            float* v = values + d;
            for (int t = 0; t < tokens; t++, v += headDim)
            {
                TVector weight = TLanes.Broadcast(p[t]);
                a0 = TLanes.MultiplyAdd(weight, TLanes.Load(v), a0);
                a1 = TLanes.MultiplyAdd(weight, TLanes.Load(v + TLanes.Count), a1);
                a2 = TLanes.MultiplyAdd(weight, TLanes.Load(v + 2 * TLanes.Count), a2);
                a3 = TLanes.MultiplyAdd(weight, TLanes.Load(v + 3 * TLanes.Count), a3);
            }
            TLanes.Store(outputs + d, a0);
            TLanes.Store(outputs + d + TLanes.Count, a1);
            TLanes.Store(outputs + d + 2 * TLanes.Count, a2);
            TLanes.Store(outputs + d + 3 * TLanes.Count, a3);
        }
        for (; d <= headDim - TLanes.Count; d += TLanes.Count)
        {
            TVector a = default;
            for (int t = 0; t < tokens; t++) a = TLanes.MultiplyAdd(TLanes.Broadcast(p[t]), TLanes.Load(values + (long)t * headDim + d), a);
            TLanes.Store(outputs + d, a);
        }
        for (; d < headDim; d++)
        {
            float sum = 0;
            for (int t = 0; t < tokens; t++) sum += p[t] * values[(long)t * headDim + d];
            outputs[d] = sum;
        }
    }
}
