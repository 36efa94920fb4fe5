using System.Text.Json.Serialization;
using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>What a question got and took: a line of <c>requests.jsonl</c>.</summary>
/// <param name="Time">When it ended, UTC.</param>
/// <param name="Request">The first 16 hexadecimal digits of a hash of address and question: equal questions, equal names.</param>
/// <param name="Attempts">Requests sent for it.</param>
/// <param name="Milliseconds">Time of the last one.</param>
/// <param name="PromptTokens">Tokens of the prompt over all attempts, as the endpoint counts; null where it does not say.</param>
/// <param name="CompletionTokens">Tokens of the answer, likewise.</param>
/// <param name="Output">The answer; null where there is none.</param>
/// <param name="FinishReason"><c>stop</c> or <c>length</c>; null where there is no answer.</param>
/// <param name="Failure">Why there is no answer; null where there is one.</param>
/// <param name="LogLikelihoods">Of the options, nats, where they were scored; null where they were not.</param>
public sealed record RequestRecord(
    DateTimeOffset Time, string Request, int Attempts, double Milliseconds, int? PromptTokens, int? CompletionTokens, string? Output, string? FinishReason, string? Failure,
    [property: JsonPropertyName("loglikelihoods"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? LogLikelihoods = null)
{
    private const string Stop = "stop", Length = "length";

    internal static RequestRecord Of(string request, Response response, DateTimeOffset time)
    {
        Usage usage = response.Usage!;
        var record = new RequestRecord(time, request, usage.Attempts, usage.Milliseconds, usage.PromptTokens, usage.CompletionTokens, null, null, response.Failure);
        return response.Failure is not null ? record
            : record with { Output = response.Text, FinishReason = response.FinishReason == Inference.FinishReason.Stop ? Stop : Length };
    }

    internal static RequestRecord Of(string request, double[]? values, string? reason, Usage usage, DateTimeOffset time) =>
        new(time, request, usage.Attempts, usage.Milliseconds, usage.PromptTokens, usage.CompletionTokens, null, null, reason, values);

    /// <summary>The answer again; null where there is none.</summary>
    internal Response? ToResponse() => Output is null || FinishReason is not (Stop or Length) ? null
        : new Response(Output, FinishReason == Stop ? Inference.FinishReason.Stop : Inference.FinishReason.Length) { Usage = new Usage(PromptTokens, CompletionTokens, Milliseconds, Attempts) };
}
