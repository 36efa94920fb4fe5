using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors.Kernels;

/// <summary>Attention against double precision, and against itself in other company.</summary>
public sealed class AttentionKernelTests
{
    public static TheoryData<KvCacheFormat> Formats => [KvCacheFormat.F32, KvCacheFormat.F16, KvCacheFormat.Q8];

    private static readonly AttentionShape[] s_shapes =
    [
        new(1, 1, 8), new(2, 1, 9), new(3, 1, 16), new(8, 2, 10), new(5, 1, 24), new(6, 1, 33), new(7, 1, 40),
        new(8, 1, 48), new(9, 3, 64), new(2, 2, 66), new(4, 2, 80), new(3, 3, 100), new(8, 1, 128), new(1, 1, 130),
    ];

    /// <summary>A causal pass over 260 tokens holds every length from 1 to 260.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_length_and_odd_shapes_equal_the_reference(KvCacheFormat format)
    {
        // Formats differ in how a block is read, not in what happens to it: half of the shapes are enough for the others.
        foreach (AttentionShape shape in s_shapes.Where((_, i) => format == KvCacheFormat.F32 || i % 2 == 1))
        {
            using CpuBackend backend = Backend(format);
            Rows rows = Rows.Of(260, shape);
            float[] y = rows.Attend(backend, [new Piece(0, 260, null)]);
            for (int row = 0; row < 260; row++)
            {
                double[] expected = [.. Enumerable.Range(0, shape.HeadCount).SelectMany(head => rows.Expected(row, head))];
                Tolerance.Holds(Tolerance.SinglePrecision, y.AsSpan(row * shape.QueryColumns, shape.QueryColumns), expected, $"{format}, {shape}, {row + 1} tokens");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Long_contexts_equal_the_reference(KvCacheFormat format)
    {
        using CpuBackend backend = Backend(format, threads: 2);
        var shape = new AttentionShape(3, 1, 16);
        Rows rows = Rows.Of(1100, shape);
        float[] y = rows.Attend(backend, [new Piece(0, 1100, null)]);
        foreach (int row in new[] { 511, 512, 513, 1023, 1024, 1087, 1088, 1099 })
        {
            double[] expected = [.. Enumerable.Range(0, 3).SelectMany(head => rows.Expected(row, head))];
            Tolerance.Holds(Tolerance.SinglePrecision, y.AsSpan(row * shape.QueryColumns, shape.QueryColumns), expected, $"{format}, {row + 1} tokens");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_row_has_the_same_bits_in_any_chunk_batch_and_number_of_threads(KvCacheFormat format)
    {
        foreach ((AttentionShape shape, int count) in new[] { (new AttentionShape(8, 1, 16), 600), (new AttentionShape(6, 3, 20), 200), (new AttentionShape(2, 2, 64), 140) })
        {
            Rows rows = Rows.Of(count, shape);
            using CpuBackend alone = Backend(format);
            float[] full = rows.Attend(alone, [new Piece(0, count, null)]);
            foreach ((int threads, int chunk, int firstChunk) in new[] { (1, 1, count - 9), (1, 7, 64), (2, 33, 1), (3, 64, 13), (5, 100, 63), (2, 1, count - 3), (2, count, 0) })
            {
                using CpuBackend backend = Backend(format, threads);
                using KvCache cache = backend.CreateKvCache(1, shape, count), other = backend.CreateKvCache(1, shape, count);
                var y = new List<float>();
                for (int start = 0; start < count;)
                {
                    int take = Math.Min(start == 0 && firstChunk > 0 ? firstChunk : chunk, count - start);
                    // Another sequence goes before it, its own rows.
                    int beside = Math.Min(1 + start % 3, count - other.Length);
                    float[] both = rows.Attend(backend, [.. beside > 0 ? [new Piece(other.Length, beside, other)] : Array.Empty<Piece>(), new Piece(start, take, cache)]);
                    y.AddRange(both.AsSpan(beside * shape.QueryColumns));
                    start += take;
                }
                Tolerance.SameBits(full, y.ToArray(), $"{format}, {shape}, {threads} threads, {firstChunk} then {chunk} at once");
            }
        }
    }

    /// <summary>Keys of a later token that are no numbers must not reach an earlier row of another tile, nor stale memory a new sequence.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void What_a_block_held_before_changes_nothing(KvCacheFormat format)
    {
        var shape = new AttentionShape(4, 2, 24);
        Rows rows = Rows.Of(70, shape), wild = Rows.Of(128, shape);
        for (int i = 0; i < wild.K.Length; i++) wild.K[i] = wild.V[i] = i % 3 == 0 ? float.NaN : float.PositiveInfinity;
        using CpuBackend backend = Backend(format);
        float[] expected = rows.Attend(backend, [new Piece(0, 70, null)]);
        using (KvCache first = backend.CreateKvCache(1, shape, 128)) wild.Attend(backend, [new Piece(0, 128, first)]);
        using KvCache second = backend.CreateKvCache(1, shape, 128);
        Tolerance.SameBits(expected, rows.Attend(backend, [new Piece(0, 70, second)]), format.ToString());
    }

    [Fact]
    public void No_rows_give_no_rows()
    {
        using CpuBackend backend = Backend(KvCacheFormat.F32);
        Assert.Empty(Rows.Of(1, new AttentionShape(2, 1, 8)).Attend(backend, []));
    }

    private static CpuBackend Backend(KvCacheFormat format, int threads = 1) => new(new CpuOptions { KvCache = format, Threads = threads });

    /// <summary>Some rows of the sequence, to be appended to a cache or alone.</summary>
    private readonly record struct Piece(int Start, int Count, KvCache? Cache);

    /// <summary>Queries, keys and values of one sequence. Keys and values are 8-bit integers, the greatest in each group of 32, times 1/32, which every format holds exactly.</summary>
    private sealed record Rows(AttentionShape Shape, float[] Q, float[] K, float[] V)
    {
        public static Rows Of(int count, AttentionShape shape)
        {
            var noise = new Noise((ulong)(shape.HeadDim * 10 + shape.HeadCount));
            return new Rows(shape, noise.Normals(count * shape.QueryColumns, 0.5f), Exact(noise, count, shape), Exact(noise, count, shape));
        }

        public float[] Attend(CpuBackend backend, Piece[] pieces)
        {
            var batch = new SequenceBatch();
            foreach (Piece piece in pieces) batch.Add(piece.Count, piece.Cache);
            using CpuTensor q = Tensor(Q, Shape.QueryColumns), k = Tensor(K, Shape.KvColumns), v = Tensor(V, Shape.KvColumns);
            using Tensor y = backend.Attention(q, k, v, Shape, batch, 0);
            batch.AdvanceCaches();
            var values = new float[y.Rows * y.Columns];
            backend.Read(y, values);
            return values;

            CpuTensor Tensor(float[] x, int columns)
            {
                CpuTensor tensor = backend.Rent(pieces.Sum(piece => piece.Count), columns);
                int row = 0;
                foreach (Piece piece in pieces)
                {
                    x.AsSpan(piece.Start * columns, piece.Count * columns).CopyTo(tensor.Values[(row * columns)..]);
                    row += piece.Count;
                }
                return tensor;
            }
        }

        /// <summary>The mixed values of one head in one row.</summary>
        public double[] Expected(int row, int head)
        {
            int kvHead = head / (Shape.HeadCount / Shape.KvHeadCount), d = Shape.HeadDim;
            var weights = new double[row + 1];
            for (int t = 0; t <= row; t++)
            {
                for (int i = 0; i < d; i++) weights[t] += (double)Q[row * Shape.QueryColumns + head * d + i] * K[t * Shape.KvColumns + kvHead * d + i];
                weights[t] *= Shape.Scale;
            }
            double max = weights.Max(), sum = 0;
            for (int t = 0; t <= row; t++) sum += weights[t] = Math.Exp(weights[t] - max);
            var mixed = new double[d];
            for (int t = 0; t <= row; t++)
            {
                for (int i = 0; i < d; i++) mixed[i] += weights[t] / sum * V[t * Shape.KvColumns + kvHead * d + i];
            }
            return mixed;
        }

        private static float[] Exact(Noise noise, int count, AttentionShape shape)
        {
            var values = new float[count * shape.KvColumns];
            for (int i = 0; i < values.Length; i++)
            {
                int code = i % shape.HeadDim % 32 == 0 ? (noise.Below(2) == 0 ? 127 : -127) : noise.Below(255) - 127;
                values[i] = code / 64f;
            }
            return values;
        }
    }
}
