using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>Rows in JSON: an array of objects, an object with such an array in <c>examples</c>, or one object a line.</summary>
internal static class JsonTable
{
    private const string Examples = "examples";

    /// <summary>Reads the rows of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="InvalidDataException">It is not JSON of one of the three kinds.</exception>
    public static IEnumerable<TableRow> Read(string path, string text) =>
        Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase) || IsLines(text) ? Lines(path, text) : Whole(path, text);

    /// <summary>Whether the first line is an object by itself, with more behind it.</summary>
    private static bool IsLines(string text)
    {
        int end = text.AsSpan().TrimEnd().IndexOf('\n');
        if (end < 0 || !text.AsSpan().TrimStart().StartsWith("{")) return false;
        try
        {
            using var first = JsonDocument.Parse(text.AsMemory(0, end));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<TableRow> Lines(string path, string text)
    {
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            string place = $"{path}, line {number},";
            using JsonDocument document = Parse(place, line);
            yield return Row(place, document.RootElement);
        }
    }

    private static IEnumerable<TableRow> Whole(string path, string text)
    {
        using JsonDocument document = Parse(path, text);
        JsonElement rows = document.RootElement;
        if (rows.ValueKind == JsonValueKind.Object && rows.TryGetProperty(Examples, out JsonElement examples)) rows = examples;
        if (rows.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"{path} holds no rows; expected an array of objects, \"{Examples}\" with such an array, or an object a line.");
        int number = 0;
        foreach (JsonElement row in rows.EnumerateArray()) yield return Row($"{path}, row {++number},", row);
    }

    private static JsonDocument Parse(string place, string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{place} is not valid JSON{(e is JsonException { LineNumber: { } line } ? $" (line {line + 1} of it)" : "")}; the file may be cut off.", e);
        }
    }

    private static TableRow Row(string place, JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{place} is {JsonLines.Kind(row)}; expected an object.");
        var cells = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        Add(place, cells, "", row);
        return new TableRow(place, cells);
    }

    private static void Add(string place, Dictionary<string, object?> cells, string prefix, JsonElement row)
    {
        foreach (JsonProperty field in row.EnumerateObject())
        {
            string name = prefix + Name(place, field);
            if (field.Value.ValueKind == JsonValueKind.Object) Add(place, cells, name + ".", field.Value);
            else cells[name] = Cell(place, name, field.Value);
        }
    }

    private static object? Cell(string place, string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf(place, name, value),
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole : value.TryGetDouble(out double number) ? number : null,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Array => value.EnumerateArray().Select(element => Cell(place, name, element)).ToArray(),
        JsonValueKind.Object => value.Clone(),
        _ => null,
    };

    private static string Name(string place, JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{place} has half of a surrogate pair in a field's name, which is no character.", e);
        }
    }

    private static string TextOf(string place, string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{place} has half of a surrogate pair in \"{name}\", which is no character.", e);
        }
    }
}
