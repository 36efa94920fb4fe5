using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>
/// The files of a training run: <c>metrics.jsonl</c> and <c>timings.jsonl</c> with a line a step, <c>state/training.state</c> until the run is
/// done, and <c>train.json</c> when it is.
/// </summary>
internal sealed class RunFolder
{
    private readonly List<TrainingStep> _steps = [];

    public RunFolder(string path, string fingerprint)
    {
        (Path, Fingerprint) = (System.IO.Path.GetFullPath(path), fingerprint);
        if (File.Exists(Path)) throw new InvalidDataException($"{path} is a file; a folder for the run is needed. Name another.");
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any() && !File.Exists(DonePath) && !Directory.Exists(System.IO.Path.GetDirectoryName(StatePath)))
        {
            throw new InvalidDataException($"{path} holds other things than a training run; name a folder that is empty or does not exist yet.");
        }
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "state"));
    }

    public string Path { get; }

    public string Fingerprint { get; }

    public string StatePath => System.IO.Path.Combine(Path, "state", "training.state");

    /// <summary>What the run did so far.</summary>
    public IReadOnlyList<TrainingStep> Steps => _steps;

    private string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    private string TimingsPath => System.IO.Path.Combine(Path, "timings.jsonl");

    private string DonePath => System.IO.Path.Combine(Path, "train.json");

    /// <summary>Whether this very run has been completed.</summary>
    public bool IsDone()
    {
        if (!File.Exists(DonePath)) return false;
        try
        {
            using JsonDocument done = JsonDocument.Parse(File.ReadAllBytes(DonePath));
            if (done.RootElement.GetProperty("fingerprint").GetString() == Fingerprint) return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{DonePath} is damaged; delete the run folder to start over.", e);
        }
        throw new InvalidDataException($"{Path} holds a finished run with other data, options or base model. Name another run folder, or delete this one.");
    }

    /// <summary>Goes back to what stood after <paramref name="stepCount"/> steps.</summary>
    public void Resume(int stepCount)
    {
        string[] lines = stepCount > 0 && File.Exists(MetricsPath) ? File.ReadAllLines(MetricsPath) : [];
        if (lines.Length < stepCount) throw new InvalidDataException($"{MetricsPath} has {lines.Length} lines; the saved state is after step {stepCount}. Delete the run folder to start over.");
        _steps.Clear();
        for (int i = 0; i < stepCount; i++) _steps.Add(Parse(lines[i], i));
        AtomicFile.WriteAllText(MetricsPath, Joined(lines.Take(stepCount)));
        string[] timings = File.Exists(TimingsPath) ? File.ReadAllLines(TimingsPath) : [];
        AtomicFile.WriteAllText(TimingsPath, Joined(timings.Take(stepCount)));
    }

    /// <summary>Appends a step. Times stand in a file of their own: everything else is the same in every run.</summary>
    public void Add(TrainingStep step)
    {
        _steps.Add(step);
        Append(MetricsPath, json =>
        {
            json.WriteNumber("step", step.Number);
            json.WriteNumber("steps", step.Count);
            json.WriteNumber("loss", step.Loss);
            json.WriteNumber("gradient_norm", step.GradientNorm);
            json.WriteNumber("learning_rate", step.LearningRate);
            json.WriteNumber("targets", step.TargetCount);
            json.WriteNumber("tokens", step.TokenCount);
        });
        Append(TimingsPath, json =>
        {
            json.WriteNumber("step", step.Number);
            json.WriteNumber("seconds", step.Seconds);
            json.WriteNumber("tokens_per_second", step.TokensPerSecond);
        });
    }

    /// <summary>Marks the run as done and drops its state.</summary>
    public void Finish(TrainOptions options, int exampleCount, int skippedCount, long trainedCount)
    {
        AtomicFile.WriteAllBytes(DonePath, Object(new JsonWriterOptions { Indented = true, NewLine = "\n" }, json =>
        {
            json.WriteString("fingerprint", Fingerprint);
            json.WriteStartObject("options");
            Write(json, options);
            json.WriteEndObject();
            json.WriteNumber("examples", exampleCount);
            json.WriteNumber("skipped", skippedCount);
            json.WriteNumber("trained_weights", trainedCount);
            json.WriteNumber("steps", _steps.Count);
            json.WriteNumber("first_loss", _steps[0].Loss);
            json.WriteNumber("last_loss", _steps[^1].Loss);
        }));
        string state = System.IO.Path.GetDirectoryName(StatePath)!;
        if (Directory.Exists(state)) Directory.Delete(state, recursive: true);
    }

    /// <summary>A hash of all that decides a run's result: options, examples, and what the base model's weights are.</summary>
    public static string FingerprintOf(Checkpoint checkpoint, IReadOnlyList<EncodedExample> examples, TrainOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Object(default, json => Write(json, options)));
        hash.AppendData(Encoding.UTF8.GetBytes(checkpoint.Config.ToString()));
        foreach (WeightData weight in checkpoint.Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{weight.Name} {weight.Format} {weight.Rows} {weight.Columns}")));
            hash.AppendData(weight.Row(0));
            hash.AppendData(weight.Row(weight.Rows - 1));
        }
        foreach (EncodedExample example in examples)
        {
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(example.Ids));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<bool>(example.LossMask));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The options that decide a result, under the recipe's names.</summary>
    private static void Write(Utf8JsonWriter json, TrainOptions options)
    {
        json.WriteString("method", options.Method == TrainMethod.Lora ? "lora" : "full");
        json.WriteNumber("rank", options.Rank);
        json.WriteNumber("alpha", options.Alpha);
        json.WriteBoolean("use_rslora", options.UseRslora);
        json.WriteStartArray("target_modules");
        foreach (string module in options.TargetModules) json.WriteStringValue(module);
        json.WriteEndArray();
        json.WriteNumber("learning_rate", options.LearningRate);
        json.WriteString("schedule", JsonNamingPolicy.SnakeCaseLower.ConvertName(options.Schedule.ToString()));
        json.WriteNumber("warmup_steps", options.WarmupSteps);
        json.WriteNumber("batch_size", options.BatchSize);
        json.WriteNumber("micro_batch_tokens", options.MicroBatchTokens);
        json.WriteNumber("epochs", options.Epochs);
        if (options.MaxSteps is { } steps) json.WriteNumber("max_steps", steps);
        json.WriteNumber("seed", options.Seed);
        json.WriteNumber("weight_decay", options.WeightDecay);
        json.WriteNumber("max_grad_norm", options.MaxGradNorm);
        json.WriteNumber("neftune_alpha", options.NeftuneAlpha);
        json.WriteBoolean("shuffle", options.Shuffle);
    }

    private TrainingStep Parse(string line, int index)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement step = document.RootElement;
            if (step.GetProperty("step").GetInt32() != index + 1) throw new FormatException();
            return new TrainingStep(index + 1, step.GetProperty("steps").GetInt32(), step.GetProperty("loss").GetDouble(), step.GetProperty("gradient_norm").GetDouble(),
                step.GetProperty("learning_rate").GetDouble(), step.GetProperty("targets").GetInt32(), step.GetProperty("tokens").GetInt32(), 0);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{MetricsPath} line {index + 1} is not the record of step {index + 1}; delete the run folder to start over.", e);
        }
    }

    private static void Append(string path, Action<Utf8JsonWriter> fields)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Object(default, fields));
        stream.Flush(flushToDisk: true);
    }

    private static byte[] Object(JsonWriterOptions options, Action<Utf8JsonWriter> fields)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static string Joined(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
