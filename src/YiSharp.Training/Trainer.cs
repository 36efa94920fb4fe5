using System.Diagnostics;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>Fine-tunes a model on examples; a run that was interrupted goes on where it stood and ends with the same bytes.</summary>
public static class Trainer
{
    /// <summary>The folder inside a run's that holds the trained adapter.</summary>
    public const string AdapterName = "adapter";

    /// <summary>The folder inside a run's that holds the model after full fine-tuning.</summary>
    public const string ModelName = "model";

    /// <summary>Trains, and writes to the run's folder: adapter/ (or model/), metrics.jsonl, timings.jsonl, train.json, and state/ meanwhile.</summary>
    /// <param name="checkpoint">The base model.</param>
    /// <param name="examples">What to learn; those without a target token are left out.</param>
    /// <param name="options">How to train.</param>
    /// <param name="runDirectory">The run's folder; an unfinished run of the same data, options and base goes on.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="progress">Told of each step as soon as it is done, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the run after saving its state.</param>
    /// <exception cref="OperationCanceledException">The run was stopped; its state is saved.</exception>
    /// <exception cref="InvalidDataException">The folder holds another run, or is damaged.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or no example has a target.</exception>
    public static TrainReport Run(
        Checkpoint checkpoint, IReadOnlyList<EncodedExample> examples, TrainOptions options, string runDirectory, ITrainingBackend backend,
        Action<TrainingStep>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        EncodedExample[] used = [.. examples.Where(example => example.TargetCount > 0)];
        if (used.Length == 0) throw new ArgumentException($"None of {examples.Count} examples has a token to learn; the assistant's words may lie beyond the longest length.");
        RequireIds(used, checkpoint.Config);

        var folder = new RunFolder(runDirectory, RunFolder.FingerprintOf(checkpoint, used, options));
        int stepCount = options.StepCount(used.Length);
        string output = Path.Combine(folder.Path, options.Method == TrainMethod.Lora ? AdapterName : ModelName);
        checkpoint.RequireFinite();
        using var tuner = new FineTuner(backend, checkpoint.Config, checkpoint.Weights, options);
        long trainedCount = tuner.Parameters.Sum(p => (long)p.Rows * p.Columns);
        if (folder.IsDone())
        {
            if (!Directory.Exists(output)) throw new InvalidDataException($"{folder.Path} holds a finished run without its result, {output}; delete the run folder to train again.");
            folder.Resume(stepCount);
        }
        else
        {
            folder.Resume(File.Exists(folder.StatePath) ? TrainingState.Load(folder.StatePath, folder.Fingerprint, tuner.Parameters) : 0);
            Train(tuner, used, options, stepCount, folder, progress, cancellationToken);
            WriteOutput(tuner, checkpoint, options, output);
            folder.Finish(options, used.Length, examples.Count - used.Length, trainedCount);
        }
        return new TrainReport(output, folder.Steps, used.Length, examples.Count - used.Length, trainedCount);
    }

    private static void Train(
        FineTuner tuner, EncodedExample[] examples, TrainOptions options, int stepCount, RunFolder folder, Action<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        var schedule = new LearningRateSchedule(options.Schedule, options.LearningRate, options.WarmupSteps, stepCount);
        long lastSave = Stopwatch.GetTimestamp();
        int saved = folder.Steps.Count;
        for (int step = folder.Steps.Count; step < stepCount; step++)
        {
            long start = Stopwatch.GetTimestamp();
            EncodedExample[] batch = BatchOf(examples, options, step);
            double rate = schedule.RateAt(step);
            try
            {
                (double loss, double norm) = tuner.Step(MicroBatches(batch, options.MicroBatchTokens), step + 1, rate, cancellationToken);
                folder.Add(new TrainingStep(step + 1, stepCount, loss, norm, rate, batch.Sum(e => e.TargetCount), batch.Sum(e => e.Ids.Length), Stopwatch.GetElapsedTime(start).TotalSeconds));
            }
            catch (OperationCanceledException)
            {
                if (saved < step) TrainingState.Save(folder.StatePath, step, folder.Fingerprint, tuner.Parameters);
                throw;
            }
            progress?.Invoke(folder.Steps[^1]);
            if (step + 1 - saved < options.SaveSteps && Stopwatch.GetElapsedTime(lastSave).TotalSeconds < options.SaveSeconds) continue;
            TrainingState.Save(folder.StatePath, step + 1, folder.Fingerprint, tuner.Parameters);
            (saved, lastSave) = (step + 1, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>The examples of a step: each epoch goes once through all in an order of its own; its last step may have fewer.</summary>
    internal static EncodedExample[] BatchOf(EncodedExample[] examples, TrainOptions options, int step)
    {
        int stepsPerEpoch = (examples.Length + options.BatchSize - 1) / options.BatchSize;
        (int epoch, int place) = Math.DivRem(step, stepsPerEpoch);
        int[] order = [.. Enumerable.Range(0, examples.Length)];
        if (options.Shuffle) RandomStream.For(options.Seed, FormattableString.Invariant($"order of epoch {epoch + 1}")).Shuffle<int>(order);
        return [.. order.Skip(place * options.BatchSize).Take(options.BatchSize).Select(i => examples[i])];
    }

    /// <summary>Divides a step's examples, in order, into forward passes of at most so many tokens, or one example.</summary>
    internal static List<IReadOnlyList<EncodedExample>> MicroBatches(EncodedExample[] batch, int maxTokens)
    {
        var micros = new List<IReadOnlyList<EncodedExample>>();
        var micro = new List<EncodedExample>();
        int tokens = 0;
        foreach (EncodedExample example in batch)
        {
            if (micro.Count > 0 && tokens + example.Ids.Length > maxTokens)
            {
                micros.Add(micro);
                (micro, tokens) = ([], 0);
            }
            micro.Add(example);
            tokens += example.Ids.Length;
        }
        micros.Add(micro);
        return micros;
    }

    private static void WriteOutput(FineTuner tuner, Checkpoint checkpoint, TrainOptions options, string output)
    {
        if (options.Method == TrainMethod.Lora) tuner.ToAdapter(Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Path))).Save(output);
        else HuggingFaceWriter.Write(output, checkpoint, new HuggingFaceOptions { Format = _ => WeightFormat.F32, Weights = tuner.ToWeights() });
    }

    private static void RequireIds(EncodedExample[] examples, LlamaConfig config)
    {
        for (int i = 0; i < examples.Length; i++)
        {
            if (examples[i].LossMask.Length != examples[i].Ids.Length) throw new ArgumentException($"Example {i} has {examples[i].Ids.Length} ids and a mask of {examples[i].LossMask.Length}; both need the same length.");
            foreach (int id in examples[i].Ids)
            {
                if ((uint)id >= (uint)config.VocabSize) throw new ArgumentException($"Example {i} holds id {id}; the model has ids 0 to {config.VocabSize - 1}. The data may be encoded with another model's tokenizer.");
            }
        }
    }
}
