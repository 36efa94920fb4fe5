using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>How one model did: <c>evaluation.json</c>. Equal runs give equal bytes.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="ModelFingerprint">What tells its files, or its address, from all others.</param>
/// <param name="Protocol">What was the same for every model.</param>
/// <param name="Fingerprint">Hash of model, protocol and all questions: equal fingerprints, equal runs.</param>
/// <param name="Tasks">A score per task, in order.</param>
public sealed record EvaluationReport(string Model, string ModelFingerprint, EvaluationProtocol Protocol, string Fingerprint, IReadOnlyList<TaskScore> Tasks)
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>What to do about damaged samples, a sentence.</summary>
    internal const string Remedy = "Give the command that wrote the folder again: the answers before the damage are kept, the others are asked again. Of an imported run, delete the folder and import it again.";

    /// <summary>What differs from model to model under the same protocol: how it computes; null where it is not known.</summary>
    public Arithmetic? Arithmetic { get; init; }

    /// <summary>The chat template's hash; null where it is not known.</summary>
    public string? TemplateSha256 { get; init; }

    /// <summary>The ids that end an answer; null where they are not known.</summary>
    public IReadOnlyList<int>? StopIds { get; init; }

    /// <summary>Who judged the answers of tasks with a rubric; null where rules read all of them.</summary>
    public JudgeDescription? Judge { get; init; }

    private const string TasksName = "tasks";
    private const string Anew = "Delete it and give the command that wrote it again.";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The score of a task.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public TaskScore this[string task] => Tasks.FirstOrDefault(t => t.Name == task)
        ?? throw new ArgumentException($"The evaluation of {Model} has no task {task}; it has {string.Join(", ", Tasks.Select(t => t.Name))}.");

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is not there or not an evaluation.</exception>
    public static EvaluationReport Read(string path)
    {
        byte[] bytes = [];
        try
        {
            bytes = File.ReadAllBytes(path);
            EvaluationReport report = JsonSerializer.Deserialize<EvaluationReport>(bytes, Json) ?? throw new JsonException();
            return report.WhatIsWrong() is { } wrong ? throw new InvalidDataException($"{path} is not an evaluation: {wrong}. {Anew}") : report;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not an evaluation: {JsonSyntax.ReasonOrField(bytes, e)}. {Anew}", e);
        }
        catch (FileNotFoundException e) when (IsUnfinished(Path.GetDirectoryName(path)!))
        {
            throw new InvalidDataException($"{Path.GetDirectoryName(path)} holds an evaluation that is not finished: it was interrupted, or still goes on. Give its own command again, and it goes on from there.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read; expected the {FileName} of an evaluation. Give the folder of one; results of other programs are made into one by yi eval import.", e);
        }
    }

    /// <summary>What passes the reader of JSON and is no list of scores; null where nothing does.</summary>
    private string? WhatIsWrong()
    {
        bool hasNull = Tasks.Any(task => task is null || task.Subjects?.Any(subject => subject is null) == true || task.Metrics?.Any(metric => metric is null) == true);
        if (hasNull) return "null stands among its tasks, or among subjects or metrics of one";
        return Tasks.GroupBy(task => task.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } same ? $"it has {same.Count()} scores of {same.Key}" : null;
    }

    /// <summary>All but the scores.</summary>
    internal JsonObject ToHeader()
    {
        JsonObject header = JsonSerializer.SerializeToNode(this with { Tasks = [] }, Json)!.AsObject();
        header.Remove(TasksName);
        return header;
    }

    /// <summary>A report without scores.</summary>
    /// <exception cref="InvalidDataException">It is none; the message is a clause.</exception>
    internal static EvaluationReport OfHeader(JsonObject header)
    {
        try
        {
            header[TasksName] = new JsonArray();
            return header.Deserialize<EvaluationReport>(Json)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"is no {FileName} without its scores", e);
        }
    }

    /// <summary>Whether a folder holds a run that was begun and is not finished.</summary>
    internal static bool IsUnfinished(string folder) => !File.Exists(Path.Combine(folder, FileName)) && File.Exists(Path.Combine(folder, SampleLedger.FileName));

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}

