using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>The field <c>span</c>: UTF-16 positions [from, to) in an output.</summary>
internal static class SpanJson
{
    private const string Name = "span";

    public static void Write(Utf8JsonWriter json, (int From, int To)? span)
    {
        if (span is not (int from, int to)) return;
        json.WriteStartArray(Name);
        json.WriteNumberValue(from);
        json.WriteNumberValue(to);
        json.WriteEndArray();
    }

    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    public static (int From, int To)? Parse(JsonElement row)
    {
        double[]? span = JsonLines.OptionalNumbers(row, Name);
        if (span is null) return null;
        if (span.Length != 2 || span.Any(end => end != Math.Floor(end) || end is < 0 or > int.MaxValue)) throw new InvalidDataException($"has a \"{Name}\" that is not two whole numbers from 0 on");
        return ((int)span[0], (int)span[1]);
    }
}
