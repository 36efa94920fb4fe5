using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>What a question took: a line of <c>requests.jsonl</c>.</summary>
/// <param name="Time">When it ended, UTC.</param>
/// <param name="Request">The first 16 hexadecimal digits of the SHA-256 of what was sent: equal questions, equal names.</param>
/// <param name="Attempts">Requests sent for it.</param>
/// <param name="Milliseconds">Time of the last one.</param>
/// <param name="PromptTokens">Tokens of the prompt over all attempts, as the endpoint counts; null where it does not say.</param>
/// <param name="CompletionTokens">Tokens of the answer, likewise.</param>
/// <param name="Failure">Why there is no answer, or null.</param>
public sealed record RequestRecord(DateTimeOffset Time, string Request, int Attempts, double Milliseconds, int? PromptTokens, int? CompletionTokens, string? Failure)
{
    internal static RequestRecord Of(string requestName, Response response, DateTimeOffset time) =>
        new(time, requestName, response.Usage!.Attempts, response.Usage.Milliseconds, response.Usage.PromptTokens, response.Usage.CompletionTokens, response.Failure);
}
