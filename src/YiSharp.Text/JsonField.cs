using System.Globalization;
using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>A JSON value that knows its file and its place, so that every complaint names both.</summary>
internal readonly struct JsonField(JsonElement element, string source, string path)
{
    private const int MaxDepth = 64; // the platform's own bound
    private const long MaxBytes = 1L << 30;

    /// <summary>A name that stands twice in an object would mean either value.</summary>
    private static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    public JsonElement Element => element;

    public JsonValueKind Kind => element.ValueKind;

    public string Path => path;

    public bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Reads a whole file; JSON that does not parse is an <see cref="InvalidDataException"/>.</summary>
    public static JsonField Read(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (stream.Length > MaxBytes) throw new InvalidDataException($"{file} has {stream.Length} bytes; expected a JSON file of at most {MaxBytes}.");
            using JsonDocument document = JsonDocument.Parse(stream, Once);
            return new JsonField(document.RootElement.Clone(), file, "");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{file} has a name with an unpaired surrogate; expected Unicode text.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is not valid JSON: {JsonSyntax.Reason(File.ReadAllBytes(file), e, MaxDepth)}. Download or copy it again.", e);
        }
    }

    /// <summary>A member of an object; absent ones are <see cref="IsNull"/>.</summary>
    public JsonField this[string name]
    {
        get
        {
            if (element.ValueKind != JsonValueKind.Object) throw Wrong("an object");
            JsonElement value;
            try { element.TryGetProperty(name, out value); }
            catch (InvalidOperationException) { throw Fail("has a name with an unpaired surrogate; expected Unicode text"); }
            return new JsonField(value, source, path.Length == 0 ? name : $"{path}.{name}");
        }
    }

    public IEnumerable<JsonField> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Wrong("an array");
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray())
            yield return new JsonField(item, source, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"));
    }

    /// <summary>Members of an object in the file's order.</summary>
    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("an object");
        foreach (JsonProperty member in element.EnumerateObject())
        {
            string name;
            try { name = member.Name; }
            catch (InvalidOperationException) { throw Fail("has a name with an unpaired surrogate; expected Unicode text"); }
            yield return (name, new JsonField(member.Value, source, $"{path}[{Quote(name)}]"));
        }
    }

    public string String()
    {
        if (element.ValueKind != JsonValueKind.String) throw Wrong("a string");
        try { return element.GetString()!; }
        catch (InvalidOperationException) { throw Fail("holds an unpaired surrogate; expected Unicode text"); }
    }

    public string? OptionalString() => IsNull ? null : String();

    public bool Boolean(bool absent) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => absent,
        _ => throw Wrong("true or false"),
    };

    public int Integer()
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int value)) throw Wrong("an integer");
        return value;
    }

    /// <summary>The field's path and its file.</summary>
    public string Where => $"{(path.Length == 0 ? "The root" : path)} of {source}";

    /// <summary>A complaint that starts with the field's path and the file.</summary>
    public InvalidDataException Fail(string complaint) => new($"{Where} {complaint}.");

    public InvalidDataException Wrong(string expected) => Fail(IsNull ? $"is missing; expected {expected}" : $"is {Show()}; expected {expected}");

    /// <summary>A string as it may stand in a message: quoted and cut.</summary>
    public static string Quote(string text) => text.Length <= 60 ? $"\"{OnOneLine(text)}\"" : $"\"{OnOneLine(text[..60])}…\"";

    private static string OnOneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;

    private string Show()
    {
        string raw = OnOneLine(element.GetRawText());
        return raw.Length <= 60 ? raw : raw[..60] + "…";
    }
}
