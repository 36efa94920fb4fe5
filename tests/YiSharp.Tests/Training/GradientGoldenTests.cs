using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

/// <summary>Gradients and losses against the original software's: torch in double precision.</summary>
public sealed class GradientGoldenTests
{
    private const double GradientNmse = 1e-9;
    private const double LossTolerance = 2e-6;

    [Fact]
    public void Every_gradient_of_a_micro_batch_is_the_originals()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, _ => true);
        LlamaModel model = LlamaModel.Load(TinyLlama.Config, TinyLlama.Model, tape);
        Example[] micro = TinyLlama.Batches[0][0];
        int targets = TinyLlama.TargetsOf(micro);
        double loss = TinyLlama.Step(tape, model, micro, 1f / targets) / targets;
        Assert.Equal(TinyLlama.Report.GetProperty("gradients").GetProperty("loss_float64").GetDouble(), loss, LossTolerance);
        AssertGradients(tape, TinyLlama.Arrays("gradients.safetensors"), name => name, 30);
    }

    [Fact]
    public void Every_gradient_of_an_adapter_is_the_originals()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, name => name.Contains("lora_", StringComparison.Ordinal));
        var adapter = LoraAdapter.Open(Path.Combine(TinyLlama.Folder, "lora-initial"));
        LlamaModel model = LlamaModel.Load(TinyLlama.Config, TinyLlama.Model, tape, adapter);
        Example[][] step = TinyLlama.Batches[0];
        int targets = step.Sum(TinyLlama.TargetsOf);
        double loss = step.Sum(micro => TinyLlama.Step(tape, model, micro, 1f / targets)) / targets;
        JsonElement expected = TinyLlama.Json("more.json").GetProperty("lora_first_step");
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss, LossTolerance);
        Assert.Equal(expected.GetProperty("gradient_norm").GetDouble(), TinyLlama.GradientNorm(backend, tape), 1e-5);
        AssertGradients(tape, TinyLlama.Arrays("lora-gradients.safetensors"), name => name, 42);
    }

    [Theory]
    [InlineData(5.0)]
    [InlineData(45.0)]
    public void Noise_on_embeddings_gives_the_originals_loss_and_gradients(double alpha)
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, _ => true);
        LlamaModel model = LlamaModel.Load(TinyLlama.Config, TinyLlama.Model, tape);
        Example[] micro = TinyLlama.Batches[0][0];
        Dictionary<string, (int Rows, int Columns, float[] Values)> stored = TinyLlama.Arrays("neftune.safetensors");
        int padded = micro.Max(e => e.Ids.Length), hidden = TinyLlama.Config.HiddenSize, targets = TinyLlama.TargetsOf(micro);
        var noise = new List<float>();
        for (int i = 0; i < micro.Length; i++)
        {
            float factor = (float)(alpha / Math.Sqrt((double)micro[i].Ids.Length * hidden));
            noise.AddRange(stored["noise"].Values.AsSpan(i * padded * hidden, micro[i].Ids.Length * hidden).ToArray().Select(x => x * factor));
        }
        double loss = TinyLlama.Step(tape, model, micro, 1f / targets, [.. noise]) / targets;
        JsonElement expected = TinyLlama.Json("more.json").GetProperty("neftune").GetProperty($"alpha {alpha}").GetProperty("own_length");
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss, LossTolerance);
        Assert.Equal(expected.GetProperty("gradient_norm").GetDouble(), TinyLlama.GradientNorm(backend, tape), 1e-4);
        if (alpha == 5.0) AssertGradients(tape, stored.Where(x => x.Key != "noise").ToDictionary(x => x.Key["grad.".Length..], x => x.Value), name => name, 2);
    }

    [Fact]
    public void Edges_of_masks_and_lengths_give_the_originals_losses_and_gradient_norms()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        int cases = 0;
        foreach (JsonElement edge in TinyLlama.Json("edges.json").EnumerateArray())
        {
            using var tape = new TapeBackend(backend, _ => true);
            LlamaModel model = LlamaModel.Load(TinyLlama.Config, TinyLlama.Model, tape);
            Example[][] step = [.. edge.GetProperty("micro_batches").EnumerateArray().Select(TinyLlama.Micro)];
            int targets = step.Sum(TinyLlama.TargetsOf);
            Assert.Equal(edge.GetProperty("targets").GetInt32(), targets);
            double loss = step.Sum(micro => TinyLlama.Step(tape, model, micro, 1f / targets)) / targets;
            string name = edge.GetProperty("name").GetString()!;
            Assert.True(Math.Abs(edge.GetProperty("loss").GetDouble() - loss) < LossTolerance, $"{name}: {loss}");
            double norm = edge.GetProperty("gradient_norm").GetDouble();
            Assert.True(Math.Abs(norm / TinyLlama.GradientNorm(backend, tape) - 1) < 1e-5, name);
            cases++;
        }
        Assert.Equal(13, cases);
    }

    [Fact]
    public void Sequences_packed_end_to_end_give_the_loss_of_each_by_itself()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        int cases = 0;
        foreach (JsonElement packed in TinyLlama.Json("packed.json").EnumerateArray())
        {
            using var tape = new TapeBackend(backend, _ => true);
            LlamaModel model = LlamaModel.Load(TinyLlama.Config, TinyLlama.Model, tape);
            int targets = packed.GetProperty("targets").GetInt32();
            double loss = 0;
            foreach (JsonElement row in packed.GetProperty("rows").EnumerateArray()) loss += TinyLlama.Step(tape, model, Unpack(row), 1f / targets);
            Assert.Equal(packed.GetProperty("loss").GetDouble(), loss / targets, LossTolerance);
            Assert.Equal(packed.GetProperty("gradient_norm").GetDouble(), TinyLlama.GradientNorm(backend, tape), 1e-4);
            cases++;
        }
        Assert.Equal(2, cases);
    }

    private static Example[] Unpack(JsonElement row)
    {
        int[] Ints(string name) => [.. row.GetProperty(name).EnumerateArray().Select(x => x.GetInt32())];
        (int[] ids, int[] mask, int[] example) = (Ints("ids"), Ints("mask"), Ints("example"));
        return [.. Enumerable.Range(0, ids.Length).GroupBy(i => example[i]).Select(g => new Example([.. g.Select(i => ids[i])], [.. g.Select(i => mask[i] == 1)]))];
    }

    private static void AssertGradients(TapeBackend tape, Dictionary<string, (int Rows, int Columns, float[] Values)> expected, Func<string, string> nameOf, int count)
    {
        Assert.Equal(count, expected.Count);
        Dictionary<string, Parameter> trained = tape.Parameters.ToDictionary(x => nameOf(x.Name));
        foreach ((string name, (int Rows, int Columns, float[] Values) gradient) in expected)
        {
            double nmse = TinyLlama.Nmse(TinyLlama.Part(trained[name], ParameterPart.Gradient), gradient.Values);
            Assert.True(nmse < GradientNmse, $"{name}: {nmse}");
        }
    }
}
