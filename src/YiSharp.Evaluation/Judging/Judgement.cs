using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>What another model said of an answer: the field <c>judge</c> of a sample.</summary>
/// <param name="Prompt">What it was asked.</param>
/// <param name="Response">What it said.</param>
public sealed record Judgement(string Prompt, Response Response)
{
    private const string Name = "judge";

    /// <summary>Where in its words the verdict stands: UTF-16 positions [from, to); null where there is none.</summary>
    public (int From, int To)? Span { get; init; }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Name);
        json.WriteString("prompt", Prompt);
        ResponseJson.Write(json, Response);
        SpanJson.Write(json, Span);
        json.WriteEndObject();
    }

    /// <summary>That of a sample's line; null where it has none.</summary>
    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    internal static Judgement? Parse(JsonElement row)
    {
        if (!row.TryGetProperty(Name, out JsonElement judge) || judge.ValueKind == JsonValueKind.Null) return null;
        if (judge.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"has {JsonLines.Kind(judge)} as \"{Name}\"; expected an object");
        return new Judgement(JsonLines.OptionalText(judge, "prompt") ?? "", ResponseJson.Parse(judge)) { Span = SpanJson.Parse(judge) };
    }
}
