using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

/// <summary>What every backend must compute, against plain double precision. A backend's tests derive from this.</summary>
public abstract partial class BackendConformanceTests
{
    /// <summary>A backend, which the test disposes of.</summary>
    protected abstract IBackend Create();

    /// <summary>How far products with weights of a format may lie from exact ones.</summary>
    protected abstract double LinearTolerance(WeightFormat format);

    /// <summary>How far attention may lie from that over exact keys and values.</summary>
    protected abstract double AttentionTolerance { get; }

    private protected static float[] Read(IBackend backend, Tensor x)
    {
        var values = new float[x.Rows * x.Columns];
        backend.Read(x, values);
        return values;
    }

    /// <summary>A tensor of given values, made by what every backend has: a table and an embedding of its rows.</summary>
    private protected static Tensor Tensor(IBackend backend, int rows, int columns, float[] values) =>
        backend.Embedding(backend.Load(WeightData.FromFloats("values", rows, columns, values)), [.. Enumerable.Range(0, rows)]);

    private protected static double[] Double(float[] values) => Array.ConvertAll(values, x => (double)x);

    [Theory]
    [InlineData("F32", 1)]
    [InlineData("F16", 33)]
    [InlineData("Q4_0", 64)]
    [InlineData("Q4_1", 96)]
    [InlineData("Q8_0", 288)]
    [InlineData("Affine8", 32)]
    public void Embedding_copies_rows_of_the_table_exactly(string format, int columns)
    {
        using IBackend backend = Create();
        WeightData table = Models.ToyModel.In(WeightFormatTests.Format(format), "table", 21, columns, new Noise(4).Normals(21 * columns));
        Weight weight = backend.Load(table);
        int[] ids = [20, 0, 7, 7, 16, 15];
        using Tensor rows = backend.Embedding(weight, ids);
        float[] all = table.ToArray();
        Tolerance.SameBits([.. ids.SelectMany(id => all[(id * columns)..((id + 1) * columns)])], Read(backend, rows), format);
        Assert.Contains("Token id 21", Assert.Throws<TensorException>(() => backend.Embedding(weight, [3, 21])).Message);
        Assert.Contains("Token id -1", Assert.Throws<TensorException>(() => backend.Embedding(weight, [-1])).Message);
    }

