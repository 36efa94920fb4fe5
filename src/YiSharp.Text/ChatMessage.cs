using System.Text.Json;

namespace YiSharp.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: system, user or assistant.</param>
/// <param name="Content">What is said; control tokens written in it are text.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>The whole message where it came as JSON, with whatever else a template may look at (<c>tool_calls</c>, <c>name</c>, parts); otherwise null.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>A message from its JSON object.</summary>
    /// <exception cref="ArgumentException">It is not an object with a role.</exception>
    public static ChatMessage FromJson(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out JsonElement role) || role.ValueKind != JsonValueKind.String)
            throw new ArgumentException("A message is not an object with a \"role\"; expected {\"role\": \"user\", \"content\": …}.", nameof(message));
        string content = message.TryGetProperty("content", out JsonElement value) && value.ValueKind == JsonValueKind.String ? JsonText.Read(value) : "";
        return new ChatMessage(JsonText.Read(role), content) { Json = message };
    }
}
