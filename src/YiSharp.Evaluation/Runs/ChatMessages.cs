using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>The <c>messages</c> of a row.</summary>
internal static class ChatMessages
{
    /// <exception cref="InvalidDataException">There are none, or one is not a role with content; the message is a clause.</exception>
    public static ChatMessage[] Parse(JsonElement row)
    {
        if (!row.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
            throw new InvalidDataException("has no \"messages\"; expected an array of role and content");
        return
        [
            .. messages.EnumerateArray().Select((message, i) => message.ValueKind == JsonValueKind.Object
                ? new ChatMessage(JsonLines.Text(message, "role"), JsonLines.OptionalText(message, "content") ?? throw new InvalidDataException($"has no \"content\" in messages[{i}]"))
                : throw new InvalidDataException($"has {JsonLines.Kind(message)} as messages[{i}]; expected an object with role and content")),
        ];
    }
}
