using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>
/// The whole answer is one JSON object equal to the expected one: same keys with equal values, in any order; 1970 equals 1970.0 but not "1970". Anything but a JSON
/// object has not the form asked for.
/// </summary>
internal sealed class JsonCheck : AnswerCheck
{
    private readonly JsonElement _answer;

    private JsonCheck(JsonElement answer) => _answer = answer;

    /// <summary>The check for an expected object; null when the text is none.</summary>
    public static JsonCheck? TryCreate(string answer) => TryParse(answer) is { } expected ? new JsonCheck(expected) : null;

    public override Prediction Judge(string output)
    {
        string text = output.Trim();
        return TryParse(text) is { } found ? new Prediction(text, "json_object", Equal(found, _answer)) : Prediction.NothingFound;
    }

    private static bool Equal(JsonElement found, JsonElement expected)
    {
        try
        {
            return JsonElement.DeepEquals(found, expected);
        }
        catch (InvalidOperationException)
        {
            return false; // an escape names half of a surrogate pair, which no expected text holds
        }
    }

    private static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException) // ArgumentException: half of a surrogate pair
        {
            return null;
        }
    }
}
