using YiSharp.Tensors.Kernels;

namespace YiSharp.Tests.Tensors.Kernels;

public sealed class ElementwiseKernelTests
{
    private const int GreatestLength = 260;

    [Fact]
    public void RmsNorm_matches_reference_at_every_length()
    {
        for (int length = 1; length <= GreatestLength; length++)
        {
            var noise = new Noise((ulong)length);
            float[] x = noise.Normals(length, 5), gain = noise.Normals(length), y = new float[length];
            RmsNorm.Forward(x, gain, y, 1e-6f);
            double scale = 1 / Math.Sqrt(x.Sum(value => (double)value * value) / length + 1e-6);
            Tolerance.Holds(Tolerance.Elementwise, y, [.. x.Zip(gain, (value, g) => value * scale * g)], $"length {length}");
            RmsNorm.Forward(x, gain, x, 1e-6f);
            Tolerance.SameBits(y, x, $"in place, length {length}");
        }
    }

    [Fact]
    public void SiluMultiply_and_AddScaled_match_reference_at_every_length()
    {
        for (int length = 0; length <= GreatestLength; length++)
        {
            var noise = new Noise((ulong)length);
            float[] a = noise.Normals(length, 6), b = noise.Normals(length), y = new float[length];
            SiluMultiply.Forward(a, b, y);
            Tolerance.Holds(Tolerance.Elementwise, y, [.. a.Zip(b, (g, u) => g / (1 + Math.Exp(-(double)g)) * u)], $"SiLU, length {length}");
            AddScaled.Forward(a, b, 0.3f, y);
            Tolerance.Holds(Tolerance.Elementwise, y, [.. a.Zip(b, (value, addend) => value + (double)0.3f * addend)], $"sum, length {length}");
        }
    }

    [Fact]
    public void Softmax_matches_reference_at_every_length()
    {
        for (int length = 1; length <= GreatestLength; length++)
        {
            float[] x = new Noise((ulong)length).Normals(length, 20);
            double max = x.Max();
            double[] expected = [.. x.Select(value => Math.Exp((value - max) * (double)0.125f))];
            double sum = expected.Sum();
            for (int i = 0; i < length; i++) expected[i] /= sum;
            Softmax.Forward(x, 0.125f);
            Tolerance.Holds(Tolerance.SinglePrecision, x, expected, $"length {length}");
        }
    }

    [Fact]
    public void Softmax_does_not_overflow()
    {
        float[] x = [1e30f, -1e30f, 3e38f, -3e38f, 0, 1, 2, 3, 3e38f];
        Softmax.Forward(x, 1);
        Assert.Equal([0, 0, 0.5f, 0, 0, 0, 0, 0, 0.5f], x);
    }

    [Fact]
    public void Exponential_is_right_to_two_units_everywhere()
    {
        for (float x = -87.3f; x < 88.3f; x += 0.00137f)
        {
            double expected = Math.Exp(x);
            Assert.True(Math.Abs(Exponential.Exp(x) / expected - 1) < 2.4e-7, $"e^{x}: {Exponential.Exp(x)}, expected {expected}");
        }
        Assert.Equal(0, Exponential.Exp(-90));
        Assert.Equal(0, Exponential.Exp(float.NegativeInfinity));
        Assert.Equal(1, Exponential.Exp(0));
        Assert.True(Exponential.Exp(float.PositiveInfinity) is > 2e38f and <= float.MaxValue);
        Assert.True(float.IsNaN(Exponential.Exp(float.NaN)));
    }

    [Fact]
    public void Rotary_turned_back_is_where_it_was()
    {
        for (int half = 1; half <= 70; half++)
        {
            var noise = new Noise((ulong)half);
            float[] x = noise.Normals(3 * 2 * half), before = [.. x], angles = noise.Normals(half, 3);
            float[] cos = Array.ConvertAll(angles, MathF.Cos), sin = Array.ConvertAll(angles, MathF.Sin);
            Rotary.Forward(x, cos, sin);
            Assert.NotEqual(before, x);
            Rotary.Forward(x, cos, Array.ConvertAll(sin, value => -value));
            Tolerance.Holds(Tolerance.SinglePrecision, x, Array.ConvertAll(before, value => (double)value), $"half {half}");
        }
    }
}
