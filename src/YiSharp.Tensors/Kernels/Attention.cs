using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>Causal attention over a batch: its tiles, and who computes which. See <see cref="AttentionTile"/> for the arithmetic.</summary>
internal static unsafe class Attention
{
    /// <summary>Rows of a tile, tokens times query heads of a key/value head: enough that the conversion of keys and values to single precision is small beside their use.</summary>
    private const int TileRows = 128;

    /// <summary>Work items for each thread below which a tile's segments are shared out too.</summary>
    private const int ItemsPerThread = 4;

    /// <summary>Most floats of states that wait for each other: 16 MB.</summary>
    private const long SharedFloats = 1 << 22;

    /// <summary>Consecutive rows of one sequence that are computed together.</summary>
    /// <param name="Row">First row in the batch.</param>
    /// <param name="Count">Number of rows.</param>
    /// <param name="Position">Position of the first row in its sequence.</param>
    /// <param name="FirstBlock">Where the addresses of the sequence's blocks begin.</param>
    private readonly record struct Tile(int Row, int Count, int Position, int FirstBlock)
    {
        public int TokenCount => Position + Count;
    }

    /// <summary>What a thread needs to compute a part of a call.</summary>
    /// <param name="Plan">The tiles.</param>
    /// <param name="Q">Queries.</param>
    /// <param name="Y">Results.</param>
    /// <param name="States">Of all segments of all tiles and heads; null where a tile's segments are computed one after the other.</param>
    /// <param name="SegmentCount">Most segments of a tile.</param>
    private readonly record struct Call(Plan Plan, CpuTensor Q, CpuTensor Y, CpuTensor? States, int SegmentCount);

    /// <summary>The tiles of a call; kept by a backend, so that a call allocates nothing.</summary>
    internal sealed class Plan
    {
        private Tile[] _tiles = new Tile[4];
        private nint[] _blocks = new nint[16];
        private KvLayout _layout;
        private int _count, _blockCount;

        private int TileTokens => Math.Max(1, TileRows * _layout.Shape.KvHeadCount / _layout.Shape.HeadCount);

        private long StateFloats => AttentionTile.StateFloats(_layout, TileTokens);

        /// <summary>Starts over without sequences, also after a call that failed half-way.</summary>
        public void Clear(KvLayout layout) => (_layout, _count, _blockCount) = (layout, 0, 0);

        /// <summary>Adds a sequence's rows.</summary>
        /// <returns>To be filled with the addresses of the layer's part of its blocks, the rows' own among them.</returns>
        public Span<nint> Add(in SequenceSlice slice)
        {
            int first = _blockCount, tokens = TileTokens;
            _blockCount += KvLayout.BlocksOf(slice.FirstPosition + slice.Count);
            if (_blockCount > _blocks.Length) Array.Resize(ref _blocks, Math.Max(2 * _blocks.Length, _blockCount));
            for (int i = 0; i < slice.Count; i += tokens)
            {
                if (_count == _tiles.Length) Array.Resize(ref _tiles, 2 * _tiles.Length);
                _tiles[_count++] = new Tile(slice.Start + i, Math.Min(tokens, slice.Count - i), slice.FirstPosition + i, first);
            }
            return _blocks.AsSpan(first, _blockCount - first);
        }

        /// <summary>Writes the keys and values of all rows to their blocks.</summary>
        public void Append(CpuTensor k, CpuTensor v, Parallelism parallelism)
        {
            // A thread takes a few microseconds to answer: few rows stay on this one.
            int grain = Math.Max(1, 32 / TileTokens);
            parallelism.For(_count, grain, (this, k, v), static (in (Plan Plan, CpuTensor K, CpuTensor V) call, int start, int end) =>
            {
                KvLayout layout = call.Plan._layout;
                for (int i = start; i < end; i++)
                {
                    Tile tile = call.Plan._tiles[i];
                    for (int token = 0; token < tile.Count; token++)
                    {
                        int position = tile.Position + token;
                        long offset = (long)(tile.Row + token) * layout.Shape.KvColumns;
                        nint block = call.Plan._blocks[tile.FirstBlock + position / KvLayout.BlockTokens];
                        layout.Append(block, position % KvLayout.BlockTokens, call.K.Pointer + offset, call.V.Pointer + offset);
                    }
                }
            });
        }

