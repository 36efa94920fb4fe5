using System.Text;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>JSON objects in a model's words.</summary>
internal static class JsonObjects
{
    /// <summary>Most places at which a text is looked at for an object: one that begins more of them without an end is no answer, and each costs an exception.</summary>
    private const int MostAttempts = 4096;

    /// <summary>The object that a text is, space around it aside; null when it is none.</summary>
    public static JsonElement? Parse(string text) => Parse(text, default);

    /// <summary>The same of an answer that somebody wrote down to be looked for: null, too, where a name stands twice.</summary>
    public static JsonElement? ParseExpected(string text) => Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });

    private static JsonElement? Parse(string text, JsonDocumentOptions options)
    {
        try
        {
            using var document = JsonDocument.Parse(text, options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException) // the latter two: half of a surrogate pair
        {
            return null;
        }
    }

    /// <summary>Every whole object that stands in a text and not within another, with its UTF-16 positions [From, To).</summary>
    /// <remarks>Linear in the text: a reader goes at most 64 levels deep, so no byte is read more often than that.</remarks>
    public static IEnumerable<(JsonElement Value, int From, int To)> In(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int chars = 0, counted = 0, attempts = 0;
        for (int at = 0; at < bytes.Length && attempts < MostAttempts; at++)
        {
            if (bytes[at] != (byte)'{') continue;
            attempts++;
            if (TryRead(bytes, at, out int end) is not { } value) continue;
            int from = chars + Encoding.UTF8.GetCharCount(bytes, counted, at - counted), to = from + Encoding.UTF8.GetCharCount(bytes, at, end - at);
            (chars, counted) = (to, end);
            at = end - 1;
            yield return (value, from, to);
        }
    }

    /// <summary>Whether two values are the same: objects with the same keys in any order, numbers by value.</summary>
    public static bool Equal(JsonElement found, JsonElement expected) => NoHalfCharacters(() => JsonElement.DeepEquals(found, expected));

    /// <summary>Whether every field of an expected object is there with the same value, objects within compared alike; other fields do not matter.</summary>
    public static bool Holds(JsonElement found, JsonElement expected) => NoHalfCharacters(() => HoldsFields(found, expected));

    private static bool HoldsFields(JsonElement found, JsonElement expected)
    {
        if (expected.ValueKind != JsonValueKind.Object) return JsonElement.DeepEquals(found, expected);
        return found.ValueKind == JsonValueKind.Object && expected.EnumerateObject().All(field => found.TryGetProperty(field.Name, out JsonElement value) && HoldsFields(value, field.Value));
    }

    private static bool NoHalfCharacters(Func<bool> compare)
    {
        try
        {
            return compare();
        }
        catch (InvalidOperationException)
        {
            return false; // an escape names half of a surrogate pair, which no expected text holds
        }
    }

    private static JsonElement? TryRead(byte[] bytes, int start, out int end)
    {
        var reader = new Utf8JsonReader(bytes.AsSpan(start));
        try
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            end = start + (int)reader.BytesConsumed;
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            end = start;
            return null;
        }
    }
}
