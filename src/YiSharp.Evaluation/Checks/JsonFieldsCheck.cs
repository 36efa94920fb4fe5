using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>
/// A JSON object in the answer has every field of the expected one, with an equal value; what else it has does not matter. Of several objects that differ the last one is
/// read, as a guess: models like to repeat what they were given before they answer. An answer without an object has not the form asked for.
/// </summary>
internal sealed class JsonFieldsCheck : AnswerCheck
{
    private readonly JsonElement _answer;

    private JsonFieldsCheck(JsonElement answer) => _answer = answer;

    /// <summary>The check for an expected object; null when the text is none, or one without fields, which any answer would hold.</summary>
    public static JsonFieldsCheck? TryCreate(string answer) => JsonObjects.ParseExpected(answer) is { } expected && expected.EnumerateObject().Any() ? new JsonFieldsCheck(expected) : null;

    public override Prediction Judge(string output)
    {
        (JsonElement Value, int From, int To)[] all = [.. JsonObjects.In(output)];
        if (all.Length == 0) return Prediction.NothingFound;
        (JsonElement found, int from, int to) = all[^1];
        bool isOnly = all[..^1].All(other => JsonObjects.Equal(other.Value, found));
        return new Prediction(output[from..to], isOnly ? "json_object" : "last_json_object", JsonObjects.Holds(found, _answer)) { Span = (from, to), IsLowConfidence = !isOnly };
    }
}
