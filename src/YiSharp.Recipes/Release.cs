using System.Diagnostics;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Quantization;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Recipes;

/// <summary>Where a release computes: called once for each model that is loaded, and disposed of after it.</summary>
/// <param name="Inference">For evaluation.</param>
/// <param name="Training">For training.</param>
public sealed record ReleaseBackends(Func<CpuBackend> Inference, Func<ITrainingBackend> Training);

/// <summary>
/// The whole way from a base model to a folder with the chat model, its quantized versions, cards and a report. Each stage leaves files, whole or not at all, and is
/// skipped when they are there: interrupted at any moment and started again, a release goes on where it was and ends with the same bytes
/// in every file but <c>timings.json</c> and the report's section made from it.
/// </summary>
public sealed class Release
{
    private readonly Recipe _recipe;
    private readonly string _modelPath;
    private readonly string _folder;
    private readonly ReleaseBackends _backends;
    private readonly List<ModelVersion> _versions = [];
    private readonly List<Stage> _stages = [];
    private readonly List<(string Name, TrainReport Report)> _runs = [];
    private readonly Dictionary<string, IReadOnlyList<Response>> _showcase = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _inputs;

    private IReadOnlyList<IEvaluationTask> _tasks = [];
    private IReadOnlyList<ShowcasePrompt> _prompts = [];
    private readonly StageTimings _timings;
    private Action<ReleaseProgress>? _onProgress;
    private int _stageIndex;

    private sealed record Stage(string Name, double Work, Action<CancellationToken> Run);

    /// <summary>A release that is not yet begun.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="modelPath">The base model: a folder or a <c>.gguf</c> file.</param>
    /// <param name="folder">Where it goes; one that was begun before from the same inputs is gone on with.</param>
    /// <param name="backends">Where to compute.</param>
    /// <param name="fresh">Whether to delete what an earlier start left there; only once everything else is known to be right.</param>
    /// <exception cref="InvalidDataException">Rows are bad (all are listed), or the folder belongs to something else.</exception>
    public Release(Recipe recipe, string modelPath, string folder, ReleaseBackends backends, bool fresh = false)
    {
        (_recipe, _modelPath, _folder, _backends) = (recipe, modelPath, Path.GetFullPath(folder), backends);
        Validate();
        _inputs = ReleaseInputs.Of(recipe, modelPath);
        if (fresh) ReleaseInputs.Clear(_folder);
        ReleaseInputs.Claim(_folder, _inputs);
        _timings = StageTimings.Load(Path.Combine(_folder, "timings.json"));
        Plan();
    }

