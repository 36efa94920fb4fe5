using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public abstract partial class BackendConformanceTests
{
    public static TheoryData<string, int, int, int> Products()
    {
        var data = new TheoryData<string, int, int, int>();
        foreach (string format in new[] { "F32", "F16", "BF16" })
        {
            foreach ((int rows, int inputs, int outputs) in new[] { (1, 1, 1), (1, 7, 3), (2, 15, 5), (3, 16, 4), (5, 17, 9), (6, 64, 8), (7, 33, 66), (13, 100, 31), (64, 48, 20) })
            {
                data.Add(format, rows, inputs, outputs);
            }
        }
        foreach (string format in new[] { "Q4_0", "Q4_1", "Q8_0", "Affine8" })
        {
            foreach ((int rows, int inputs, int outputs) in new[] { (1, 32, 1), (1, 64, 16), (2, 32, 15), (3, 96, 17), (4, 160, 33), (5, 288, 48), (9, 64, 40), (33, 32, 7) })
            {
                data.Add(format, rows, inputs, outputs);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Linear_is_a_product_with_each_row_of_the_weight(string format, int rows, int inputs, int outputs)
    {
        using IBackend backend = Create();
        var noise = new Noise((ulong)(rows * 1000 + inputs * 10 + outputs));
        WeightData data = Models.ToyModel.In(WeightFormatTests.Format(format), "w", outputs, inputs, noise.Normals(outputs * inputs));
        float[] x = noise.Normals(rows * inputs), w = data.ToArray();
        // An outlier, as the activations of real models have them.
        x[x.Length / 2] *= 30;

        using Tensor input = Tensor(backend, rows, inputs, x);
        using Tensor output = backend.Linear(input, backend.Load(data));

        var expected = new double[rows * outputs];
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < inputs; k++) expected[i] += (double)x[i / outputs * inputs + k] * w[i % outputs * inputs + k];
        }
        Assert.Equal((rows, outputs), (output.Rows, output.Columns));
        Tolerance.Holds(LinearTolerance(data.Format), Read(backend, output), expected, $"[{rows}, {inputs}] · [{outputs}, {inputs}]ᵀ in {format}");
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    public void Linear_gives_a_row_the_same_bits_in_any_company(string format)
    {
        using IBackend backend = Create();
        var noise = new Noise(11);
        Weight weight = backend.Load(Models.ToyModel.In(WeightFormatTests.Format(format), "w", 37, 96, noise.Normals(37 * 96)));
        float[] x = noise.Normals(23 * 96);
        float[] together = Product(x, 23);
        foreach (int count in new[] { 1, 2, 3, 4, 5, 6, 7, 10 })
        {
            for (int first = 0; first + count <= 23; first += count)
            {
                Tolerance.SameBits(together.AsSpan(first * 37, count * 37), Product(x[(first * 96)..((first + count) * 96)], count), $"{count} rows from {first}");
            }
        }

        float[] Product(float[] values, int rows)
        {
            using Tensor input = Tensor(backend, rows, 96, values);
            using Tensor output = backend.Linear(input, weight);
            return Read(backend, output);
        }
    }

    [Theory]
    [InlineData("Q4_0", "Q4_1")]
    [InlineData("Q4_1", "Q8_0")]
    [InlineData("F32", "Q5_1")]
    [InlineData("BF16", "BF16")]
    public void LinearAll_gives_what_each_linear_gives(string format, string otherFormat)
    {
        using IBackend backend = Create();
        var noise = new Noise(5);
        Weight[] weights = [.. new[] { (format, 37), (otherFormat, 5), (format, 16), (otherFormat, 64), (format, 1) }
            .Select(w => backend.Load(Models.ToyModel.In(WeightFormatTests.Format(w.Item1), "w", w.Item2, 96, noise.Normals(w.Item2 * 96))))];
        using Tensor x = Tensor(backend, 9, 96, noise.Normals(9 * 96));
        for (int count = 0; count <= weights.Length; count++)
        {
            var results = new Tensor[count];
            backend.LinearAll(x, weights.AsSpan(0, count), results);
            for (int i = 0; i < count; i++)
            {
                using Tensor alone = backend.Linear(x, weights[i]);
                Tolerance.SameBits(Read(backend, alone), Read(backend, results[i]), $"Weight {i} of {count}");
                results[i].Dispose();
            }
        }
    }

    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    [InlineData("F32")]
    public void Linear_takes_extreme_activations(string format)
    {
        using IBackend backend = Create();
        var noise = new Noise(2);
        Weight weight = backend.Load(Models.ToyModel.In(WeightFormatTests.Format(format), "w", 5, 64, noise.Normals(5 * 64)));
        float[] zero = new float[64], tiny = new float[64], large = noise.Normals(64, 1e30f), broken = noise.Normals(64);
        Array.Fill(tiny, 1e-42f);
        broken[40] = float.PositiveInfinity;
        using Tensor input = Tensor(backend, 4, 64, [.. zero, .. tiny, .. large, .. broken]);
        using Tensor output = backend.Linear(input, weight);
        float[] y = Read(backend, output);
        Assert.All(y[..5], value => Assert.Equal(0f, value));
        Assert.All(y[5..10], value => Assert.InRange(value, -1e-38f, 1e-38f));
        Assert.All(y[10..15], value => Assert.True(float.IsFinite(value) && value != 0));
        Assert.All(y[15..], value => Assert.False(float.IsFinite(value)));
    }
}
