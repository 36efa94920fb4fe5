using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;

namespace YiSharp.Evaluation;

/// <summary>JSON lines: one object a line, blank lines skipped.</summary>
internal static class JsonLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A name that stands twice is a slip of whoever wrote the row, and one of its values would be lost.</summary>
    public static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    /// <summary>Reads every row of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What a row holds, for the message about a file without rows.</param>
    /// <param name="parse">Turns an object into a row; throws <see cref="InvalidDataException"/> with a clause that says what is wrong.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, holds no row, or rows are bad; all are listed.</exception>
    public static List<T> Read<T>(string path, string expected, Func<JsonElement, T> parse) => Read(path, expected, (row, _) => parse(row));

    /// <summary>The same where a row needs to know its line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What a row holds, for the message about a file without rows.</param>
    /// <param name="parse">Turns an object and its line, 1-based, into a row.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static List<T> Read<T>(string path, string expected, Func<JsonElement, int, T> parse)
    {
        var rows = new List<T>();
        var bad = new List<BadRow>();
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                rows.Add(parse(ParseObject(line), number));
            }
            catch (InvalidDataException e)
            {
                bad.Add(new BadRow(number, e.Message));
            }
        }
        if (bad.Count > 0) throw Unusable(path, bad, rows.Count + bad.Count);
        if (rows.Count == 0) throw new InvalidDataException($"{path} holds no row; expected one JSON object a line with {expected}.");
        return rows;
    }

    /// <summary>The error about rows that cannot be used, which lists them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bad">The rows.</param>
    /// <param name="count">How many rows the file has.</param>
    public static InvalidDataException Unusable(string path, IReadOnlyList<BadRow> bad, int count) =>
        new($"{path}: {bad.Count} of {count} rows cannot be used; correct or remove them.\n  {string.Join("\n  ", bad)}");

    /// <summary>Reads row after row, holding one at a time; a bad one ends it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Turns an object into a row; throws <see cref="InvalidDataException"/> with a clause that says what is wrong.</param>
    /// <param name="remedy">What to do about a bad row, a sentence.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, or a row is bad; with its number.</exception>
    public static IEnumerable<T> Stream<T>(string path, Func<JsonElement, T> parse, string remedy)
    {
        int number = 0;
        foreach (string line in OneByOne(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            T row;
            try
            {
                row = parse(ParseObject(line));
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{path}: line {number} {e.Message}. {remedy}", e);
            }
            yield return row;
        }
    }

    /// <summary>A line as an object.</summary>
    /// <exception cref="InvalidDataException">It is none; the message is a clause.</exception>
    public static JsonElement ParseObject(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Once);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"is {Kind(document.RootElement)}; expected an object");
            return document.RootElement.Clone();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("has a field whose name holds half of a surrogate pair, which is no character", e);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"is not valid JSON{(e is JsonException json ? $": {JsonSyntax.Reason(Encoding.UTF8.GetBytes(line), json, JsonSyntax.DefaultMaxDepth)}" : "")}", e);
        }
    }

    /// <summary>A field that must be text.</summary>
    /// <exception cref="InvalidDataException">It is absent, empty or something else; the message is a clause.</exception>
    public static string Text(JsonElement row, string name)
    {
        string? text = OptionalText(row, name);
        return string.IsNullOrWhiteSpace(text) ? throw new InvalidDataException($"has no \"{name}\"; expected a text") : text;
    }

    /// <summary>A field that may be absent or null, or is text.</summary>
    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    public static string? OptionalText(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) throw new InvalidDataException($"has {Kind(value)} as \"{name}\"; expected a text");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"has half of a surrogate pair in \"{name}\", which is no character", e);
        }
    }

    /// <summary>A field that may be absent or null, or is a finite number.</summary>
    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    public static double? OptionalNumber(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !double.IsFinite(number)) throw new InvalidDataException($"has {Kind(value)} as \"{name}\"; expected a number");
        return number;
    }

    /// <summary>A field that may be absent or null, or is an array of finite numbers.</summary>
    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    public static double[]? OptionalNumbers(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"has {Kind(value)} as \"{name}\"; expected an array of numbers");
        return [.. value.EnumerateArray().Select(number => number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out double finite) && double.IsFinite(finite)
            ? finite : throw new InvalidDataException($"has {Kind(number)} in \"{name}\"; expected numbers"))];
    }

    /// <summary>A field that may be absent or null, or is an array of texts.</summary>
    /// <exception cref="InvalidDataException">It is something else; the message is a clause.</exception>
    public static string[]? OptionalTexts(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"has {Kind(value)} as \"{name}\"; expected an array of texts");
        return [.. value.EnumerateArray().Select(text => text.ValueKind == JsonValueKind.String ? text.Words()! : throw new InvalidDataException($"has {Kind(text)} in \"{name}\"; expected texts"))];
    }

    /// <summary>What a value is, in words.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private static string[] Lines(string path) => Reading(path, () => File.ReadAllLines(path, StrictUtf8));

    /// <summary>The lines of a file, holding one at a time.</summary>
    /// <exception cref="InvalidDataException">While enumerating: the file cannot be read, or is not UTF-8.</exception>
    public static IEnumerable<string> OneByOne(string path)
    {
        using StreamReader reader = Reading(path, () => new StreamReader(path, StrictUtf8));
        while (Reading(path, reader.ReadLine) is { } line) yield return line;
    }

    private static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} is not UTF-8 at byte {e.Index}; expected JSON lines in UTF-8.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {(e is UnauthorizedAccessException ? "it is a folder or access is denied" : "there is no such file")}; expected a file of JSON lines.", e);
        }
    }
}
