using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

/// <summary>LoRA on the embedded model against PEFT's run on its dequantized weights: Goldens/training/smollm2.</summary>
public sealed class SmolLm2GoldenTests
{
    private const double LossTolerance = 1e-4;
    private const double NormTolerance = 1e-3;
    private const double AdapterNmse = 1e-6;

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "training", "smollm2");

    private static readonly JsonElement Report = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "report.json"))).RootElement;

    [Fact]
    public void The_first_three_steps_follow_the_original()
    {
        using FineTuner tuner = Follow(3, out Dictionary<string, double> firstNorms);
        int compared = 0;
        foreach (JsonProperty golden in Report.GetProperty("gradient_norms_of_step_0").EnumerateObject())
        {
            double expected = golden.Value.GetDouble();
            Assert.True(Math.Abs(firstNorms[golden.Name] - expected) <= NormTolerance * expected + 1e-9, $"{golden.Name}: {firstNorms[golden.Name]}, {expected}");
            compared++;
        }
        Assert.Equal(420, compared);
    }

    [Fact]
    public void All_thirty_steps_follow_the_original()
    {
        if (Environment.GetEnvironmentVariable("YISHARP_SLOW") != "1") Assert.Skip("Thirty steps take minutes: set YISHARP_SLOW=1.");
        using FineTuner tuner = Follow(30, out _);
        Dictionary<string, Parameter> trained = tuner.Parameters.ToDictionary(p => p.Name);
        Dictionary<string, (int Rows, int Columns, float[] Values)> final = TinyLlama.ReadArrays(Path.Combine(Folder, "adapter-layers-0-29.safetensors"));
        Assert.Equal(28, final.Count);
        // Adam turns rounding into whole steps where a gradient is next to nothing, so single matrices differ more than all of a kind together.
        foreach (string kind in new[] { "lora_A", "lora_B" })
        {
            string[] names = [.. final.Keys.Where(name => name.Contains(kind, StringComparison.Ordinal))];
            float[] found = [.. names.SelectMany(name => TinyLlama.Part(trained[name], ParameterPart.Values))];
            double nmse = TinyLlama.Nmse(found, [.. names.SelectMany(name => final[name].Values)]);
            TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {nmse}; worst {names.Max(name => TinyLlama.Nmse(TinyLlama.Part(trained[name], ParameterPart.Values), final[name].Values))}");
            Assert.True(nmse < AdapterNmse, $"{kind}: {nmse}");
        }
        foreach (JsonProperty norm in Report.GetProperty("final_norms").EnumerateObject())
        {
            double found = Math.Sqrt(TinyLlama.Part(trained[norm.Name], ParameterPart.Values).Sum(x => (double)x * x));
            Assert.Equal(1, found / norm.Value.GetDouble(), NormTolerance);
        }
    }

    [Fact]
    public void Adapters_start_where_the_original_starts_them()
    {
        using Checkpoint model = Open();
        LoraAdapter adapter = LoraStart.Create(model.Config, Options);
        Assert.Equal(210, adapter.Modules.Count);
        int compared = 0;
        foreach (JsonProperty golden in Report.GetProperty("initial_first_values").EnumerateObject())
        {
            LoraModule module = adapter.Modules[golden.Name["base_model.model.".Length..^".lora_A.weight".Length]];
            Assert.Equal(golden.Value.EnumerateArray().Select(x => (float)x.GetDouble()), module.A.Take(4));
            Assert.All(module.B, x => Assert.Equal(0f, x));
            compared++;
        }
        Assert.Equal(2, compared);
    }

    private static TrainOptions Options => new() { Rank = 16, Alpha = 32, Seed = 7, LearningRate = 3e-4, WeightDecay = 0.1, BatchSize = 8 };

    private static Checkpoint Open() => Checkpoint.Open(Path.Combine(Repository.Root, "models", "smollm2-135m-instruct"));

    private static FineTuner Follow(int count, out Dictionary<string, double> firstNorms)
    {
        Checkpoint model = Open();
        var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        var tuner = new FineTuner(backend, model.Config, model.Weights, Options);
        EncodedExample[] examples = [.. File.ReadLines(Path.Combine(Folder, "examples.jsonl")).Select(Parse)];
        Assert.Equal(240, examples.Length);
        JsonElement[] steps = [.. Report.GetProperty("steps").EnumerateArray()];
        firstNorms = [];
        for (int step = 0; step < count; step++)
        {
            EncodedExample[] batch = examples[(8 * step)..(8 * step + 8)];
            (double sum, int targets) = tuner.Gradients(Trainer.MicroBatches(batch, 1024), step + 1);
            if (step == 0) firstNorms = tuner.Parameters.ToDictionary(p => p.Name, p => Math.Sqrt(backend.GradientSumOfSquares(p)));
            double loss = sum / targets, norm = tuner.Apply(loss, step + 1, 3e-4);
            double expected = steps[step].GetProperty("loss_float64_head").GetDouble();
            TestContext.Current.TestOutputHelper?.WriteLine($"step {step + 1}: loss {loss}, {loss - expected:e1} from the original; norm {norm}, {steps[step].GetProperty("grad_norm").GetDouble()}");
            Assert.Equal(expected, loss, LossTolerance);
            Assert.Equal(1, norm / steps[step].GetProperty("grad_norm").GetDouble(), NormTolerance);
        }
        return tuner;
    }

    private static EncodedExample Parse(string line)
    {
        JsonElement row = JsonDocument.Parse(line).RootElement;
        int[] ids = [.. row.GetProperty("ids").EnumerateArray().Select(x => x.GetInt32())];
        return new EncodedExample(ids, [.. row.GetProperty("mask").EnumerateArray().Select(x => x.GetInt32() == 1)], row.GetProperty("full_length").GetInt32());
    }
}
