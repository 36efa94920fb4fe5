using System.Globalization;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>A row of lm-evaluation-harness's samples: one question as one filter read its answer.</summary>
internal sealed class LmEvalRow
{
    /// <summary>What a filter gives where its pattern matches nothing.</summary>
    public const string Invalid = "[invalid]";

    // Of several metrics the score is the first of these, else the first that the row names.
    private static readonly string[] ScoreMetrics = ["acc", "exact_match"];

    private readonly JsonElement _row;

    /// <exception cref="InvalidDataException">The row lacks something; the message is a clause.</exception>
    public LmEvalRow(JsonElement row)
    {
        _row = row;
        Item = row.Field("doc_id")?.Count() ?? throw new InvalidDataException("has no \"doc_id\"; expected a whole number from 0 on");
        Filter = JsonLines.OptionalText(row, "filter") ?? "none";
        Requests = [.. RequestsOf(row)];
        if (Requests.Count == 0) throw new InvalidDataException("has no \"arguments\" with a prompt");
        Responses = [.. row.Field("filtered_resps").Items()];
        LogLikelihoods = Responses.Count > 0 && Responses.All(IsLogLikelihood) ? [.. Responses.Select(response => Number(response)!.Value)] : null;
    }

    /// <summary>The question's place in its source.</summary>
    public int Item { get; }

    /// <summary>The name of what read the answer.</summary>
    public string Filter { get; }

    /// <summary>What was asked: of each request the prompt, and an option or how an answer was to be written.</summary>
    public IReadOnlyList<(JsonElement Prompt, JsonElement? Argument)> Requests { get; }

    /// <summary>What the filter made of the answers.</summary>
    public IReadOnlyList<JsonElement> Responses { get; }

    /// <summary>Log-likelihood of each option, nats, where options were scored; may be infinite.</summary>
    public IReadOnlyList<double>? LogLikelihoods { get; }

    /// <summary>Whether an answer was to be written; else options, or one, were to be scored.</summary>
    public bool IsWritten => LogLikelihoods is null && Requests[0].Argument is not { ValueKind: JsonValueKind.String };

    /// <summary>The options that were scored, as they followed the prompt.</summary>
    public IReadOnlyList<string> Options =>
        [.. Requests.Select(request => request.Argument).OfType<JsonElement>().Where(argument => argument.ValueKind == JsonValueKind.String).Select(text => text.Words()!)];

    /// <summary>How the answer was to be written; null where the row does not say, or options were to be scored.</summary>
    public GenerationArguments? Generation => Requests[0].Argument is { ValueKind: JsonValueKind.Object } arguments ? GenerationArguments.Of(arguments) : null;

    /// <summary>What a right answer holds, or an option's place.</summary>
    public string Target => _row.Field("target")?.Words() ?? "";

    /// <summary>What the model said.</summary>
    public string Output => _row.Field("resps").Items().FirstOrDefault().Words() ?? "";

    /// <summary>What the filter read out of it; null for nothing.</summary>
    public string? Filtered => Responses.Count == 0 || Responses[0].Words() is Invalid or "" ? null : Responses[0].Words();

    /// <summary>The question as the task's source has it.</summary>
    public JsonElement? Document => _row.Field("doc");

    /// <summary>What only YiSharp writes; null in rows of lm-evaluation-harness.</summary>
    public JsonElement? Own => _row.Field(OwnFields.Name);

    /// <summary>Names of the metrics that the row has a number for, the score's first.</summary>
    public IEnumerable<string> Metrics => ScoreMetrics.Concat(NamedMetrics).Distinct(StringComparer.Ordinal).Where(name => ValueOf(name) is not null);

    /// <summary>Names of the metrics in the order in which the row has them.</summary>
    public IEnumerable<string> NamedMetrics => _row.Field("metrics").Items().Select(metric => metric.Words()).OfType<string>();

    /// <summary>The score, 0 to 1.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is out of range; the message is a clause.</exception>
    public double Score
    {
        get
        {
            string name = Metrics.FirstOrDefault() ?? throw new InvalidDataException("has no score (\"acc\", \"exact_match\" or what \"metrics\" names)");
            double value = ValueOf(name)!.Value;
            return value is >= 0 and <= 1 ? value : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"has the score {value}; expected 0 to 1"));
        }
    }

    /// <summary>A metric's value; null where there is none that is a finite number or a truth.</summary>
    public double? ValueOf(string metric) => _row.Field(metric) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.FiniteNumber(),
        { ValueKind: JsonValueKind.True } => 1,
        { ValueKind: JsonValueKind.False } => 0,
        _ => null,
    };

    /// <summary>The requests of an item: a dictionary of <c>gen_args_0</c>, … with <c>arg_0</c> and <c>arg_1</c>, or, before 0.4.3, a list of lists.</summary>
    private static IEnumerable<(JsonElement Prompt, JsonElement? Argument)> RequestsOf(JsonElement row)
    {
        if (row.Field("arguments") is not { } arguments) yield break;
        IEnumerable<JsonElement> requests = arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject().Select(p => p.Value) : ((JsonElement?)arguments).Items();
        foreach (JsonElement request in requests)
        {
            JsonElement? prompt = request.Field("arg_0") ?? ((JsonElement?)request).Items().Cast<JsonElement?>().FirstOrDefault();
            JsonElement? argument = request.Field("arg_1") ?? ((JsonElement?)request).Items().Skip(1).Cast<JsonElement?>().FirstOrDefault();
            if (prompt is { } found) yield return (found, argument);
        }
    }

    /// <summary>Whether a response is a log-likelihood and whether its option is what the model would have written. Two written answers may be two numbers.</summary>
    private static bool IsLogLikelihood(JsonElement response) => response.ValueKind == JsonValueKind.Array && response.GetArrayLength() == 2 && Number(response) is not null
        && (response[1].ValueKind is JsonValueKind.True or JsonValueKind.False || response[1].Words() is "True" or "False");

    /// <summary>The first of a pair as Python writes it.</summary>
    private static double? Number(JsonElement pair) => pair[0].Words() switch
    {
        "-inf" => double.NegativeInfinity,
        "inf" => double.PositiveInfinity,
        { } words when double.TryParse(words, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) => value,
        _ => null,
    };
}
