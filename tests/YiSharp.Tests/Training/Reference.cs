using YiSharp.Tensors;

namespace YiSharp.Tests.Training;

/// <summary>The forward operations in double precision, written plainly: what gradients are checked against.</summary>
internal static class Reference
{
    public static double[] RmsNorm(double[] x, double[] gain, double epsilon)
    {
        var y = new double[x.Length];
        for (int row = 0; row < x.Length; row += gain.Length)
        {
            double sum = 0;
            for (int i = 0; i < gain.Length; i++) sum += x[row + i] * x[row + i];
            for (int i = 0; i < gain.Length; i++) y[row + i] = x[row + i] / Math.Sqrt(sum / gain.Length + epsilon) * gain[i];
        }
        return y;
    }

    /// <summary>x [rows, inputs] · wᵀ, w [outputs, inputs].</summary>
    public static double[] Linear(double[] x, double[] w, int inputs)
    {
        int rows = x.Length / inputs, outputs = w.Length / inputs;
        var y = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = 0;
                for (int i = 0; i < inputs; i++) sum += x[row * inputs + i] * w[o * inputs + i];
                y[row * outputs + o] = sum;
            }
        }
        return y;
    }

    public static double[] Rotary(double[] x, RotaryTable table, int[] lengths)
    {
        var y = (double[])x.Clone();
        int columns = x.Length / lengths.Sum(), half = table.HeadDim / 2, row = 0;
        foreach (int length in lengths)
        {
            var frequencies = new float[half];
            table.Compute(length, frequencies);
            for (int position = 0; position < length; position++, row++)
            {
                for (int head = row * columns; head < (row + 1) * columns; head += table.HeadDim)
                {
                    for (int i = 0; i < half; i++)
                    {
                        double angle = position * (double)frequencies[i], a = x[head + i], b = x[head + half + i];
                        y[head + i] = table.AttentionFactor * (a * Math.Cos(angle) - b * Math.Sin(angle));
                        y[head + half + i] = table.AttentionFactor * (b * Math.Cos(angle) + a * Math.Sin(angle));
                    }
                }
            }
        }
        return y;
    }

    /// <summary>Causal attention over sequences of the given lengths, end to end.</summary>
    public static double[] Attention(double[] q, double[] k, double[] v, AttentionShape shape, int[] lengths)
    {
        var y = new double[q.Length];
        int start = 0, group = shape.HeadCount / shape.KvHeadCount;
        foreach (int length in lengths)
        {
            for (int t = 0; t < length; t++)
            {
                for (int head = 0; head < shape.HeadCount; head++)
                {
                    int row = (start + t) * shape.QueryColumns + head * shape.HeadDim, kv = head / group * shape.HeadDim;
                    var p = new double[t + 1];
                    for (int j = 0; j <= t; j++)
                    {
                        for (int d = 0; d < shape.HeadDim; d++) p[j] += q[row + d] * k[(start + j) * shape.KvColumns + kv + d];
                        p[j] /= Math.Sqrt(shape.HeadDim);
                    }
                    double max = p.Max(), sum = p.Sum(s => Math.Exp(s - max));
                    for (int j = 0; j <= t; j++)
                    {
                        for (int d = 0; d < shape.HeadDim; d++) y[row + d] += Math.Exp(p[j] - max) / sum * v[(start + j) * shape.KvColumns + kv + d];
                    }
                }
            }
            start += length;
        }
        return y;
    }

    public static double[] SiluMultiply(double[] gate, double[] up) => [.. gate.Select((g, i) => g / (1 + Math.Exp(-g)) * up[i])];

    public static double[] Add(double[] x, double[] addend) => [.. x.Select((a, i) => a + addend[i])];

    /// <summary>Σ −log softmax(row)[target].</summary>
    public static double CrossEntropy(double[] logits, int[] targets)
    {
        int vocab = logits.Length / targets.Length;
        double loss = 0;
        for (int row = 0; row < targets.Length; row++)
        {
            double[] scores = logits[(row * vocab)..((row + 1) * vocab)];
            double max = scores.Max();
            loss += max + Math.Log(scores.Sum(s => Math.Exp(s - max))) - scores[targets[row]];
        }
        return loss;
    }

    /// <summary>(f(x + h) − f(x − h)) / 2h for one element, which is put back.</summary>
    public static double Slope(double[] x, int i, Func<double> f, double h = 1e-5)
    {
        double kept = x[i];
        x[i] = kept + h;
        double above = f();
        x[i] = kept - h;
        double below = f();
        x[i] = kept;
        return (above - below) / (2 * h);
    }

    public static double[] Slopes(double[] x, Func<double> f) => [.. Enumerable.Range(0, x.Length).Select(i => Slope(x, i, f))];
}
