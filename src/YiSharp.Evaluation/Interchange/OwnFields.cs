using System.Text.Json;
using System.Text.Json.Nodes;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// What a sample says and a row of lm-evaluation-harness has no place for: the row's field <c>yisharp</c>, an object with the names of <c>samples.jsonl</c>. Other programs pass it
/// over; import puts the sample together again, so that an answer that was cut off, that failed or that another model judged stays one.
/// </summary>
internal static class OwnFields
{
    public const string Name = "yisharp";

    // Names of samples.jsonl.
    private const string Item = "item", Prompt = "prompt", Messages = "messages", Answer = "answer", Options = "options", LogLikelihoods = "loglikelihoods", Output = "output";
    private const string Extracted = "extracted", Score = "score", Metrics = "metrics";

    /// <summary>A sample's fields less those that stand elsewhere in its row.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="isSaid">Whether the row has its output.</param>
    public static JsonObject Of(Sample sample, bool isSaid)
    {
        JsonObject fields = JsonNode.Parse(sample.ToJson())!.AsObject();
        foreach (string name in (string[])[Item, Options, LogLikelihoods, Score, Metrics]) fields.Remove(name);
        if (sample.Prompt is { } prompt && sample.Messages.SequenceEqual([new ChatMessage("user", prompt)])) // the prompt alone, which every request has
        {
            fields.Remove(Prompt);
            fields.Remove(Messages);
        }
        if (isSaid || sample.Response.Text.Length == 0) fields.Remove(Output);
        if (sample.LogLikelihoods is null) fields.Remove(Answer);
        return fields;
    }

    /// <summary>The sample of a row that has such fields.</summary>
    /// <param name="row">The row.</param>
    /// <param name="own">Its fields.</param>
    /// <param name="task">The task that its file is of.</param>
    /// <exception cref="InvalidDataException">They are of no sample, or contradict the row; the message is a clause.</exception>
    public static Sample Join(LmEvalRow row, JsonElement own, string task)
    {
        if (own.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"has {JsonLines.Kind(own)} as \"{Name}\"; expected an object");
        JsonObject fields = JsonObject.Create(own)!;
        fields[Item] = row.Item;
        AddQuestion(fields, row);
        AddAnswer(fields, row);
        AddScores(fields, row);
        Sample sample = Sample.Parse(Element(fields));
        string part = PairedRuns.Named(sample.Task, sample.Subject);
        if (UpstreamTask.ToLmEval(sample.Task, sample.Subject) != task) throw new InvalidDataException($"is of {part} by \"{Name}\"; expected {task}, as its file is");
        if (row.LogLikelihoods is null && row.Responses.Count > 0 && (row.Responses[0].Words() ?? "") != FilteredOf(sample))
            throw new InvalidDataException($"has other words in \"filtered_resps\" than in \"{Extracted}\" of \"{Name}\"; expected the same");
        return sample;
    }

    private static void AddQuestion(JsonObject fields, LmEvalRow row)
    {
        if (fields.ContainsKey(Messages)) return;
        string prompt = row.Requests[0].Prompt.Words() ?? "";
        fields[Prompt] = prompt;
        fields[Messages] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt });
    }

    private static void AddAnswer(JsonObject fields, LmEvalRow row)
    {
        if (!fields.ContainsKey(Output)) fields[Output] = row.LogLikelihoods is null ? row.Output : "";
        if (row.LogLikelihoods is not { } options)
        {
            fields[Answer] = row.Target;
            return;
        }
        if (!options.All(double.IsFinite)) throw new InvalidDataException("has a log-likelihood that is no finite number");
        fields[LogLikelihoods] = new JsonArray([.. options.Select(value => (JsonNode)value)]);
        if (!QuestionText.AreLetters(row.Options)) fields[Options] = new JsonArray([.. row.Options.Select(option => (JsonNode)option)]);
    }

    private static void AddScores(JsonObject fields, LmEvalRow row)
    {
        (string Name, double? Value)[] metrics = [.. row.NamedMetrics.Select(name => (name, row.ValueOf(name)))];
        if (metrics.Length == 0 || metrics.Any(metric => metric.Value is null)) throw new InvalidDataException("has no number for each of its \"metrics\"");
        fields[Score] = metrics[0].Value;
        if (metrics.Length > 1) fields[Metrics] = new JsonObject([.. metrics.Skip(1).Select(metric => KeyValuePair.Create(metric.Name, (JsonNode?)metric.Value))]);
    }

    private static JsonElement Element(JsonObject fields)
    {
        try
        {
            return JsonSerializer.SerializeToElement(fields);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"has half of a surrogate pair in \"{Name}\", which is no character", e);
        }
    }

    /// <summary>What was read out of a written answer, as a filter's.</summary>
    public static string FilteredOf(Sample sample) => sample.Prediction.Extracted ?? LmEvalRow.Invalid;
}
