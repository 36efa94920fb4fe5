using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>One question, what the model said, and how it was judged: a line of <c>samples.jsonl</c>.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Item">The question's place in the task's, or its subject's, source file, 0-based.</param>
/// <param name="Messages">The prompt.</param>
/// <param name="Answer">What a right answer holds.</param>
/// <param name="Response">What the model said.</param>
/// <param name="Prediction">What was read out of it.</param>
public sealed record Sample(string Task, int Item, IReadOnlyList<ChatMessage> Messages, string Answer, Response Response, Prediction Prediction)
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "samples.jsonl";

    /// <summary>The subject, of a task that has some, such as <c>astronomy</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>The prompt as the model read it, where it was a text without a chat template.</summary>
    public string? Prompt { get; init; }

    /// <summary>Log-likelihood of each option, nats, where options were scored; then nothing was said.</summary>
    public IReadOnlyList<double>? LogLikelihoods { get; init; }

    /// <summary>What the answer is worth, 0 to 1; between them where the task's score is a share, such as TruthfulQA's mc2.</summary>
    public double Score { get; init; } = Prediction.Correct ? 1 : 0;

    /// <summary>The options whose log-likelihoods they are, with the space before them; null where they are the letters " A", " B", ….</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>What the log-likelihoods are worth by further metrics, 0 to 1, by name; null where there are none.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>What another model said of the answer; null where none was asked. <see cref="Prediction"/> is its verdict then.</summary>
    public Judgement? Judgement { get; init; }

    /// <summary>Why there is nothing to judge, or no judge's word; null where nothing is missing.</summary>
    public string? Failure => Response.Failure ?? Judgement?.Response.Failure;

    /// <summary>What tells the question from all others of a run.</summary>
    public (string Task, string? Subject, int Item) Key => (Task, Subject, Item);

    /// <summary>The same in words, such as "mmlu, astronomy, item 3".</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Task}{(Subject is null ? "" : $", {Subject}")}, item {Item}");

    private const string MetricsName = "metrics", OptionsName = "options";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file of samples.</summary>
    /// <exception cref="InvalidDataException">It is not there or not of samples.</exception>
    public static IReadOnlyList<Sample> ReadAll(string path) => JsonLines.Read(path, "\"task\", \"item\", \"messages\" and \"output\"", Parse);

    /// <summary>The samples of a finished run, one after another and read anew whenever they are enumerated: of each only its place is kept in memory.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="report">Its scores, all of which must follow from the samples.</param>
    /// <exception cref="InvalidDataException">While enumerating: the file is not there, not of samples, holds one twice, or does not give what the report says.</exception>
    public static IEnumerable<Sample> Stream(string folder, EvaluationReport report)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new InvalidDataException($"{path} cannot be read: there is no such file, and {EvaluationReport.FileName} beside it has scores of its answers. {EvaluationReport.Remedy}");
        var check = new ReportCheck(report);
        foreach (Sample sample in JsonLines.Stream(path, row => check.Add(Parse(row)), EvaluationReport.Remedy)) yield return sample;
        if (check.Contradiction() is { } contradiction) throw new InvalidDataException($"{path} {contradiction}. {EvaluationReport.Remedy}");
    }

    /// <summary>Reads the samples of a finished run for nothing but to hold them to its report.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="report">Its scores.</param>
    /// <exception cref="InvalidDataException">They are not there, or do not agree with it.</exception>
    public static void Check(string folder, EvaluationReport report) => _ = Stream(folder, report).Count();

    /// <summary>The sample as one line of JSON, without the line end.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("task", Task);
            if (Subject is not null) json.WriteString("subject", Subject);
            json.WriteNumber("item", Item);
            if (Prompt is not null) json.WriteString("prompt", Prompt);
            json.WriteStartArray("messages");
            foreach (ChatMessage message in Messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role);
                json.WriteString("content", message.Content);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("answer", Answer);
            if (LogLikelihoods is not null)
            {
                if (Options is not null)
                {
                    json.WriteStartArray(OptionsName);
                    foreach (string option in Options) json.WriteStringValue(option);
                    json.WriteEndArray();
                }
                json.WriteStartArray("loglikelihoods");
                foreach (double value in LogLikelihoods) json.WriteNumberValue(value);
                json.WriteEndArray();
            }
            ResponseJson.Write(json, Response);
            Judgement?.Write(json);
            json.WriteString("extracted", Prediction.Extracted);
            json.WriteString("rule", Prediction.Rule);
            SpanJson.Write(json, Prediction.Span);
            if (Prediction.IsLowConfidence) json.WriteBoolean("low_confidence", true);
            json.WriteBoolean("correct", Prediction.Correct);
            json.WriteNumber("score", Score);
            if (Metrics is not null)
            {
                json.WriteStartObject(MetricsName);
                foreach ((string name, double value) in Metrics) json.WriteNumber(name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The sample of a line.</summary>
    /// <exception cref="InvalidDataException">The line is none; the message is a clause.</exception>
    internal static Sample Parse(JsonElement row)
    {
        if (!row.TryGetProperty("item", out JsonElement item) || item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int index) || index < 0)
            throw new InvalidDataException("has no \"item\"; expected a whole number from 0 on");
        if (!row.TryGetProperty("correct", out JsonElement correct) || correct.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw new InvalidDataException("has no \"correct\"; expected true or false");
        var prediction = new Prediction(JsonLines.OptionalText(row, "extracted"), JsonLines.OptionalText(row, "rule"), correct.GetBoolean())
        {
            Span = SpanJson.Parse(row),
            IsLowConfidence = row.TryGetProperty("low_confidence", out JsonElement doubtful) && doubtful.ValueKind == JsonValueKind.True,
        };
        double[]? logLikelihoods = JsonLines.OptionalNumbers(row, "loglikelihoods");
        if (logLikelihoods is { Length: 0 }) throw new InvalidDataException("has no number in \"loglikelihoods\"; expected one for each option");
        string[]? options = JsonLines.OptionalTexts(row, OptionsName);
        if (options is not null && options.Length != logLikelihoods?.Length) throw new InvalidDataException($"has {options.Length} \"{OptionsName}\" and {logLikelihoods?.Length ?? 0} \"loglikelihoods\"; expected one for each");
        double score = JsonLines.OptionalNumber(row, "score") ?? (correct.GetBoolean() ? 1 : 0);
        if (score is not (>= 0 and <= 1)) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"has a \"score\" of {score}; expected 0 to 1"));
        // Of scored options a share may round to a whole one.
        if (options is null && score is (0 or 1) && correct.GetBoolean() != (score == 1))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"says \"correct\": {(correct.GetBoolean() ? "true" : "false")} and \"score\": {score}; expected them to agree"));
        return new Sample(JsonLines.Text(row, "task"), index, ChatMessages.Parse(row), JsonLines.OptionalText(row, "answer") ?? "", ResponseJson.Parse(row), prediction)
        {
            Subject = JsonLines.OptionalText(row, "subject"),
            Prompt = JsonLines.OptionalText(row, "prompt"),
            Judgement = Judgement.Parse(row),
            Metrics = ParseMetrics(row),
            LogLikelihoods = logLikelihoods,
            Options = options,
            Score = score,
        };
    }

    private static SortedDictionary<string, double>? ParseMetrics(JsonElement row)
    {
        if (!row.TryGetProperty(MetricsName, out JsonElement metrics) || metrics.ValueKind == JsonValueKind.Null) return null;
        if (metrics.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"has {JsonLines.Kind(metrics)} as \"{MetricsName}\"; expected an object of numbers");
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (JsonProperty metric in metrics.EnumerateObject())
        {
            values[metric.Name] = JsonLines.OptionalNumber(metrics, metric.Name) ?? throw new InvalidDataException($"has no number as \"{metric.Name}\" in \"{MetricsName}\"");
        }
        return values;
    }
}
