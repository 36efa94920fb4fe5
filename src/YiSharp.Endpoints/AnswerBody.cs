using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Endpoints;

/// <summary>The body of an endpoint's answer.</summary>
internal static partial class AnswerBody
{
    private const string NoMessage = "without a message";

    /// <summary>Reads a body that came with a status of success. What makes no sense may do so the next time.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="contentType">The header, or null where it is absent.</param>
    /// <param name="request">What was asked.</param>
    public static Attempt Read(ReadOnlyMemory<byte> body, string? contentType, EndpointRequest request)
    {
        try
        {
            if (contentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == false) throw new InvalidDataException($"is of type {Excerpt.Of(contentType)}; expected application/json");
            using JsonDocument document = Parse(body);
            JsonElement root = document.RootElement;
            return ReadChoice(root, request) with { PromptTokens = Count(root, "prompt_tokens"), CompletionTokens = Count(root, "completion_tokens") };
        }
        catch (InvalidDataException e)
        {
            return new Attempt(Verdict.TryAgain, $"The endpoint's answer {e.Message}.");
        }
    }

    /// <summary>Reads a body that came with a status of error; it may be anything.</summary>
    public static EndpointError ReadError(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = Parse(body);
            return Error(document.RootElement) ?? new EndpointError(Member(document.RootElement, "message") is { } message ? Excerpt.Of(message) : null);
        }
        catch (InvalidDataException)
        {
            return default; // a page of a proxy's, most often: the status says enough
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8)) body = body["\uFEFF"u8.Length..];
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty) throw new InvalidDataException("is empty");
        if (!Utf8.IsValid(body.Span)) throw new InvalidDataException("is not UTF-8");
        try
        {
            JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            throw new InvalidDataException("is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"is no JSON, or not all of it ({body.Length} bytes)", e);
        }
    }

    private static Attempt ReadChoice(JsonElement root, EndpointRequest request)
    {
        if (Error(root) is { } error) throw new InvalidDataException($"is an error: {error.Message}");
        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0 || choices[0].ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("has no \"choices\"");
        JsonElement choice = choices[0], holder = choice;
        if (request.IsEcho) return ReadEcho(root, choice);
        if (request.IsChat && (!choice.TryGetProperty("message", out holder) || holder.ValueKind != JsonValueKind.Object)) throw new InvalidDataException("has no \"message\" in choices[0]");

        string? finish = Member(choice, "finish_reason"), text = Member(holder, request.IsChat ? "content" : "text");
        if (finish == "content_filter") return new Attempt(Verdict.QuestionFails, "The endpoint's filter held the answer back.");
        if (finish == "error") throw new InvalidDataException("ended with an error at the model's provider");
        if (text is null && Member(holder, "refusal") is { } refusal) return new Attempt(Verdict.QuestionFails, $"The endpoint refused to answer: {Excerpt.Of(refusal)}");
        if (text is null) throw new InvalidDataException($"has no text (\"{(request.IsChat ? "message.content" : "text")}\" in choices[0] is absent, null or of another kind)");

        bool isCutOff = finish is "length" or "max_tokens";
        // a stop text at the very beginning, or a limit that was spent on thoughts, leaves nothing to show
        if (text.Length == 0 && !isCutOff && request.Stops.Count == 0) throw new InvalidDataException("has an empty text");
        return new Attempt(Verdict.Answered, "") { Response = new Response(text, isCutOff ? FinishReason.Length : FinishReason.Stop).CutAt(request.Stops) };
    }

    /// <summary>Reads the log-probabilities of the prompt's tokens; some servers leave the prompt out, and give those of what they write.</summary>
    private static Attempt ReadEcho(JsonElement root, JsonElement choice)
    {
        if (!choice.TryGetProperty("logprobs", out JsonElement logProbs) || logProbs.ValueKind != JsonValueKind.Object
            || !logProbs.TryGetProperty("token_logprobs", out JsonElement values) || values.ValueKind != JsonValueKind.Array)
            return new Attempt(Verdict.QuestionFails, "The endpoint's answer has no log-probabilities of the prompt's tokens.");
        int count = values.GetArrayLength(), tokens = Count(root, "prompt_tokens") ?? count - 1;
        if (tokens < 1 || tokens > count) return new Attempt(Verdict.QuestionFails, $"The endpoint's answer has log-probabilities of {count} tokens, not those of the prompt.");
        double[] prompt = [.. values.EnumerateArray().Take(tokens).Select(value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : double.NaN)];
        return new Attempt(Verdict.Answered, "") { PromptLogProbs = prompt };
    }

    /// <summary>The <c>error</c> of a body: an object with message and code, or a text.</summary>
    private static EndpointError? Error(JsonElement root)
    {
        if (!root.TryGetProperty("error", out JsonElement error) || error.ValueKind is JsonValueKind.Null or JsonValueKind.False) return null;
        return error.ValueKind == JsonValueKind.Object
            ? new EndpointError(Excerpt.Of(Member(error, "message") ?? NoMessage), Member(error, "code") ?? Member(error, "type"), Member(error, "param"))
            : new EndpointError(Excerpt.Of(Text(error) ?? NoMessage));
    }

    private static int? Count(JsonElement root, string name) =>
        root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count >= 0 ? count : null;

    private static string? Member(JsonElement holder, string name) => holder.TryGetProperty(name, out JsonElement value) ? Text(value) : null;

    /// <summary>A string, with U+FFFD for an escaped half of a surrogate pair: a limit of tokens may cut a character in two. Null for what is none.</summary>
    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            string repaired = EscapedSurrogates().Replace(value.GetRawText(), match => match.Groups["half"].Success ? @"\ufffd" : match.Value);
            return JsonSerializer.Deserialize<string>(repaired);
        }
    }

    [GeneratedRegex(@"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex EscapedSurrogates();
}
