using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Causal attention of a few consecutive tokens of a sequence over one key/value head, with all query heads that read it: a row is one
/// query head of one token. Keys and values pass a block at a time, once for all rows, and weights are normalized on the way (online
/// softmax, Milakov &amp; Gimelshein 2018, arXiv:1805.02867; in tiles, Dao et al. 2022, arXiv:2205.14135), so that scratch grows with the
/// tile and not with the context.
/// </summary>
/// <remarks>
/// A row starts anew at every segment of <see cref="SegmentBlocks"/> blocks, and its segments are merged in order. Blocks and segments begin at fixed
/// positions, and a row does the same operations in the same order whatever other rows are in its tile, and whichever threads compute its segments.
/// </remarks>
internal readonly unsafe ref struct AttentionTile
{
    /// <summary>Rows that pass a block of keys together.</summary>
    public const int PanelRows = 8;

    /// <summary>Blocks of a segment: 512 tokens, a few microseconds of work.</summary>
    public const int SegmentBlocks = 8;

    private const int BlockTokens = KvLayout.BlockTokens;
    private const int PanelTokens = KvLayout.PanelWidth;
    private const int SegmentTokens = SegmentBlocks * BlockTokens;

    private const float Log2E = 1.44269504f;

    /// <summary>Below any score of a model that works.</summary>
    private const float LeastScore = -1e30f;

    private readonly KvLayout _layout;
    private readonly ReadOnlySpan<nint> _blocks;
    private readonly int _kvHead, _position, _rows, _group;
    private readonly float* _queries, _keys, _values, _scores, _factors;

    /// <summary>A tile that reads a key/value head.</summary>
    /// <param name="layout">Of the blocks.</param>
    /// <param name="blocks">The layer's part of each block of the sequence.</param>
    /// <param name="kvHead">Which head.</param>
    /// <param name="position">Position of the first token in its sequence.</param>
    /// <param name="count">Number of tokens.</param>
    /// <param name="scratch">Floats, [<see cref="ScratchFloats"/>].</param>
    public AttentionTile(KvLayout layout, ReadOnlySpan<nint> blocks, int kvHead, int position, int count, float* scratch)
    {
        _layout = layout;
        _blocks = blocks;
        _kvHead = kvHead;
        _position = position;
        _group = layout.Shape.HeadCount / layout.Shape.KvHeadCount;
        _rows = count * _group;
        _keys = scratch;
        _values = _keys + layout.KeyFloats;
        _scores = _values + layout.ValueFloats;
        _factors = _scores + Padded(_rows) * BlockTokens;
        _queries = _factors + Padded(_rows);
        new Span<float>(_factors, Padded(_rows)).Clear();
    }

    /// <summary>Segments that the tile's last token sees.</summary>
    public int SegmentCount => SegmentsOf(_position + _rows / _group);

    /// <summary>The least number of segments that hold <paramref name="tokenCount"/> tokens.</summary>
    public static int SegmentsOf(int tokenCount) => (KvLayout.BlocksOf(tokenCount) + SegmentBlocks - 1) / SegmentBlocks;

    /// <summary>Floats of scratch for tiles of up to <paramref name="count"/> tokens.</summary>
    public static long ScratchFloats(KvLayout layout, int count) =>
        layout.KeyFloats + layout.ValueFloats + (long)PaddedRows(layout, count) * (BlockTokens + 1 + layout.Shape.HeadDim);

    /// <summary>Floats of a state: of each row its greatest score, eight partial sums of its weights, its weighted values.</summary>
    public static long StateFloats(KvLayout layout, int count) => (long)PaddedRows(layout, count) * (1 + 8 + layout.Width);

    /// <summary>Takes the tile's queries, its first token's first: [count, headCount · headDim].</summary>
    public void Pack(float* q)
    {
        int headDim = _layout.Shape.HeadDim;
        for (int row = 0; row < Padded(_rows); row++)
        {
            float* to = _queries + (long)(row / PanelRows) * PanelRows * headDim + row % PanelRows;
            float* from = At(q, row);
            for (int d = 0; d < headDim; d++) to[d * PanelRows] = row < _rows ? from[d] : 0;
        }
    }

    /// <summary>Computes a state over one segment's tokens alone.</summary>
    public void Segment<TLanes, TVector>(int segment, float* state)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int rows = Padded(_rows), tokenCount = _position + _rows / _group;
        new Span<float>(state, rows).Fill(float.NegativeInfinity);
        new Span<float>(state + rows, rows * (8 + _layout.Width)).Clear();
        int firstBlock = segment * SegmentBlocks, endBlock = Math.Min(firstBlock + SegmentBlocks, KvLayout.BlocksOf(tokenCount));
        for (int block = firstBlock; block < endBlock; block++)
        {
            int start = block * BlockTokens;
            float* keys = _layout.Keys<TLanes, TVector>(_blocks[block], _kvHead, _keys);
            float* values = _layout.Values<TLanes, TVector>(_blocks[block], _kvHead, Math.Min(BlockTokens, tokenCount - start), _values);
            int firstRow = Math.Max(0, start - _position) * _group / PanelRows * PanelRows;
            Ahead ahead = AheadOf(block);
            // A panel of keys, then one of values, stays in the first-level cache while the rows pass.
            for (int column = 0; column < BlockTokens; column += PanelTokens, keys += _layout.Shape.HeadDim * PanelTokens) Scores<TLanes, TVector>(firstRow, start, column, keys, ahead.After(column / PanelTokens * _layout.Shape.HeadDim));
            for (int row = firstRow; row < _rows; row += PanelRows) Weigh(row, start, state);
            for (int d = 0; d < _layout.Width; d += PanelTokens, values += BlockTokens * PanelTokens) Mix<TLanes, TVector>(firstRow, start, d, values, state, ahead.After(2 * _layout.Shape.HeadDim + d * BlockTokens / PanelTokens));
        }
    }

    /// <summary>Adds a later segment's state to that of all before it.</summary>
    public void Merge(float* state, float* later, int segment)
    {
        for (int row = 0; row < _rows; row++)
        {
            if (PositionOf(row) < segment * SegmentTokens) continue;
            float max = MathF.Max(state[row], later[row]);
            float factor = Exponential.PowerOfTwo((state[row] - max) * Log2Scale), laterFactor = Exponential.PowerOfTwo((later[row] - max) * Log2Scale);
            state[row] = max;
            Add(Sums(state, row), factor, Sums(later, row), laterFactor, 8);
            Add(Outputs(state, row), factor, Outputs(later, row), laterFactor, _layout.Width);
        }
    }

    /// <summary>Writes the mixed values to the rows of the result, [count, headCount · headDim].</summary>
    public void Finish(float* state, float* y)
    {
        for (int row = 0; row < _rows; row++)
        {
            float* from = Outputs(state, row), to = At(y, row);
            Vector256<float> eight = Vector256.Load(Sums(state, row));
            Vector128<float> four = eight.GetLower() + eight.GetUpper();
            float inverse = 1f / ((four[0] + four[1]) + (four[2] + four[3]));
            int d = 0;
            for (; d <= _layout.Shape.HeadDim - 8; d += 8) (Vector256.Load(from + d) * inverse).Store(to + d);
            for (; d < _layout.Shape.HeadDim; d++) to[d] = from[d] * inverse;
        }
    }

    private static void Add(float* x, float factor, float* addend, float addendFactor, int count)
    {
        for (int i = 0; i < count; i += 8) Vector256.MultiplyAddEstimate(Vector256.Load(addend + i), Vector256.Create(addendFactor), Vector256.Load(x + i) * factor).Store(x + i);
    }

    /// <summary>scores[row, column …] = q[row] · k for a panel of keys.</summary>
    private void Scores<TLanes, TVector>(int firstRow, int start, int column, float* keys, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int headDim = _layout.Shape.HeadDim;
        for (int row = firstRow; row < _rows; row += PanelRows)
        {
            if (Visible(row, start) <= column) continue;
            AttentionProducts.Rows<TLanes, TVector, PackedQueries>(_queries + (long)row * headDim, RowsFrom(row), keys, PanelTokens, headDim, _scores + row * BlockTokens + column, BlockTokens, null, ahead);
            ahead = default(Ahead) with { Address = (nint)keys };
        }
    }

    /// <summary>outputs[row, d …] = factor · outputs[row, d …] + Σ weight · value for a panel of values.</summary>
    private void Mix<TLanes, TVector>(int firstRow, int start, int d, float* values, float* state, Ahead ahead)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int width = Math.Min(PanelTokens, _layout.Width - d);
        for (int row = firstRow; row < _rows; row += PanelRows)
        {
            AttentionProducts.Rows<TLanes, TVector, BlockWeights>(_scores + row * BlockTokens, RowsFrom(row), values, width, Visible(row, start), Outputs(state, row) + d, _layout.Width, _factors + row, ahead);
            ahead = default(Ahead) with { Address = (nint)values };
        }
    }

    /// <summary>
    /// Scores of a few rows become e^(scale · (score − the greatest so far)), those of tokens that a row may not see become 0. What the weights of
    /// earlier blocks are to be multiplied with, since the greatest score may have grown, goes to the factors.
    /// </summary>
    private void Weigh(int row, int start, float* state)
    {
        int rows = RowsFrom(row), columns = (Visible(row, start) + PanelTokens - 1) / PanelTokens * PanelTokens;
        float* all = _scores + row * BlockTokens, sums = Sums(state, row), factors = _factors + row;
        for (int i = 0; i < rows; i++)
        {
            int seen = Math.Clamp(PositionOf(row + i) + 1 - start, 0, columns);
            if (seen < columns) new Span<float>(all + i * BlockTokens + seen, columns - seen).Fill(float.NegativeInfinity);
            factors[i] = Greatest(all + i * BlockTokens, columns);
        }
        Vector256<float> before = Vector256.Load(state + row), greatest = Vector256.MaxNative(Vector256.Load(factors), before);
        greatest.Store(state + row);
        // A row that sees nothing yet has −∞, and −∞ − −∞ is no number.
        Vector256<float> subtrahends = Vector256.MaxNative(greatest, Vector256.Create(LeastScore)), scale = Vector256.Create(Log2Scale);
        Exponential.PowerOfTwo((before - subtrahends) * scale).Store(factors);
        for (int i = 0; i < rows; i++)
        {
            float* scores = all + i * BlockTokens;
            Vector256<float> subtrahend = Vector256.Create(subtrahends.GetElement(i)), sum = default;
            for (int t = 0; t < columns; t += 8)
            {
                Vector256<float> weights = Exponential.PowerOfTwo((Vector256.Load(scores + t) - subtrahend) * scale);
                weights.Store(scores + t);
                sum += weights;
            }
            Vector256.MultiplyAddEstimate(Vector256.Load(sums + 8 * i), Vector256.Create(factors[i]), sum).Store(sums + 8 * i);
        }
    }

    private static float Greatest(float* scores, int columns)
    {
        Vector256<float> eight = Vector256.Load(scores);
        for (int t = 8; t < columns; t += 8) eight = Vector256.MaxNative(Vector256.Load(scores + t), eight);
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    private float Log2Scale => _layout.Shape.Scale * Log2E;

    // A state: the greatest score of each row, eight partial sums of its weights, its weighted values.
    private float* Sums(float* state, int row) => state + Padded(_rows) + 8L * row;

    private float* Outputs(float* state, int row) => state + 9L * Padded(_rows) + (long)row * _layout.Width;

    /// <summary>Whole panels, two at a time: so many floats keep what follows them aligned to a cache line.</summary>
    private static int Padded(int rows) => (rows + 2 * PanelRows - 1) / (2 * PanelRows) * (2 * PanelRows);

    private static int PaddedRows(KvLayout layout, int count) => Padded(count * (layout.Shape.HeadCount / layout.Shape.KvHeadCount));

    /// <summary>The next block, spread over the steps of the first rows' products.</summary>
    private Ahead AheadOf(int block)
    {
        int next = Math.Min(block + 1, _blocks.Length - 1);
        int steps = _layout.Shape.HeadDim * BlockTokens / PanelTokens + _layout.Width * BlockTokens / PanelTokens;
        return new Ahead(_blocks[next] + _kvHead * (nint)_layout.HeadBytes, (nint)_layout.HeadBytes / steps);
    }

    private int RowsFrom(int row) => Math.Min(PanelRows, _rows - row);

    /// <summary>Tokens of a block that the last of a few rows sees.</summary>
    private int Visible(int row, int start) => Math.Min(BlockTokens, PositionOf(row + RowsFrom(row) - 1) + 1 - start);

    private int PositionOf(int row) => _position + row / _group;

    /// <summary>A row's place in queries or results.</summary>
    private float* At(float* x, int row) => x + (long)(row / _group) * _layout.Shape.QueryColumns + ((long)_kvHead * _group + row % _group) * _layout.Shape.HeadDim;
}