        /// <summary>q [tokens, headCount · headDim] → y of the same shape, over the keys and values of the sequences added.</summary>
        public void Forward(CpuTensor q, CpuTensor y, Workspace workspace, Parallelism parallelism)
        {
            long products = 0;
            int segments = 0;
            foreach (Tile tile in _tiles.AsSpan(0, _count))
            {
                products += (long)tile.Count * tile.TokenCount * _layout.Shape.QueryColumns;
                segments = Math.Max(segments, AttentionTile.SegmentsOf(tile.TokenCount));
            }
            int work = _count * _layout.Shape.KvHeadCount;
            if (work == 0) return;
            bool isShared = segments > 1 && parallelism.ThreadCount > 1 && work < ItemsPerThread * parallelism.ThreadCount && work * segments * StateFloats <= SharedFloats;
            if (isShared)
            {
                using CpuTensor states = workspace.Rent(work * segments, (int)StateFloats);
                var call = new Call(this, q, y, states, segments);
                parallelism.For(work * segments, 1, call, static (in Call call, int start, int end) =>
                {
                    for (int i = start; i < end; i++) call.Plan.ComputeSegment(in call, i / call.SegmentCount, i % call.SegmentCount);
                });
                parallelism.For(work, work, call, static (in Call call, int start, int end) =>
                {
                    for (int i = start; i < end; i++) call.Plan.MergeSegments(in call, i);
                });
            }
            else
            {
                parallelism.For(work, products < 1 << 16 ? work : 1, new Call(this, q, y, null, segments), static (in Call call, int start, int end) =>
                {
                    for (int i = start; i < end; i++) call.Plan.Compute(in call, i);
                });
            }
        }

        /// <summary>A tile and a key/value head, all segments.</summary>
        private void Compute(in Call call, int item)
        {
            float* scratch = Scratch.Floats(ScratchFloats);
            AttentionTile tile = TileOf(in call, item, scratch, out Tile rows);
            float* state = scratch + AttentionTile.ScratchFloats(_layout, TileTokens), later = state + StateFloats;
            tile.Pack(call.Q.Pointer + (long)rows.Row * call.Q.Columns);
            for (int segment = 0; segment < tile.SegmentCount; segment++)
            {
                Segment(in tile, segment, segment == 0 ? state : later);
                if (segment > 0) tile.Merge(state, later, segment);
            }
            tile.Finish(state, call.Y.Pointer + (long)rows.Row * call.Y.Columns);
        }

        private void ComputeSegment(in Call call, int item, int segment)
        {
            AttentionTile tile = TileOf(in call, item, Scratch.Floats(ScratchFloats), out Tile rows);
            if (segment >= tile.SegmentCount) return;
            tile.Pack(call.Q.Pointer + (long)rows.Row * call.Q.Columns);
            Segment(in tile, segment, StateOf(in call, item, segment));
        }

        private void MergeSegments(in Call call, int item)
        {
            AttentionTile tile = TileOf(in call, item, Scratch.Floats(ScratchFloats), out Tile rows);
            float* state = StateOf(in call, item, 0);
            for (int segment = 1; segment < tile.SegmentCount; segment++) tile.Merge(state, StateOf(in call, item, segment), segment);
            tile.Finish(state, call.Y.Pointer + (long)rows.Row * call.Y.Columns);
        }

        private long ScratchFloats => AttentionTile.ScratchFloats(_layout, TileTokens) + 2 * StateFloats;

        private float* StateOf(in Call call, int item, int segment) => call.States!.Pointer + ((long)item * call.SegmentCount + segment) * StateFloats;

        private AttentionTile TileOf(in Call call, int item, float* scratch, out Tile rows)
        {
            rows = _tiles[item / _layout.Shape.KvHeadCount];
            return new AttentionTile(_layout, _blocks.AsSpan(rows.FirstBlock, KvLayout.BlocksOf(rows.TokenCount)), item % _layout.Shape.KvHeadCount, rows.Position, rows.Count, scratch);
        }

        private static void Segment(in AttentionTile tile, int segment, float* state)
        {
            if (Vector512.IsHardwareAccelerated) tile.Segment<Lanes16, Vector512<float>>(segment, state);
            else tile.Segment<Lanes8, Vector256<float>>(segment, state);
        }
    }
}
