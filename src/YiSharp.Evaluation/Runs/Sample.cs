using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>One question, what the model said, and how it was judged: a line of <c>samples.jsonl</c>.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Item">The question's place in the task, 0-based.</param>
/// <param name="Messages">The prompt.</param>
/// <param name="Answer">What a right answer holds.</param>
/// <param name="Response">What the model said.</param>
/// <param name="Prediction">What was read out of it.</param>
public sealed record Sample(string Task, int Item, IReadOnlyList<ChatMessage> Messages, string Answer, Response Response, Prediction Prediction)
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "samples.jsonl";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file of samples.</summary>
    /// <exception cref="InvalidDataException">It is not there or not of samples.</exception>
    public static IReadOnlyList<Sample> ReadAll(string path) => JsonLines.Read(path, "\"task\", \"item\", \"messages\" and \"output\"", Parse);

    /// <summary>The sample as one line of JSON, without the line end.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("task", Task);
            json.WriteNumber("item", Item);
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
            json.WriteString("output", Response.Text);
            json.WriteString("finish_reason", Response.FinishReason == FinishReason.Stop ? "stop" : "length");
            json.WriteString("extracted", Prediction.Extracted);
            json.WriteString("rule", Prediction.Rule);
            json.WriteBoolean("correct", Prediction.Correct);
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
        FinishReason reason = JsonLines.Text(row, "finish_reason") switch
        {
            "stop" => FinishReason.Stop,
            "length" => FinishReason.Length,
            string other => throw new InvalidDataException($"has the finish_reason \"{other}\"; expected stop or length"),
        };
        var prediction = new Prediction(JsonLines.OptionalText(row, "extracted"), JsonLines.OptionalText(row, "rule"), correct.GetBoolean());
        var response = new Response(JsonLines.OptionalText(row, "output") ?? throw new InvalidDataException("has no \"output\"; expected a text"), reason);
        return new Sample(JsonLines.Text(row, "task"), index, ChatMessages.Parse(row), JsonLines.OptionalText(row, "answer") ?? "", response, prediction);
    }
}
