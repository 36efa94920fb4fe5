using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>Whole JSON files of other programs.</summary>
internal static class ForeignJson
{
    /// <summary>A file that holds one object.</summary>
    /// <exception cref="InvalidDataException">It cannot be read or is something else.</exception>
    public static JsonElement ReadObject(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, JsonLines.Once);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object ? root.Clone() : throw new InvalidDataException($"{path} holds {JsonLines.Kind(root)}; expected one JSON object.");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{path} has a field whose name holds half of a surrogate pair, which is no character. Get the file again.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {JsonSyntax.Reason(bytes, e, JsonSyntax.DefaultMaxDepth)}. Get the file again.", e);
        }
    }

    /// <summary>The field of an object; null where it is absent, null, or the value is no object.</summary>
    public static JsonElement? Field(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement field) && field.ValueKind != JsonValueKind.Null ? field : null;

    /// <summary>All fields of an object that are not null, to be looked up in constant time; none where the value is no object.</summary>
    public static Dictionary<string, JsonElement> Fields(this JsonElement? value) => value is { ValueKind: JsonValueKind.Object } fields
        ? fields.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null).ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal) : [];

    /// <summary>A text as it is, the first of a list, or a number's or a truth's own words; null for nothing.</summary>
    public static string? Words(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => WellFormed(value),
        JsonValueKind.Array => value.GetArrayLength() == 0 ? null : value[0].Words(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => value.GetRawText(),
    };

    /// <summary>A finite number; null for anything else.</summary>
    public static double? FiniteNumber(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>A whole number from 0 on; null for anything else.</summary>
    public static int? Count(this JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count >= 0 ? count : null;

    /// <summary>Items of an array; none for anything else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement? value) => value is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>A prompt: a text, or a list of messages (a text that holds such a list, too), with roles as we call them.</summary>
    public static (string? Text, ChatMessage[] Messages) Prompt(this JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array && MessagesOf(value) is { } messages) return (null, messages);
        string text = value.Words() ?? "";
        if (text.StartsWith("[{\"role\"", StringComparison.Ordinal))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                if (MessagesOf(document.RootElement) is { } inner) return (null, inner);
            }
            catch (JsonException)
            {
                // a text that only begins like a list of messages
            }
        }
        return (text, [new ChatMessage("user", text)]);
    }

    private static ChatMessage[]? MessagesOf(JsonElement list)
    {
        ChatMessage?[] messages = [.. list.EnumerateArray().Select(MessageOf)];
        return messages.Length == 0 || messages.Any(m => m is null) ? null : [.. messages.OfType<ChatMessage>()];
    }

    private static ChatMessage? MessageOf(JsonElement message)
    {
        string? role = message.Field("role")?.Words(), content = (message.Field("content") ?? message.Field("prompt"))?.Words();
        if (string.IsNullOrWhiteSpace(role) || content is null) return null;
        return new ChatMessage(role switch { "HUMAN" => "user", "BOT" => "assistant", "SYSTEM" => "system", _ => role }, content);
    }

    private static string WellFormed(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("has half of a surrogate pair in a text, which is no character", e);
        }
    }
}