    [Fact]
    public void SelectRows_copies_rows_in_the_order_asked()
    {
        using IBackend backend = Create();
        using Tensor x = Tensor(backend, 3, 2, [1, 2, 3, 4, 5, 6]);
        using Tensor y = backend.SelectRows(x, [2, 0, 2]);
        Assert.Equal([5, 6, 1, 2, 5, 6], Read(backend, y));
        using Tensor none = backend.SelectRows(x, []);
        Assert.Equal(0, none.Rows);
        Assert.Contains("Row 3", Assert.Throws<TensorException>(() => backend.SelectRows(x, [3])).Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(2, 64)]
    [InlineData(40, 576)]
    public void RmsNorm_divides_by_the_root_mean_square(int rows, int columns)
    {
        using IBackend backend = Create();
        var noise = new Noise(8);
        float[] x = noise.Normals(rows * columns, 3), gain = noise.Normals(columns);
        const float Epsilon = 1e-5f;
        using Tensor input = Tensor(backend, rows, columns, x);
        using Tensor output = backend.RmsNorm(input, backend.Load(WeightData.FromFloats("gain", 1, columns, gain)), Epsilon);
        double[] expected = new double[x.Length];
        for (int row = 0; row < rows; row++)
        {
            double[] values = Double(x[(row * columns)..((row + 1) * columns)]);
            double scale = 1 / Math.Sqrt(values.Sum(value => value * value) / columns + Epsilon);
            for (int i = 0; i < columns; i++) expected[row * columns + i] = values[i] * scale * gain[i];
        }
        Tolerance.Holds(Tolerance.Elementwise, Read(backend, output), expected, "RmsNorm");
        Assert.Throws<TensorException>(() => backend.RmsNorm(input, backend.Load(WeightData.FromFloats("gain", 1, columns + 1, new float[columns + 1])), Epsilon));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 10)]
    [InlineData(2, 64)]
    public void Rotary_turns_each_pair_of_a_head_by_its_position(int heads, int headDim)
    {
        using IBackend backend = Create();
        var table = new RotaryTable(headDim, 10000);
        int[] positions = [0, 1, 5, 700, 4000];
        float[] x = new Noise(3).Normals(positions.Length * heads * headDim);
        using Tensor turned = Tensor(backend, positions.Length, heads * headDim, x);
        SequenceBatch batch = At(backend, positions);
        backend.Rotary(turned, table, batch);

        var expected = new double[x.Length];
        for (int at = 0; at < x.Length; at += headDim)
        {
            for (int i = 0; i < headDim / 2; i++)
            {
                double angle = positions[at / (heads * headDim)] * table.Frequencies.Span[i];
                double a = x[at + i], b = x[at + i + headDim / 2];
                expected[at + i] = a * Math.Cos(angle) - b * Math.Sin(angle);
                expected[at + i + headDim / 2] = b * Math.Cos(angle) + a * Math.Sin(angle);
            }
        }
        // An angle of 4000 radians is known to 2e-4 only, as in the original software.
        Tolerance.Holds(1e-8, Read(backend, turned), expected, "Rotary");
        Tolerance.SameBits(x.AsSpan(0, heads * headDim), Read(backend, turned).AsSpan(0, heads * headDim), "position 0");
        Assert.Throws<TensorException>(() => backend.Rotary(turned, table, At(backend, [1])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(33)]
    public void AddBias_adds_a_row_to_every_row(int columns)
    {
        using IBackend backend = Create();
        float[] x = new Noise(4).Normals(3 * columns), bias = new Noise(5).Normals(columns);
        using Tensor given = Tensor(backend, 3, columns, x);
        using Tensor y = backend.AddBias(given, backend.Load(WeightData.FromFloats("bias", 1, columns, bias)));
        Tolerance.SameBits([.. x.Select((value, i) => value + bias[i % columns])], Read(backend, y), "sums");
        Tolerance.SameBits(x, Read(backend, given), "the argument");
        Assert.Throws<TensorException>(() => backend.AddBias(given, backend.Load(WeightData.FromFloats("bias", 1, columns + 1, [.. bias, 0f]))));
    }

    [Fact]
    public void Rotary_turns_each_sequence_with_the_frequencies_of_its_own_length()
    {
        using IBackend backend = Create();
        const int headDim = 16;
        var table = new RotaryTable(headDim, 10000, new DynamicRopeScaling(2, 10));
        float[] x = new Noise(3).Normals(31 * headDim);
        var batch = new SequenceBatch();
        batch.Add(10);
        batch.Add(20);
        batch.Add(1, backend.CreateKvCache(1, new AttentionShape(1, 1, headDim), 100), length: 15);
        using Tensor turned = Tensor(backend, 31, headDim, x);
        backend.Rotary(turned, table, batch);
        float[] found = Read(backend, turned);
        int row = 0;
        foreach (SequenceSlice slice in batch.Slices)
        {
            var frequencies = new float[headDim / 2];
            table.Compute(slice.Length, frequencies);
            Assert.Equal(slice.Length <= 10, frequencies.AsSpan().SequenceEqual(table.Frequencies.Span));
            for (int position = 0; position < slice.Count; position++, row++)
            {
                for (int i = 0; i < headDim / 2; i++)
                {
                    double angle = position * (double)frequencies[i];
                    double a = x[row * headDim + i], b = x[row * headDim + i + headDim / 2];
                    Assert.Equal(a * Math.Cos(angle) - b * Math.Sin(angle), found[row * headDim + i], 1e-5);
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(4, 2, 10)]
    [InlineData(6, 2, 16)]
    [InlineData(3, 1, 64)]
    [InlineData(2, 2, 100)]
    public void Attention_mixes_the_values_of_a_sequences_past(int heads, int kvHeads, int headDim)
    {
        using IBackend backend = Create();
        var shape = new AttentionShape(heads, kvHeads, headDim);
        using KvCache cache = backend.CreateKvCache(3, shape, 400);
        // Rows of three sequences: one with a past that crosses a growth of the cache, one alone, one of a single row.
        int[] past = [260, 0, 0], counts = [21, 35, 1];
        var noise = new Noise(21);
        float[][] q = Rows(heads), k = Rows(kvHeads), v = Rows(kvHeads);
        var batch = new SequenceBatch();
        for (int done = 0; done < past[0]; done += 65)
        {
            batch.Clear();
            batch.Add(65, cache);
            Run(0, done, done + 65).Dispose();
            batch.AdvanceCaches();
        }
        batch.Clear();
        for (int s = 0; s < 3; s++) batch.Add(counts[s], s == 0 ? cache : null);
        using Tensor output = Run(0, past[0], past[0] + counts[0], 1, 2);

        var expected = new List<double>();
        for (int s = 0; s < 3; s++)
        {
            for (int row = past[s]; row < past[s] + counts[s]; row++)
            {
                for (int head = 0; head < heads; head++) expected.AddRange(One(q[s], k[s], v[s], row, head, shape));
            }
        }
        Tolerance.Holds(AttentionTolerance, Read(backend, output), [.. expected], shape.ToString());

        float[][] Rows(int width) => [.. past.Zip(counts, (before, count) => noise.Normals((before + count) * width * headDim))];

        Tensor Run(int sequence, int start, int end, params int[] whole)
        {
            float[] Part(float[][] x, int width) => [.. x[sequence][(start * width * headDim)..(end * width * headDim)], .. whole.SelectMany(s => x[s])];
            int rows = end - start + whole.Sum(s => counts[s]);
            using Tensor queries = Tensor(backend, rows, heads * headDim, Part(q, heads)), keys = Tensor(backend, rows, kvHeads * headDim, Part(k, kvHeads)), values = Tensor(backend, rows, kvHeads * headDim, Part(v, kvHeads));
            return backend.Attention(queries, keys, values, shape, batch, 1);
        }
    }

    [Fact]
    public void Attention_takes_scores_that_overflow_an_exponential()
    {
        using IBackend backend = Create();
        var shape = new AttentionShape(1, 1, 16);
        float[] q = [.. Enumerable.Repeat(300f, 48)], k = [.. Enumerable.Range(0, 48).Select(i => i < 16 ? 300f : i < 32 ? -300f : 299f)];
        // Numbers that every format of a cache holds exactly: 8-bit integers, the greatest among them.
        float[] v = [.. Enumerable.Range(0, 48).Select(i => i % 16 == 0 ? 127f : 5f * i - 100)];
        var batch = new SequenceBatch();
        batch.Add(3);
        using Tensor queries = Tensor(backend, 3, 16, q), keys = Tensor(backend, 3, 16, k), values = Tensor(backend, 3, 16, v);
        using Tensor output = backend.Attention(queries, keys, values, shape, batch, 0);
        float[] y = Read(backend, output);
        for (int row = 0; row < 3; row++) Tolerance.SameBits(v.AsSpan(0, 16), y.AsSpan(row * 16, 16), $"row {row}");
    }

    [Fact]
    public void Attention_refuses_shapes_and_caches_that_do_not_fit()
    {
        using IBackend backend = Create();
        var shape = new AttentionShape(2, 1, 8);
        var batch = new SequenceBatch();
        using KvCache other = backend.CreateKvCache(1, new AttentionShape(2, 2, 8), 10);
        batch.Add(1, other);
        using Tensor q = Tensor(backend, 1, 16, new float[16]), k = Tensor(backend, 1, 8, new float[8]);
        Assert.Contains("A cache does not fit", Assert.Throws<TensorException>(() => backend.Attention(q, k, k, shape, batch, 0)).Message);
        Assert.Contains("Keys have shape [1, 16]; [1, 8] is needed", Assert.Throws<TensorException>(() => backend.Attention(q, q, k, shape, batch, 0)).Message);
    }

    [Fact]
    public void SiluMultiply_gates_and_AddScaled_adds()
    {
        using IBackend backend = Create();
        var noise = new Noise(6);
        float[] gate = noise.Normals(7 * 33, 4), up = noise.Normals(7 * 33);
        gate[0] = -200;
        gate[1] = 200;
        using Tensor a = Tensor(backend, 7, 33, gate), b = Tensor(backend, 7, 33, up), narrow = Tensor(backend, 7, 32, new float[7 * 32]);
        using Tensor gated = backend.SiluMultiply(a, b), sum = backend.AddScaled(a, b, -0.75f);
        Tolerance.Holds(Tolerance.Elementwise, Read(backend, gated), [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)], "SiluMultiply");
        Tolerance.Holds(Tolerance.Elementwise, Read(backend, sum), [.. gate.Zip(up, (g, u) => g + -0.75 * u)], "AddScaled");
        Assert.Throws<TensorException>(() => backend.SiluMultiply(a, narrow));
        Assert.Throws<TensorException>(() => backend.AddScaled(a, narrow, 1));
        Assert.Contains("needs", Assert.Throws<TensorException>(() => backend.Linear(a, backend.Load(WeightData.FromFloats("w", 2, 32, new float[64])))).Message.Replace("need ", "needs "));
    }

    /// <summary>The mixed values of one head in one row.</summary>
    private static double[] One(float[] q, float[] k, float[] v, int row, int head, AttentionShape shape)
    {
        int kvHead = head / (shape.HeadCount / shape.KvHeadCount), d = shape.HeadDim;
        var scores = new double[row + 1];
        for (int t = 0; t <= row; t++)
        {
            for (int i = 0; i < d; i++) scores[t] += (double)q[row * shape.QueryColumns + head * d + i] * k[t * shape.KvColumns + kvHead * d + i];
            scores[t] /= Math.Sqrt(d);
        }
        double max = scores.Max(), sum = 0;
        for (int t = 0; t <= row; t++) sum += scores[t] = Math.Exp(scores[t] - max);
        var mixed = new double[d];
        for (int t = 0; t <= row; t++)
        {
            for (int i = 0; i < d; i++) mixed[i] += scores[t] / sum * v[t * shape.KvColumns + kvHead * d + i];
        }
        return mixed;
    }

    /// <summary>A row at each position, each of a sequence of its own.</summary>
    private static SequenceBatch At(IBackend backend, int[] positions)
    {
        var batch = new SequenceBatch();
        foreach (int position in positions)
        {
            KvCache cache = backend.CreateKvCache(1, new AttentionShape(1, 1, 4), position + 1);
            cache.Advance(position);
            batch.Add(1, cache);
        }
        return batch;
    }
}