    /// <summary>Runs what is left to do.</summary>
    /// <param name="onProgress">Told how far it is, on the calling thread; null for nobody.</param>
    /// <param name="cancellation">Ends it early; what is finished stays.</param>
    /// <returns>What the release holds.</returns>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public ReleaseSummary Run(Action<ReleaseProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        _onProgress = onProgress;
        for (_stageIndex = 0; _stageIndex < _stages.Count; _stageIndex++)
        {
            cancellation.ThrowIfCancellationRequested();
            Stage stage = _stages[_stageIndex];
            Report(0, null);
            long start = Stopwatch.GetTimestamp();
            try
            {
                stage.Run(cancellation);
            }
            finally
            {
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (seconds >= 0.5 || _timings.Stages.All(t => t.Stage != stage.Name)) _timings.Add(stage.Name, seconds);
            }
            Report(1, null);
        }
        return Finish();
    }

    /// <summary>Reads all data, so that every bad row is known before anything is computed.</summary>
    private void Validate()
    {
        var faults = new List<string>();
        var tasks = new List<IEvaluationTask>();
        foreach (AbilityRecipe ability in _recipe.Abilities)
        {
            Collect(faults, () => InstructionFile.Read(_recipe.Locate(ability.Data)));
            Collect(faults, () => tasks.Add(AbilityTask.Read(ability.Name, _recipe.Locate(ability.Eval))));
        }
        if (_recipe.Evaluate.Gsm8k is { } gsm8k) Collect(faults, () => tasks.Add(Gsm8kTask.Read(_recipe.Locate(gsm8k))));
        if (_recipe.Evaluate.Showcase is { } showcase) Collect(faults, () => _prompts = ShowcasePrompt.ReadAll(_recipe.Locate(showcase)));
        if (faults.Count > 0) throw new InvalidDataException(string.Join(Environment.NewLine, faults));
        _tasks = tasks;
    }

    private static void Collect(List<string> faults, Action read)
    {
        try
        {
            read();
        }
        catch (InvalidDataException e)
        {
            faults.Add(e.Message);
        }
    }

    /// <summary>The stages in order. Work is in arbitrary units near seconds on two cores; it only shapes the progress display.</summary>
    private void Plan()
    {
        double evaluation = _tasks.Sum(t => t.Examples.Count) * 0.25 + _prompts.Count * 2;
        var basis = new ModelVersion("base", "base", _modelPath, null, "the base model as it is");
        var chat = new ModelVersion("chat", "chat", In("chat"), null, "fine-tuned on the mixture, merged, 16 bits");

        AddEvaluation(basis, evaluation);
        TrainRecipe train = _recipe.Train;
        AddTraining("mixture", "the mixture", MixtureRows(), train.Epochs);
        if (train.Elicit is { } elicit)
        {
            AddTraining("elicit", $"{elicit.Rows} rows of {elicit.Ability}", ElicitRows(elicit), elicit.Epochs);
            AddEvaluation(new ModelVersion("elicit", $"{elicit.Rows} rows", _modelPath, RunFolder("elicit", Trainer.AdapterName),
                $"the base with an adapter trained on the first {elicit.Rows} rows of {elicit.Ability} alone"), evaluation);
        }
        _stages.Add(new Stage("merge", 3, MergeChat));
        AddEvaluation(chat, 1.6 * evaluation);
        foreach (int bits in _recipe.QuantizeBits)
        {
            var version = new ModelVersion($"{bits}bits", $"{bits} bits", In($"{bits}bits"), null, $"the chat model, rounded to {bits} bits ({FormatOf(bits)})");
            _stages.Add(new Stage($"quantize to {bits} bits", 3, cancellation => Quantize(bits, version.Path, cancellation)));
            AddEvaluation(version, evaluation);
        }
    }

    private void AddTraining(string key, string title, IReadOnlyList<InstructionRow> rows, int epochs) =>
        _stages.Add(new Stage($"train on {title}", rows.Count * epochs * 0.4, cancellation => Train(key, title, rows, epochs, cancellation)));

    private void AddEvaluation(ModelVersion version, double work)
    {
        _versions.Add(version);
        _stages.Add(new Stage($"evaluate {version.Title}", work, cancellation => Evaluate(version, cancellation)));
    }

    private IReadOnlyList<InstructionRow> MixtureRows() => [.. _recipe.Abilities.SelectMany(ability => InstructionFile.Read(_recipe.Locate(ability.Data)))];

    private IReadOnlyList<InstructionRow> ElicitRows(ElicitRecipe elicit) =>
        [.. InstructionFile.Read(_recipe.Locate(_recipe.Abilities.First(a => a.Name == elicit.Ability).Data)).Take(elicit.Rows)];

    private void Train(string key, string title, IReadOnlyList<InstructionRow> rows, int epochs, CancellationToken cancellation)
    {
        using Checkpoint checkpoint = Checkpoint.Open(_modelPath);
        using ITrainingBackend backend = _backends.Training();
        TrainRecipe train = _recipe.Train;
        var options = new TrainOptions
        {
            Rank = train.Rank, Alpha = train.Alpha, LearningRate = train.LearningRate, BatchSize = train.BatchSize, Epochs = epochs, Seed = _recipe.Seed, SaveSteps = 5,
        };
        var encoder = ExampleEncoder.Of(checkpoint, train.MaxTokens);
        TrainReport report = Trainer.Run(checkpoint, [.. rows.Select(row => encoder.Encode(row.Messages))], options, RunFolder(key), backend,
            step => Report((double)step.Number / step.Count, $"loss {step.Loss:0.000}, {step.TokensPerSecond:0} tokens/s"), cancellation);
        File.Delete(RunFolder(key, "timings.jsonl")); // times stand in timings.json alone
        _runs.Add((title, report));
    }

    private void Evaluate(ModelVersion version, CancellationToken cancellation)
    {
        string folder = In("evaluation", version.Key);
        EvaluatedModel evaluated = Describe(version);
        using var responder = new Lazily<LocalResponder>(() => Open(version));
        int total = _tasks.Sum(t => t.Examples.Count) + _prompts.Count, done = 0;
        string? task = null;
        new Evaluator(evaluated, () => responder.Value, new EvaluationProtocol { MaxNewTokens = _recipe.Evaluate.MaxNewTokens }).Run(folder, _tasks, progress =>
        {
            if (task != progress.Task) (task, done) = (progress.Task, _tasks.TakeWhile(t => t.Name != progress.Task).Sum(t => t.Examples.Count));
            Report((double)(done + progress.Done) / total, $"{progress.Task} {progress.Done}/{progress.Count}, {progress.Correct} right");
        }, cancellation);
        _showcase[version.Key] = Showcase.Answer(folder, evaluated, () => responder.Value, _prompts, _recipe.Evaluate.MaxNewTokens, cancellation);
    }

    private EvaluatedModel Describe(ModelVersion version)
    {
        using Checkpoint checkpoint = Checkpoint.Open(version.Path);
        using CpuBackend backend = _backends.Inference();
        return new EvaluatedModel(version.Title, ReleaseInputs.HashFiles(version.Files())) { Arithmetic = Arithmetic.Of(checkpoint, backend.Options) };
    }

    private LocalResponder Open(ModelVersion version) =>
        new(new LanguageModel(Checkpoint.Open(version.Path), _backends.Inference(), version.AdapterPath is null ? null : LoraAdapter.Open(version.AdapterPath)));

    private void MergeChat(CancellationToken cancellation)
    {
        if (Directory.Exists(In("chat"))) return;
        using Checkpoint checkpoint = Checkpoint.Open(_modelPath);
        Merge.Write(In("chat"), checkpoint, LoraAdapter.Open(RunFolder("mixture", Trainer.AdapterName)), WeightFormat.F16, cancellation: cancellation);
    }

    private void Quantize(int bits, string folder, CancellationToken cancellation)
    {
        if (Directory.Exists(folder)) return;
        using Checkpoint checkpoint = Checkpoint.Open(In("chat"));
        RoundToNearest.Quantize(checkpoint, folder, new QuantizationOptions
        {
            Bits = bits,
            Name = _recipe.Name,
            Progress = (done, count) =>
            {
                cancellation.ThrowIfCancellationRequested();
                Report((double)done / count, $"matrix {done}/{count}");
            },
        });
    }

    private ReleaseSummary Finish()
    {
        var contents = new ReleaseContents(_recipe, _folder, _inputs, _versions, _tasks, _prompts, _runs, _showcase, _timings.Stages);
        ReleaseSummary summary = contents.Summarize();
        foreach (ModelVersion version in _versions.Where(v => v.AdapterPath is null && v.Path != _modelPath))
        {
            AtomicFile.WriteAllText(Path.Combine(version.Path, "README.md"), ModelCard.Write(summary, version));
        }
        AtomicFile.WriteAllText(In(ReleaseSummary.FileName), summary.ToJson());
        AtomicFile.WriteAllText(In("report.html"), new ReleasePage(contents, summary).ToHtml());
        return summary;
    }

    private static string FormatOf(int bits) => bits == 8 ? "Q8_0" : "Q4_0, embeddings Q8_0";

    private string In(params ReadOnlySpan<string> parts) => Path.Combine([_folder, .. parts]);

    private string RunFolder(string key, params ReadOnlySpan<string> parts) => Path.Combine([_folder, "training", key, .. parts]);

    private void Report(double stageDone, string? detail)
    {
        if (_onProgress is null) return;
        double all = _stages.Sum(s => s.Work), before = _stages.Take(_stageIndex).Sum(s => s.Work);
        Stage stage = _stages[_stageIndex];
        _onProgress(new ReleaseProgress(stage.Name, _stageIndex + 1, _stages.Count, stageDone, (before + stageDone * stage.Work) / all, detail));
    }
}
