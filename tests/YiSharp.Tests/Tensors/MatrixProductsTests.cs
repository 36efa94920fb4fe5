using YiSharp.Tensors;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tests.Tensors;

/// <summary>The three products of a linear layer against double precision, at sizes on both sides of every tile, block and piece.</summary>
public sealed unsafe class MatrixProductsTests
{
    private const double Nmse = 1e-12;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 31, 15)]
    [InlineData(8, 32, 16)]
    [InlineData(9, 33, 17)]
    [InlineData(65, 65, 193)]
    [InlineData(300, 16, 400)]
    [InlineData(300, 400, 16)]
    [InlineData(257, 288, 100)]
    [InlineData(66, 12000, 200)]
    [InlineData(66, 200, 12000)]
    public void Products_match_reference(int rows, int inputs, int outputs)
    {
        RandomStream random = RandomStream.For(11, $"{rows} {inputs} {outputs}");
        float[] x = Draw(random, rows * inputs), w = Draw(random, outputs * inputs), dy = Draw(random, rows * outputs);
        float[] y = Draw(random, rows * outputs), dx = Draw(random, rows * inputs), dw = Draw(random, outputs * inputs);
        float[] yBefore = [.. y], dxBefore = [.. dx], dwBefore = [.. dw];

        using var parallelism = new Parallelism(2);
        using var workspace = new Workspace();
        var products = new MatrixProducts(parallelism, workspace);
        fixed (float* px = x, pw = w, pdy = dy, py = y, pdx = dx, pdw = dw)
        {
            var weight = new WeightRows(pw, outputs, inputs);
            products.Forward(px, rows, weight, py, accumulate: true);
            products.BackwardInput(pdy, rows, weight, pdx, accumulate: true);
            products.BackwardWeight(pdy, px, rows, outputs, inputs, pdw);
        }
        AssertNear(y, i => yBefore[i] + Sum(inputs, k => (double)x[i / outputs * inputs + k] * w[i % outputs * inputs + k]));
        AssertNear(dx, i => dxBefore[i] + Sum(outputs, k => (double)dy[i / inputs * outputs + k] * w[k * inputs + i % inputs]));
        AssertNear(dw, i => dwBefore[i] + Sum(rows, k => (double)dy[k * outputs + i / inputs] * x[k * inputs + i % inputs]));
    }

    private static float[] Draw(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSigned())];

    private static double Sum(int count, Func<int, double> term)
    {
        double sum = 0;
        for (int k = 0; k < count; k++) sum += term(k);
        return sum;
    }

    /// <summary>A few hundred elements, spread over all: the reference is slow.</summary>
    private static void AssertNear(float[] found, Func<int, double> expected)
    {
        double error = 0, size = 0;
        for (int i = 0; i < found.Length; i += found.Length / 400 + 1)
        {
            error += Math.Pow(found[i] - expected(i), 2);
            size += Math.Pow(expected(i), 2);
        }
        Assert.True(error <= Nmse * size, $"normalized squared error {error / size}");
    }
}
