using System.Text.Json;
using YiSharp.Inference;

namespace YiSharp.Evaluation;

/// <summary>The fields <c>output</c>, <c>finish_reason</c> and <c>failure</c> of what a model said.</summary>
internal static class ResponseJson
{
    public static void Write(Utf8JsonWriter json, Response response)
    {
        json.WriteString("output", response.Text);
        json.WriteString("finish_reason", response.FinishReason == FinishReason.Stop ? "stop" : "length");
        if (response.Failure is not null) json.WriteString("failure", response.Failure);
    }

    /// <exception cref="InvalidDataException">They are not there; the message is a clause.</exception>
    public static Response Parse(JsonElement row)
    {
        FinishReason reason = JsonLines.Text(row, "finish_reason") switch
        {
            "stop" => FinishReason.Stop,
            "length" => FinishReason.Length,
            string other => throw new InvalidDataException($"has the finish_reason \"{other}\"; expected stop or length"),
        };
        return new Response(JsonLines.OptionalText(row, "output") ?? throw new InvalidDataException("has no \"output\"; expected a text"), reason) { Failure = JsonLines.OptionalText(row, "failure") };
    }
}
