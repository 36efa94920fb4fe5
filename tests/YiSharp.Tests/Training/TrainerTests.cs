using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-trainer-").FullName;
    private readonly Checkpoint _model = Checkpoint.Open(Path.Combine(TinyLlama.Folder, "model"));
    private readonly EncodedExample[] _examples = [.. TinyLlama.Batches.Take(3).SelectMany(step => step.SelectMany(RunGoldenTests.Encoded))];

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TrainOptions Options => new() { Rank = 4, LearningRate = 1e-3, BatchSize = 5, Epochs = 2, Seed = 5, NeftuneAlpha = 5, SaveSteps = 2, MicroBatchTokens = 64 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void An_interrupted_run_ends_with_the_same_bytes(int interruptedAfter)
    {
        Run(_model, _examples, Options, In("whole"));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(_model, _examples, Options, In("parts"), step => { if (step.Number == interruptedAfter) stop.Cancel(); }, stop.Token));
        Assert.True(File.Exists(Path.Combine(In("parts"), "state", "training.state")));
        TrainReport report = Run(_model, _examples, Options, In("parts"));
        Assert.Equal(10, report.Steps.Count);
        string[] files = [.. Directory.EnumerateFiles(In("whole"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(In("whole"), f)).Order()];
        Assert.Equal(["adapter/adapter_config.json", "adapter/adapter_model.safetensors", "metrics.jsonl", "timings.jsonl", "train.json"], files);
        foreach (string file in files.Where(f => f != "timings.jsonl")) Assert.Equal(File.ReadAllBytes(Path.Combine(In("whole"), file)), File.ReadAllBytes(Path.Combine(In("parts"), file)));
    }

    [Fact]
    public void A_finished_run_is_not_done_again()
    {
        int steps = 0;
        TrainReport first = Run(_model, _examples, Options, In("run"), _ => steps++);
        TrainReport second = Run(_model, _examples, Options, In("run"), _ => steps++);
        Assert.Equal(10, steps);
        Assert.Equal(first.Steps.Select(s => s.Loss), second.Steps.Select(s => s.Loss));
        InvalidDataException other = Assert.Throws<InvalidDataException>(() => Run(_model, _examples, Options with { Seed = 6 }, In("run")));
        Assert.Contains("other data, options or base model", other.Message);
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        using var one = new CpuBackend(new CpuOptions { Precision = Precision.F32, Threads = 1 });
        using var three = new CpuBackend(new CpuOptions { Precision = Precision.F32, Threads = 3 });
        Run(_model, _examples, Options, In("one"), backend: one);
        Run(_model, _examples, Options, In("three"), backend: three);
        Assert.Equal(File.ReadAllBytes(Path.Combine(In("one"), "adapter", "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(In("three"), "adapter", "adapter_model.safetensors")));
    }

    [Fact]
    public void An_adapter_at_its_start_changes_nothing_and_merged_equals_attached()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        float[] plain = Logits(backend, _model, null);
        Assert.Equal(plain, Logits(backend, _model, LoraStart.Create(_model.Config, new TrainOptions())));

        LoraAdapter adapter = LoraAdapter.Open(Path.Combine(TinyLlama.Folder, "lora-final"));
        float[] attached = Logits(backend, _model, adapter);
        Assert.True(TinyLlama.Nmse(attached, plain) > 1e-3);
        Merge.Write(In("merged"), _model, adapter, WeightFormat.F32);
        using Checkpoint merged = Checkpoint.Open(In("merged"));
        Assert.True(TinyLlama.Nmse(Logits(backend, merged, null), attached) < 1e-11);
    }

    [Fact]
    public void Merged_weights_are_the_originals()
    {
        LoraAdapter adapter = LoraAdapter.Open(Path.Combine(TinyLlama.Folder, "lora-final"));
        Dictionary<string, WeightSource> merged = Merge.Weights(_model, adapter).ToDictionary(w => w.Name);
        Dictionary<string, (int Rows, int Columns, float[] Values)> golden = TinyLlama.Arrays("lora-merged-layer-1.safetensors");
        Assert.Equal(9, golden.Count);
        foreach ((string name, (int rows, int columns, float[] values)) in golden)
        {
            var found = new float[values.Length];
            for (int row = 0; row < rows; row++) merged[name].Fill(row, found.AsSpan(row * columns, columns));
            Assert.True(TinyLlama.Nmse(found, values) < 1e-13, name);
        }
    }

    [Theory]
    [InlineData(TrainMethod.Lora)]
    [InlineData(TrainMethod.Full)]
    public void A_tiny_model_learns_one_batch_by_heart(TrainMethod method)
    {
        EncodedExample[] batch = _examples[..4];
        var options = new TrainOptions { Method = method, BatchSize = 4, Epochs = 60, LearningRate = 1e-2, Rank = 32, Seed = 1 };
        TrainReport report = Run(_model, batch, options, In("heart"));
        Assert.True(report.Steps[0].Loss > 4, $"{report.Steps[0].Loss}");
        // An adapter leaves the head as it is, whose short rows allow no loss below 1.5 on states of fixed length.
        Assert.True(report.Steps[^1].Loss < (method == TrainMethod.Full ? 0.05 : 1.7), $"{report.Steps[^1].Loss}");
        if (method == TrainMethod.Full)
        {
            using Checkpoint trained = Checkpoint.Open(report.OutputPath);
            using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
            using var tuner = new FineTuner(backend, trained.Config, trained.Weights, options);
            Assert.True(tuner.LossOf(batch) < 0.05);
        }
    }

    [Fact]
    public void Examples_of_a_batch_cost_what_they_cost_one_by_one()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tuner = new FineTuner(backend, _model.Config, _model.Weights, new TrainOptions());
        double together = tuner.LossOf(_examples[..4]), targets = _examples[..4].Sum(e => e.TargetCount);
        Assert.Equal(together, _examples[..4].Sum(e => tuner.LossOf([e]) * e.TargetCount) / targets, 1e-6);
    }

    [Fact]
    public void Each_epoch_sees_every_example_once_in_another_order()
    {
        int StepsOf(EncodedExample e) => Array.IndexOf(_examples, e);
        int[][] epochs = [.. Enumerable.Range(0, 2).Select(epoch => Enumerable.Range(0, 5).SelectMany(i => Trainer.BatchOf(_examples, Options, 5 * epoch + i)).Select(StepsOf).ToArray())];
        Assert.Equal(24, _examples.Length);
        Assert.All(epochs, order => Assert.Equal(Enumerable.Range(0, 24), order.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(Enumerable.Range(0, 24), epochs[0]);
    }

    [Fact]
    public void Wrong_requests_are_answered_in_words()
    {
        Assert.Contains("rank is 0", Assert.Throws<ArgumentException>(() => Run(_model, _examples, Options with { Rank = 0 }, In("x"))).Message);
        Assert.Contains("learning_rate is", Assert.Throws<ArgumentException>(() => Run(_model, _examples, Options with { LearningRate = double.NaN }, In("x"))).Message);
        Assert.Contains("target_modules is lm_head", Assert.Throws<ArgumentException>(() => Run(_model, _examples, Options with { TargetModules = ["lm_head"] }, In("x"))).Message);
        Assert.Contains("None of 1 examples", Assert.Throws<ArgumentException>(() => Run(_model, [new EncodedExample([3, 4], [true, false], 2)], Options, In("x"))).Message);
        Assert.Contains("holds id 512", Assert.Throws<ArgumentException>(() => Run(_model, [new EncodedExample([3, 512], [false, true], 2)], Options, In("x"))).Message);
        Directory.CreateDirectory(Path.Combine(In("y"), "state"));
        File.WriteAllText(Path.Combine(In("y"), "state", "training.state"), "nonsense");
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Run(_model, _examples, Options, In("y"))).Message);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private static float[] Logits(CpuBackend backend, Checkpoint checkpoint, LoraAdapter? adapter)
    {
        LlamaModel model = LlamaModel.Load(checkpoint, backend, adapter);
        var batch = new SequenceBatch();
        batch.Add(12);
        using Tensor hidden = model.Forward(backend, [5, 9, 11, 300, 2, 7, 44, 45, 46, 100, 101, 3], batch, [3, 11]);
        using Tensor logits = model.Logits(backend, hidden);
        var values = new float[logits.Rows * logits.Columns];
        backend.Read(logits, values);
        return values;
    }

    private static TrainReport Run(
        Checkpoint model, IReadOnlyList<EncodedExample> examples, TrainOptions options, string folder, Action<TrainingStep>? progress = null, CancellationToken cancellation = default, ITrainingBackend? backend = null)
    {
        using CpuBackend? own = backend is null ? new CpuBackend(new CpuOptions { Precision = Precision.F32 }) : null;
        return Trainer.Run(model, examples, options, folder, backend ?? own!, progress, cancellation);
    }
}