/// <summary>How one model did in one task.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Count">Questions.</param>
/// <param name="Correct">Right answers.</param>
/// <param name="Accuracy">Mean score, 0 to 1: correct / count, but for tasks whose scores are shares.</param>
/// <param name="Interval">Of the accuracy at 95 %: Wilson's, or mean ± t · <see cref="StandardError"/> where scores are shares.</param>
/// <param name="ExtractionFailures">Answers in which nothing of the form asked for was found, or of which a judge gave no verdict; they count as wrong.</param>
/// <param name="Truncated">Answers that the limit of tokens cut off.</param>
public sealed record TaskScore(string Name, int Count, int Correct, double Accuracy, Interval Interval, int ExtractionFailures, int Truncated)
{
    /// <summary>Questions without an answer: too long for the model, or refused by an endpoint; and those of which a judge said nothing. They count as wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Failures { get; init; }

    /// <summary>Standard error of the accuracy, clustered by subject where there are several that say something (<see cref="ErrorEstimate"/>); null for fewer than two questions.</summary>
    public double? StandardError { get; init; }

    /// <summary>Which estimate that is; null in files that do not say.</summary>
    public ErrorKind? StandardErrorKind { get; init; }

    /// <summary>Mean of the subjects' accuracies, each counting the same; null without subjects. <see cref="Accuracy"/> is the mean over questions.</summary>
    public double? MacroAccuracy { get; init; }

    /// <summary>A score per subject, in order; null without subjects.</summary>
    public IReadOnlyList<SubjectScore>? Subjects { get; init; }

    /// <summary>The same answers by further metrics, by name; null where there are none. Questions without an answer count as wrong.</summary>
    public IReadOnlyList<MetricScore>? Metrics { get; init; }

    /// <summary>Most tokens of a written answer; null where options were compared, where questions differ in it, and in files that do not say.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>Texts that end a written answer, of all questions alike; null for none.</summary>
    public IReadOnlyList<string>? Stops { get; init; }

    /// <summary>Of the files that the questions come from (<see cref="BenchmarkContent.Sha256"/>); null where it is not recorded.</summary>
    public string? DataSha256 { get; init; }

    /// <summary>The version of our rules that read the answers (<see cref="ReadingRules.Version"/>); null where no such rules did, or the file does not say.</summary>
    public int? RulesVersion { get; init; }

    /// <summary>Of what the judge was told and how its verdicts were read (<see cref="Rubric.Sha256"/>); null where rules read the answers.</summary>
    public string? RubricSha256 { get; init; }

    /// <summary>Counts the samples of one task.</summary>
    /// <param name="name">The task's name.</param>
    /// <param name="samples">Its samples.</param>
    public static TaskScore Of(string name, IEnumerable<Sample> samples)
    {
        var count = new ScoreCount(name);
        foreach (Sample sample in samples) count.Add(sample);
        return count.ToScore();
    }
}

/// <summary>The answers of a task by another metric.</summary>
/// <param name="Name">The metric, such as <c>acc_norm</c>.</param>
/// <param name="Value">Mean, 0 to 1.</param>
/// <param name="Interval">At 95 %, as that of the accuracy.</param>
public sealed record MetricScore(string Name, double Value, Interval Interval)
{
    /// <summary>Sample deviation / √n, items as independent; null for fewer than two questions, and in files that do not say.</summary>
    public double? StandardError { get; init; }
}

/// <summary>How one model did in one subject of a task.</summary>
/// <param name="Name">The subject.</param>
/// <param name="Count">Questions.</param>
/// <param name="Correct">Right answers.</param>
/// <param name="Accuracy">Mean score, 0 to 1.</param>
/// <param name="Interval">At 95 %: Wilson's, or mean ± t · standard error where scores are shares.</param>
public sealed record SubjectScore(string Name, int Count, int Correct, double Accuracy, Interval Interval);
