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
    public static JsonCheck? TryCreate(string answer) => JsonObjects.ParseExpected(answer) is { } expected ? new JsonCheck(expected) : null;

    public override Prediction Judge(string output)
    {
        string text = output.Trim();
        return JsonObjects.Parse(text) is { } found ? new Prediction(text, "json_object", JsonObjects.Equal(found, _answer)) : Prediction.NothingFound;
    }
}
