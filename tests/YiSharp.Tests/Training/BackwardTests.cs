using YiSharp.Tensors;

namespace YiSharp.Tests.Training;

/// <summary>Each backward operation against central differences of its forward one in double precision.</summary>
public sealed class BackwardTests : IDisposable
{
    private const double Nmse = 1e-11;

    private readonly CpuBackend _backend = new(new CpuOptions { Precision = Precision.F32 });
    private readonly RandomStream _random = RandomStream.For(1, "backward tests");

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 64)]
    [InlineData(5, 33)]
    public void RmsNorm(int rows, int columns)
    {
        double[] x = Draw(rows * columns), gain = Draw(columns), dy = Draw(rows * columns);
        using Parameter parameter = _backend.CreateParameter(WeightData.FromFloats("norm.weight", 1, columns, Floats(gain)));
        using Tensor to = Make(x, rows);
        using Tensor result = _backend.CreateTensor(rows, columns);
        _backend.RmsNormBackward(Make(dy, rows), to, parameter, 1e-5f, new GradientTarget(result, Accumulate: false));
        double Loss() => Dot(dy, Reference.RmsNorm(x, gain, 1e-5));
        AssertNear(Reference.Slopes(x, Loss), result);
        AssertNear(Reference.Slopes(gain, Loss), parameter);
    }

    [Theory]
    [InlineData(1, 5, 3)]
    [InlineData(9, 33, 17)]
    [InlineData(20, 16, 70)]
    [InlineData(10, 70, 16)]
    [InlineData(9, 72, 70)]
    public void Linear(int rows, int inputs, int outputs)
    {
        double[] x = Draw(rows * inputs), w = Draw(outputs * inputs), dy = Draw(rows * outputs);
        using Parameter parameter = _backend.CreateParameter(WeightData.FromFloats("w", outputs, inputs, Floats(w)));
        using Tensor result = _backend.CreateTensor(rows, inputs);
        _backend.LinearBackward(Make(dy, rows), Make(x, rows), parameter, new GradientTarget(result, Accumulate: false));
        double[] expected = Reference.Slopes(x, () => Dot(dy, Reference.Linear(x, w, inputs)));
        AssertNear(expected, result);
        AssertNear(Reference.Slopes(w, () => Dot(dy, Reference.Linear(x, w, inputs))), parameter);

        // Once more: gradients add up where they are told to, and weights' always do.
        _backend.LinearBackward(Make(dy, rows), Make(x, rows), parameter, new GradientTarget(result, Accumulate: true));
        AssertNear([.. expected.Select(v => 2 * v)], result);
        AssertNear([.. Reference.Slopes(w, () => 2 * Dot(dy, Reference.Linear(x, w, inputs)))], parameter);
        AssertNear(Reference.Linear(x, w, inputs), _backend.LinearOfMany(Make(x, rows), parameter));
    }

    [Fact]
    public void Linear_of_weights_as_they_are_stored()
    {
        const int Rows = 11, Inputs = 64, Outputs = 40;
        double[] x = Draw(Rows * Inputs), dy = Draw(Rows * Outputs);
        var stored = TensorMemory.Allocate(Outputs * WeightFormat.Q4_1.RowBytes(Inputs));
        for (int row = 0; row < Outputs; row++) WeightFormat.Q4_1.Quantize(Floats(Draw(Inputs)), stored.Slice(row * WeightFormat.Q4_1.RowBytes(Inputs), (int)WeightFormat.Q4_1.RowBytes(Inputs)));
        var data = new WeightData("w", WeightFormat.Q4_1, Outputs, Inputs, stored);
        double[] w = [.. data.ToArray().Select(v => (double)v)];
        Weight weight = _backend.Load(data);
        using Tensor result = _backend.CreateTensor(Rows, Inputs);
        _backend.LinearBackward(Make(dy, Rows), null, weight, new GradientTarget(result, Accumulate: false));
        AssertNear(Reference.Slopes(x, () => Dot(dy, Reference.Linear(x, w, Inputs))), result);
        AssertNear(Reference.Linear(x, w, Inputs), _backend.LinearOfMany(Make(x, Rows), weight));
    }

    [Fact]
    public void Rotary()
    {
        int[] lengths = [3, 9, 1];
        double[] x = Draw(13 * 24), dy = Draw(13 * 24);
        var batch = new SequenceBatch();
        foreach (int length in lengths) batch.Add(length);
        // The second sequence turns with other frequencies, and all are lengthened.
        foreach (RopeScaling? scaling in new RopeScaling?[] { null, new DynamicRopeScaling(4, 5), new YarnRopeScaling { Factor = 4, OriginalMaxPositionEmbeddings = 64 } })
        {
            var table = new RotaryTable(12, 10000, scaling);
            using Tensor result = Make(dy, 13);
            _backend.RotaryBackward(result, table, batch);
            AssertNear(Reference.Slopes(x, () => Dot(dy, Reference.Rotary(x, table, lengths))), result);
        }
    }

    [Fact]
    public void AddBias()
    {
        double[] x = Draw(3 * 70), bias = Draw(70), dy = Draw(3 * 70);
        using Parameter parameter = _backend.CreateParameter(WeightData.FromFloats("b", 1, 70, Floats(bias)));
        _backend.AddBiasBackward(Make(dy, 3), parameter);
        _backend.AddBiasBackward(Make(dy, 3), parameter);
        double[] slopes = Reference.Slopes(bias, () => Dot(dy, [.. x.Select((value, i) => value + bias[i % 70])]));
        AssertNear([.. slopes.Select(slope => 2 * slope)], TinyLlama.Part(parameter, ParameterPart.Gradient));
    }

    [Theory]
    [InlineData(4, 2, 6, 5, 1, 3)]
    [InlineData(2, 1, 16, 70)]
    [InlineData(3, 3, 32, 9, 2)]
    public void Attention(int heads, int kvHeads, int headDim, params int[] lengths)
    {
        var shape = new AttentionShape(heads, kvHeads, headDim);
        int tokens = lengths.Sum();
        double[] q = Draw(tokens * shape.QueryColumns), k = Draw(tokens * shape.KvColumns), v = Draw(tokens * shape.KvColumns), dy = Draw(tokens * shape.QueryColumns);
        var batch = new SequenceBatch();
        foreach (int length in lengths) batch.Add(length);
        using Tensor dq = _backend.CreateTensor(tokens, shape.QueryColumns), dk = _backend.CreateTensor(tokens, shape.KvColumns), dv = _backend.CreateTensor(tokens, shape.KvColumns);
        _backend.AttentionBackward(Make(dy, tokens), Make(q, tokens), Make(k, tokens), Make(v, tokens), shape, batch, new(dq, false), new(dk, false), new(dv, false));
        // Every seventh element: each costs two passes of the reference.
        foreach ((double[] x, Tensor result) in new[] { (q, dq), (k, dk), (v, dv) })
        {
            var found = new float[x.Length];
            _backend.Read(result, found);
            int[] places = [.. Enumerable.Range(0, x.Length).Where(i => i % (x.Length / 60 + 1) == 0)];
            double[] expected = [.. places.Select(i => Reference.Slope(x, i, () => Dot(dy, Reference.Attention(q, k, v, shape, lengths))))];
            AssertNear(expected, [.. places.Select(i => found[i])]);
        }
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 37)]
    public void SiluMultiply(int rows, int columns)
    {
        double[] gate = Draw(rows * columns, 4), up = Draw(rows * columns), dy = Draw(rows * columns);
        using Tensor dgate = _backend.CreateTensor(rows, columns), dup = _backend.CreateTensor(rows, columns);
        _backend.SiluMultiplyBackward(Make(dy, rows), Make(gate, rows), Make(up, rows), new(dgate, false), new(dup, false));
        AssertNear(Reference.Slopes(gate, () => Dot(dy, Reference.SiluMultiply(gate, up))), dgate);
        AssertNear(Reference.Slopes(up, () => Dot(dy, Reference.SiluMultiply(gate, up))), dup);
    }

    [Fact]
    public void Embedding_and_SelectRows()
    {
        const int Columns = 9;
        double[] dy = Draw(4 * Columns);
        using Parameter table = _backend.CreateParameter(WeightData.FromFloats("table", 6, Columns, new float[6 * Columns]));
        _backend.EmbeddingBackward(Make(dy, 4), table, [2, 5, 2, 0]);
        var expected = new double[6 * Columns];
        foreach ((int id, int row) in new[] { (2, 0), (5, 1), (2, 2), (0, 3) })
        {
            for (int i = 0; i < Columns; i++) expected[id * Columns + i] += dy[row * Columns + i];
        }
        AssertNear(expected, table);

        using Tensor result = _backend.CreateTensor(6, Columns);
        _backend.SelectRowsBackward(Make(dy, 4), [2, 5, 2, 0], new GradientTarget(result, Accumulate: false));
        AssertNear(expected, result);
    }

    [Theory]
    [InlineData(3, 8, 11)]
    [InlineData(40, 16, 100)]
    public void CrossEntropy(int rows, int hidden, int vocab)
    {
        double[] x = Draw(rows * hidden), w = Draw(vocab * hidden);
        int[] targets = [.. Enumerable.Range(0, rows).Select(_ => _random.NextBelow(vocab))];
        using Parameter head = _backend.CreateParameter(WeightData.FromFloats("head", vocab, hidden, Floats(w)));
        using Tensor result = _backend.CreateTensor(rows, hidden);
        double loss = _backend.CrossEntropy(Make(x, rows), head, targets, 0.5f, result);
        double Loss() => Reference.CrossEntropy(Reference.Linear(x, w, hidden), targets);
        Assert.Equal(Loss(), loss, 1e-5);
        AssertNear(Reference.Slopes(x, () => 0.5 * Loss()), result);
        AssertNear(Reference.Slopes(w, () => 0.5 * Loss()), head);
    }

    [Fact]
    public void AddScaled_adds_or_overwrites()
    {
        double[] x = Draw(21);
        using Tensor result = Make(x, 3);
        _backend.ScaleInto(Make(x, 3), -0.5f, new GradientTarget(result, Accumulate: true));
        AssertNear([.. x.Select(v => 0.5 * v)], result);
        _backend.ScaleInto(Make(x, 3), 3f, new GradientTarget(result, Accumulate: false));
        AssertNear([.. x.Select(v => 3 * v)], result);
    }

    private double[] Draw(int count, double bound = 1) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)(_random.NextSigned() * bound))];

    private Tensor Make(double[] values, int rows) => _backend.CreateTensor(rows, values.Length / rows, Floats(values));

    private static float[] Floats(double[] values) => [.. values.Select(v => (float)v)];

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    private static void AssertNear(double[] expected, Parameter parameter) => AssertNear(expected, TinyLlama.Part(parameter, ParameterPart.Gradient));

    private void AssertNear(double[] expected, Tensor found)
    {
        var values = new float[found.Rows * found.Columns];
        _backend.Read(found, values);
        AssertNear(expected, values);
    }

    private static void AssertNear(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        double error = expected.Zip(found, (e, f) => (e - f) * (e - f)).Sum() / Math.Max(expected.Sum(e => e * e), 1e-12);
        Assert.True(error < Nmse, $"normalized squared error {error}");
    }
}
