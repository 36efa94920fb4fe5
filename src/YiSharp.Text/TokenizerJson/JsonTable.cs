using System.Text;
using YiSharp.Text.Regex;

namespace YiSharp.Text;

/// <summary>What the readers of tokenizer.json's components share.</summary>
internal static class JsonTable
{
    private const int MostSteps = 64, LongestContent = 1024;

    /// <summary>The row of a kind, or a refusal that lists the kinds.</summary>
    public static T Row<T>(Dictionary<string, T> table, string type, JsonField field) =>
        table.TryGetValue(type, out T? row) ? row : throw Unknown(field, JsonField.Quote(type), string.Join(", ", table.Keys));

    /// <summary>The row of a component's <c>type</c>; sequences are taken apart by <see cref="Steps"/>.</summary>
    public static T Row<T>(Dictionary<string, T> table, JsonField component)
    {
        string type = component["type"].String();
        return table.TryGetValue(type, out T? row) ? row : throw Unknown(component["type"], JsonField.Quote(type), string.Join(", ", ["Sequence", .. table.Keys]));
    }

    public static NotSupportedException Unknown(JsonField field, string found, string known) =>
        new(field.Fail($"asks for {found}, which this version does not know; known: {known}").Message);

    /// <summary>A component's steps in their order: those of a <c>Sequence</c>, and of sequences in it, or the component alone.</summary>
    /// <param name="field">The component.</param>
    /// <param name="list">The name of a sequence's list.</param>
    public static JsonField[] Steps(JsonField field, string list)
    {
        JsonField[] steps = [.. Flatten(field, list).Take(MostSteps + 1)];
        return steps.Length <= MostSteps ? steps : throw field.Fail($"has more than {MostSteps} steps; expected fewer");
    }

    private static IEnumerable<JsonField> Flatten(JsonField field, string list) =>
        field["type"].String() == "Sequence" ? field[list].Items().SelectMany(step => Flatten(step, list)) : [field];

    /// <summary>A string that is written into every text, so not a long one.</summary>
    public static string Content(JsonField field)
    {
        string content = field.String();
        return content.Length <= LongestContent ? content : throw field.Fail($"has {content.Length} characters; expected at most {LongestContent}");
    }

    /// <summary>A string of one code point.</summary>
    public static Rune Character(JsonField field)
    {
        string text = field.String();
        return Rune.DecodeFromUtf16(text, out Rune rune, out int length) == System.Buffers.OperationStatus.Done && length == text.Length ? rune : throw field.Wrong("one character");
    }

    /// <summary>A whole number from a bound on.</summary>
    public static int Count(JsonField field, int min)
    {
        int count = field.Integer();
        return count >= min ? count : throw field.Wrong(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{min} or more"));
    }

    /// <summary>A <c>pattern</c>: <c>{"String": …}</c>, which is also returned, or <c>{"Regex": …}</c>.</summary>
    public static (ITextFinder Finder, string? Literal) Pattern(JsonField field)
    {
        if (field.Kind != System.Text.Json.JsonValueKind.Object) throw field.Wrong("""{"String": "…"} or {"Regex": "…"}""");
        JsonField regex = field["Regex"], literal = field["String"];
        if (regex.IsNull == literal.IsNull) throw field.Fail("""has not exactly one of String and Regex; expected {"String": "…"} or {"Regex": "…"}""");
        if (regex.IsNull && literal.String() is { Length: > 0 } text) return (new LiteralFinder(text), text);
        string pattern = regex.IsNull ? "" : regex.String();
        try
        {
            return (new Pattern(pattern), null);
        }
        catch (PatternException e)
        {
            InvalidDataException complaint = regex.Fail($"is {JsonField.Quote(pattern)}, which {e.Message}");
            throw e.IsUnknown ? new NotSupportedException(complaint.Message) : complaint;
        }
    }
}
