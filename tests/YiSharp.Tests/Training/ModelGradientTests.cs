using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

/// <summary>Gradients of a whole toy model with an adapter against central differences of one written plainly in double precision.</summary>
public sealed class ModelGradientTests
{
    private static readonly LlamaConfig Toy = new()
    {
        HiddenSize = 24, IntermediateSize = 40, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2, HeadDim = 8, VocabSize = 31,
        MaxPositionEmbeddings = 64, RmsNormEps = 1e-5f, RopeTheta = 10000, TieWordEmbeddings = true,
    };

    private static readonly LlamaConfig Biased = Toy with { QkvBias = true, OBias = true, MlpBias = true, RopeScaling = new YarnRopeScaling { Factor = 4, OriginalMaxPositionEmbeddings = 32 } };

    private static readonly LlamaConfig Lengthened = Toy with { QkvBias = true, ModelType = ModelType.Qwen2, RopeScaling = new DynamicRopeScaling(2, 5) };

    private static readonly int[] Lengths = [7, 1, 4];

    [Fact]
    public void Every_kind_of_weight_has_the_slope_of_the_loss() => Check(Toy, 20);

    [Fact]
    public void Biases_and_a_yarn_rope_have_the_slope_of_the_loss() => Check(Biased, 20 + 14);

    [Fact]
    public void Qwen2_s_biases_and_a_rope_that_grows_with_the_sequence_have_the_slope_of_the_loss() => Check(Lengthened, 20 + 6);

    private static void Check(LlamaConfig toy, int tensorCount)
    {
        RandomStream random = RandomStream.For(3, "toy");
        float[] Draw(int count, float bound) => [.. Enumerable.Range(0, count).Select(_ => random.NextSigned() * bound)];
        Dictionary<string, float[]> values = LlamaTensors.Of(toy).ToDictionary(t => t.Name, t => Draw(t.Rows * t.Columns, t.IsVector ? 1.5f : 0.4f));
        LoraAdapter adapter = LoraStart.Create(toy, new TrainOptions { Rank = 3, Alpha = 6 });
        foreach (LoraModule module in adapter.Modules.Values) Draw(module.B.Length, 0.3f).CopyTo(module.B, 0);

        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, _ => true);
        LlamaModel model = LlamaModel.Load(toy, LlamaTensors.Of(toy).ToDictionary(t => t.Name, t => WeightData.FromFloats(t.Name, t.Rows, t.Columns, values[t.Name])), tape, adapter);
        int[] ids = [.. Enumerable.Range(0, Lengths.Sum()).Select(_ => random.NextBelow(toy.VocabSize))];
        int[] rows = [0, 2, 5, 8, 9, 10], targets = [3, 1, 30, 7, 7, 0];
        var batch = new SequenceBatch();
        foreach (int length in Lengths) batch.Add(length);
        double loss;
        using (Tensor hidden = model.Forward(tape, ids, batch, rows)) loss = tape.CrossEntropy(hidden, model.LmHead, targets, 1f);
        tape.Backward();
        Assert.Equal(0, tape.StepCount);

        Dictionary<string, double[]> weights = tape.Parameters.ToDictionary(p => p.Name, p => TinyLlama.Part(p, ParameterPart.Values).Select(v => (double)v).ToArray());
        Assert.Equal(tensorCount + 28, weights.Count);
        double Loss() => Reference.CrossEntropy(Reference.Linear(Forward(toy, weights, ids, rows), weights[LlamaTensors.EmbedTokens], toy.HiddenSize), targets);
        Assert.Equal(Loss(), loss, 1e-5);
        foreach (Parameter parameter in tape.Parameters)
        {
            float[] found = TinyLlama.Part(parameter, ParameterPart.Gradient);
            int step = found.Length / 5 + 1;
            double error = 0, size = 0;
            for (int i = 0; i < found.Length; i += step)
            {
                double expected = Reference.Slope(weights[parameter.Name], i, Loss);
                error += Math.Pow(found[i] - expected, 2);
                size += expected * expected;
            }
            Assert.True(error < 1e-9 * size + 1e-13, $"{parameter.Name}: {error} of {size}");
        }
    }

    private static double[] Forward(LlamaConfig toy, Dictionary<string, double[]> w, int[] ids, int[] rows)
    {
        int hidden = toy.HiddenSize;
        var table = new RotaryTable(toy.HeadDim, toy.RopeTheta, toy.RopeScaling);
        var shape = new AttentionShape(toy.NumAttentionHeads, toy.NumKeyValueHeads, toy.HeadDim);
        double[] Linear(double[] x, string module, int inputs)
        {
            double[] low = Reference.Linear(x, w[LoraAdapter.NameOfA(module)], inputs);
            double[] product = Reference.Linear(x, w[module + ".weight"], inputs);
            if (w.TryGetValue(module + ".bias", out double[]? bias)) product = [.. product.Select((value, i) => value + bias[i % bias.Length])];
            return Reference.Add(product, [.. Reference.Linear(low, w[LoraAdapter.NameOfB(module)], 3).Select(v => 2 * v)]);
        }

        double[] x = [.. ids.SelectMany(id => w[LlamaTensors.EmbedTokens].AsSpan(id * hidden, hidden).ToArray())];
        for (int layer = 0; layer < toy.NumHiddenLayers; layer++)
        {
            string prefix = LlamaTensors.Layer(layer);
            double[] h = Reference.RmsNorm(x, w[$"{prefix}.input_layernorm.weight"], toy.RmsNormEps);
            double[] q = Reference.Rotary(Linear(h, $"{prefix}.self_attn.q_proj", hidden), table, Lengths);
            double[] k = Reference.Rotary(Linear(h, $"{prefix}.self_attn.k_proj", hidden), table, Lengths);
            double[] mixed = Reference.Attention(q, k, Linear(h, $"{prefix}.self_attn.v_proj", hidden), shape, Lengths);
            x = Reference.Add(x, Linear(mixed, $"{prefix}.self_attn.o_proj", shape.QueryColumns));
            h = Reference.RmsNorm(x, w[$"{prefix}.post_attention_layernorm.weight"], toy.RmsNormEps);
            double[] gated = Reference.SiluMultiply(Linear(h, $"{prefix}.mlp.gate_proj", hidden), Linear(h, $"{prefix}.mlp.up_proj", hidden));
            x = Reference.Add(x, Linear(gated, $"{prefix}.mlp.down_proj", toy.IntermediateSize));
        }
        return Reference.RmsNorm([.. rows.SelectMany(row => x.AsSpan(row * hidden, hidden).ToArray())], w[LlamaTensors.Norm], toy.RmsNormEps);
    }
}
