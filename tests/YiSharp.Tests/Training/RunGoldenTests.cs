using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

/// <summary>Whole runs of the tiny model against the original software's: losses, norms, rates of each step and the final weights.</summary>
public sealed class RunGoldenTests
{
    private const double LossTolerance = 1e-5;
    private const double NormTolerance = 1e-4;

    [Fact]
    public void Full_fine_tuning_follows_the_original()
    {
        var options = new TrainOptions { Method = TrainMethod.Full, LearningRate = 1e-3, WeightDecay = 0.1, Schedule = ScheduleShape.Cosine, WarmupSteps = 3 };
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tuner = new FineTuner(backend, TinyLlama.Config, TinyLlama.Model, options);
        Follow(tuner, options, "sft", 20);
        AssertWeights(tuner, "sft-final.safetensors", 30, nmse: 1e-9);
    }

    [Theory]
    [InlineData("lora", 20)]
    [InlineData("rslora", 20)]
    [InlineData("qlora", 10)]
    public void Adapters_follow_the_original(string run, int steps)
    {
        LoraAdapter start = LoraAdapter.Open(Path.Combine(TinyLlama.Folder, $"{(run == "qlora" ? "lora" : run)}-initial"));
        var options = new TrainOptions { LearningRate = 2e-3, Rank = 8, Alpha = 16, UseRslora = run == "rslora" };
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tuner = new FineTuner(backend, TinyLlama.Config, run == "qlora" ? QuantizedBase() : TinyLlama.Model, options, start);
        Follow(tuner, options, run, steps);
        AssertWeights(tuner, $"{run}-final/adapter_model.safetensors", 42, nmse: 1e-8);
        LoraAdapter result = tuner.ToAdapter();
        Assert.Equal(start.Scale, result.Scale);
        Assert.Equal(21, result.Modules.Count);
    }

    [Fact]
    public void Rates_are_those_of_transformers()
    {
        int cases = 0;
        foreach (JsonElement golden in TinyLlama.Report.GetProperty("schedules").EnumerateArray())
        {
            ScheduleShape shape = golden.GetProperty("schedule").GetString() switch { "linear" => ScheduleShape.Linear, "cosine" => ScheduleShape.Cosine, _ => ScheduleShape.Constant };
            double[] rates = [.. golden.GetProperty("rates").EnumerateArray().Select(x => x.GetDouble())];
            var schedule = new LearningRateSchedule(shape, 1.0, golden.GetProperty("warmup_steps").GetInt32(), golden.GetProperty("steps").GetInt32());
            for (int step = 0; step < rates.Length; step++) Assert.Equal(rates[step], schedule.RateAt(step), 1e-15);
            cases++;
        }
        Assert.Equal(6, cases);
    }

    [Fact]
    public void Steps_are_counted_as_the_original_counts_them()
    {
        int cases = 0;
        foreach (JsonElement golden in TinyLlama.Json("more.json").GetProperty("step_counts").EnumerateArray())
        {
            if (golden.GetProperty("drop_last").GetBoolean() || golden.GetProperty("epochs").GetDouble() % 1 != 0) continue;
            var options = new TrainOptions
            {
                BatchSize = golden.GetProperty("micro_batch").GetInt32() * golden.GetProperty("accumulation").GetInt32(),
                Epochs = (int)golden.GetProperty("epochs").GetDouble(),
            };
            Assert.Equal(golden.GetProperty("total_steps").GetInt32(), options.StepCount(golden.GetProperty("rows").GetInt32()));
            cases++;
        }
        Assert.Equal(5, cases);
    }

    private static void Follow(FineTuner tuner, TrainOptions options, string run, int count)
    {
        JsonElement[] steps = [.. TinyLlama.Report.GetProperty(run).GetProperty("steps").EnumerateArray()];
        Assert.Equal(count, steps.Length);
        var schedule = new LearningRateSchedule(options.Schedule, options.LearningRate, options.WarmupSteps, count);
        for (int step = 0; step < count; step++)
        {
            double rate = schedule.RateAt(step);
            (double loss, double norm) = tuner.Step([.. TinyLlama.Batches[step].Select(Encoded)], step + 1, rate);
            Assert.Equal(steps[step].GetProperty("loss").GetDouble(), loss, LossTolerance);
            Assert.Equal(1, norm / steps[step].GetProperty("grad_norm").GetDouble(), NormTolerance);
            Assert.Equal(steps[step].GetProperty("learning_rate").GetDouble(), rate, 1e-15);
        }
    }

    internal static EncodedExample[] Encoded(Example[] micro) => [.. micro.Select(e => new EncodedExample(e.Ids, e.Mask, e.Ids.Length))];

    private static void AssertWeights(FineTuner tuner, string golden, int count, double nmse)
    {
        Dictionary<string, (int Rows, int Columns, float[] Values)> expected = TinyLlama.Arrays(golden);
        Assert.Equal(count, expected.Count);
        Dictionary<string, Parameter> trained = tuner.Parameters.ToDictionary(p => p.Name);
        foreach ((string name, (int _, int _, float[] values)) in expected)
        {
            double found = TinyLlama.Nmse(TinyLlama.Part(trained[name], ParameterPart.Values), values);
            Assert.True(found < nmse, $"{name}: {found}");
        }
    }

    /// <summary>The tiny model with its linears in 4 bits: w = scale · q + offset.</summary>
    private static Dictionary<string, WeightData> QuantizedBase()
    {
        Dictionary<string, WeightData> weights = TinyLlama.Model;
        Dictionary<string, (int Rows, int Columns, float[] Values)> packed = TinyLlama.Arrays("qlora-base.safetensors");
        foreach ((string key, (int rows, int columns, float[] q)) in packed.Where(x => x.Key.EndsWith(".q", StringComparison.Ordinal)))
        {
            string name = key[..^2];
            float[] scale = packed[name + ".scale"].Values, offset = packed[name + ".offset"].Values;
            var values = new float[q.Length];
            for (int i = 0; i < q.Length; i++) values[i] = q[i] * scale[i / 32] + offset[i / 32];
            weights[name] = WeightData.FromFloats(name, rows, columns, values);
        }
        return weights;
    }
}
