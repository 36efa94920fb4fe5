using System.Globalization;
using System.Text;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>A JSON object in a file, whose fields are read with messages that name file, field, what was found and what was expected.</summary>
internal sealed class JsonFile
{
    private const long MaxLengthBytes = 64L << 20;
    private const int MaxDepth = 64;
    private const int MaxShown = 80;
    private const int MaxReasonShown = 250;
    private readonly JsonElement _root;

    private JsonFile(string path, JsonElement root) => (Path, _root) = (path, root);

    /// <summary>Where the file lies; for an object inside a file also the field's name.</summary>
    public string Path { get; }

    /// <summary>Reads a whole file, which must hold one JSON object.</summary>
    public static JsonFile Read(string path)
    {
        byte[] bytes;
        try
        {
            var info = new FileInfo(RealPath.Of(path));
            if (info.Length == 0) throw new InvalidDataException($"{path} is empty; a JSON object was expected. Fetch the file again.");
            if (info.Length > MaxLengthBytes) throw new InvalidDataException($"{path} has {info.Length} bytes; a JSON file of at most {MaxLengthBytes} bytes was expected. It may be another file under this name.");
            bytes = File.ReadAllBytes(info.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} could not be read: {e.Message} Check that it exists and may be read.", e);
        }
        return Parse(path, bytes);
    }

    /// <summary>Parses bytes that came from <paramref name="path"/>.</summary>
    public static JsonFile Parse(string path, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            RequireUnicode(path, bytes.Span);
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{path} holds a JSON {Kind(document.RootElement)}; a JSON object was expected. It may be another file under this name.");
            }
            return new JsonFile(path, document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            string reason = e is JsonException json ? JsonSyntax.Reason(bytes.Span, json, MaxDepth) : Shorten(e.Message, MaxReasonShown);
            throw new InvalidDataException($"{path} is not valid JSON: {reason}. Repair it or fetch it again.", e);
        }
    }

    /// <summary>The fields in the file's order.</summary>
    public IEnumerable<JsonProperty> Fields => _root.EnumerateObject();

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string field) => TryGet(field, out _);

    /// <summary>A field's value as it is written, shortened for a message.</summary>
    public string Shown(string field) => _root.TryGetProperty(field, out JsonElement value) ? Show(value) : "absent";

    /// <summary>The value of a field that is there and not null.</summary>
    public bool TryGet(string field, out JsonElement value) => _root.TryGetProperty(field, out value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>A whole number between bounds, or null when the field is absent or null.</summary>
    public int? WholeNumber(string field, int min, int max)
    {
        if (!TryGet(field, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max
            ? number
            : throw Wrong(field, $"a whole number from {min} to {max}");
    }

    /// <summary>A whole number between bounds that must be there.</summary>
    public int RequiredWholeNumber(string field, int min, int max) => WholeNumber(field, min, max) ?? throw Absent(field, $"a whole number from {min} to {max}");

    /// <summary>A finite number between bounds, or null when the field is absent or null.</summary>
    public double? Number(string field, double min, double max)
    {
        if (!TryGet(field, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min && number <= max
            ? number
            : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"a number from {min:g} to {max:g}"));
    }

    /// <summary>A finite number between bounds that must be there.</summary>
    public double RequiredNumber(string field, double min, double max) =>
        Number(field, min, max) ?? throw Absent(field, string.Create(CultureInfo.InvariantCulture, $"a number from {min:g} to {max:g}"));

    /// <summary>True or false, or null when the field is absent or null.</summary>
    public bool? Flag(string field)
    {
        if (!TryGet(field, out JsonElement value)) return null;
        return value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Wrong(field, "true or false") };
    }

    /// <summary>A string, or null when the field is absent or null.</summary>
    public string? Text(string field)
    {
        if (!TryGet(field, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(field, "a string");
    }

    /// <summary>A list of strings; empty when the field is absent or null.</summary>
    public IReadOnlyList<string> Texts(string field)
    {
        if (!TryGet(field, out JsonElement value)) return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.String)) throw Wrong(field, "a list of strings");
        return [.. value.EnumerateArray().Select(e => e.GetString()!)];
    }

    /// <summary>Token ids: a whole number or a list of them; empty when the field is absent or null.</summary>
    public IReadOnlyList<int> Ids(string field)
    {
        if (!TryGet(field, out JsonElement value)) return [];
        if (value.ValueKind == JsonValueKind.Number) return [RequiredWholeNumber(field, 0, int.MaxValue)];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(field, "a token id or a list of token ids");
        var ids = new List<int>();
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int id) || id < 0) throw Wrong(field, "a token id or a list of token ids");
            ids.Add(id);
        }
        return ids;
    }

    /// <summary>An object inside this one, or null when the field is absent or null.</summary>
    public JsonFile? Object(string field) => TryGet(field, out JsonElement value) ? Object(field, value) : null;

    /// <summary>One of <see cref="Fields"/> as an object; looking for each by name would take quadratic time.</summary>
    public JsonFile Object(JsonProperty field) => Object(field.Name, field.Value);

    private JsonFile Object(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? new JsonFile($"{Path}, field \"{field}\",", value) : throw Wrong(field, "an object");

    /// <summary>The error for a field whose value cannot be.</summary>
    public InvalidDataException Wrong(string field, string expected) =>
        new($"{Path} says \"{field}\": {Shown(field)}; expected {expected}. Correct the file or fetch it again.");

    /// <summary>The error for a field that asks for what is not computed.</summary>
    public NotSupportedException Refused(string field, string only) =>
        new($"{Path} says \"{field}\": {Shown(field)}; only {only} can be computed. Take another checkpoint.");

    /// <summary>The error for a field that must be there.</summary>
    public InvalidDataException Absent(string field, string expected) =>
        new($"{Path} lacks the field \"{field}\"; expected {expected}. Correct the file or fetch it again.");

    /// <summary>A value as it is written, shortened to fit in a sentence.</summary>
    public static string Show(JsonElement value) => Shorten(value.GetRawText());

    /// <summary>A text from a file, shortened to fit in a sentence.</summary>
    public static string Shorten(string text, int maxLength = MaxShown) => (text.Length <= maxLength ? text : text[..(maxLength - 3)] + "...").ReplaceLineEndings(" ");

    /// <summary>After this no string or name of the file can fail to be read.</summary>
    private static void RequireUnicode(string path, ReadOnlySpan<byte> bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes)) throw new InvalidDataException($"{path} is not valid UTF-8; it is damaged, fetch it again.");
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            // A lone half of a surrogate pair, written as \uD800, shows only when it is read; that throws InvalidOperationException.
            if (reader.ValueIsEscaped && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind.ToString().ToLowerInvariant();
}
