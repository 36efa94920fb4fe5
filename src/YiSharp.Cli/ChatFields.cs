using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>Messages and tools of a line.</summary>
internal static class ChatFields
{
    private static readonly string[] Saying = ["content", "tool_calls", "function_call", "reasoning_content", "thinking", "tool_responses"];

    /// <summary>The field <c>messages</c>, which is there.</summary>
    /// <exception cref="ArgumentException">One of them is no message.</exception>
    public static ChatMessage[] Messages(JsonFields fields)
    {
        JsonElement list = fields.List("messages")!.Value;
        var messages = new ChatMessage[list.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            try
            {
                messages[index] = ChatMessage.FromJson(item);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or InvalidDataException)
            {
                throw new ArgumentException($"Message {index + 1}: {e.Message}", e);
            }
            if (item.TryGetProperty("content", out JsonElement content) && content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Null))
            {
                throw new ArgumentException($"Message {index + 1} has a content that is {JsonFields.Describe(content)}; a string, a list of parts or null was expected.");
            }
            if (!HasContent(item)) throw new ArgumentException($"Message {index + 1} has no content; {{\"role\": \"{messages[index].Role}\", \"content\": \"…\"}} was expected.");
            index++;
        }
        return messages;
    }

    /// <summary>Something that a template can say of a message; calls and thoughts stand without a text.</summary>
    private static bool HasContent(JsonElement message) =>
        Saying.Any(name => message.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null);

    /// <summary>The field <c>tools</c>; null when absent.</summary>
    public static JsonElement? Tools(JsonFields fields) => fields.List("tools");
}
