using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;

namespace YiSharp.Cli;

/// <summary>
/// The fields of one JSON object from outside, each asked for by name and kind. Absent and null are the same. Whatever does not hold
/// is an <see cref="ArgumentException"/> that says what was found and what was expected.
/// </summary>
internal sealed class JsonFields
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private readonly JsonElement _object;

    private JsonFields(JsonElement root) => _object = root;

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="known">Every field that it may have; null for any.</param>
    /// <exception cref="ArgumentException">It is no JSON object of these fields.</exception>
    public static JsonFields Parse(InputLine line, IReadOnlyCollection<string>? known)
    {
        if (line.IsTooLong) throw new ArgumentException($"The line is longer than {InputLines.MaxBytes >> 20} MiB; split its text.");
        ReadOnlyMemory<byte> bytes = line.Bytes;
        if (line.Number == 1 && bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, Strict);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The line is no JSON object: {JsonSyntax.Reason(bytes.Span, e, MaxDepth)}.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("A field's name is no Unicode text: it holds half a surrogate pair or bytes that are not UTF-8.", e);
        }
        if (root.ValueKind != JsonValueKind.Object) throw new ArgumentException($"The line is {Describe(root)}; a JSON object was expected.");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            string name = Text(() => property.Name, "A field's name");
            if (known?.Contains(name) ?? true) continue;
            string hint = NearestName.Of(name, known) is { } nearest ? $" (did you mean \"{nearest}\"?)" : "";
            throw new ArgumentException($"Field \"{name}\" is not known{hint}; known are {string.Join(", ", known)}.");
        }
        return new JsonFields(root);
    }

    /// <summary>The object itself.</summary>
    public JsonElement Object => _object;

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Refuses fields that mean nothing beside the others.</summary>
    /// <param name="together">Those that go together; the first is there.</param>
    public void RequireOnly(params string[] together)
    {
        foreach (JsonProperty property in _object.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null || together.Contains(property.Name)) continue;
            throw new ArgumentException($"Field \"{property.Name}\" means nothing beside \"{together[0]}\", which goes with {(together.Length > 1 ? string.Join(" and ", together[1..]) : "nothing")}.");
        }
    }

    /// <summary>Refuses a field that nobody asks for and that looks like one that is asked for and absent; others are passed over.</summary>
    /// <param name="known">The fields that are asked for.</param>
    public void RequireNoMisspelt(IReadOnlyCollection<string> known)
    {
        string[] absent = [.. known.Where(name => !Has(name))];
        foreach (JsonProperty property in _object.EnumerateObject().Where(property => !known.Contains(property.Name)))
        {
            if (NearestName.Of(property.Name, absent) is { } nearest) throw new ArgumentException($"Field \"{property.Name}\" is not known, and \"{nearest}\", which it looks like, is absent; rename it, or leave it out.");
        }
    }

    /// <summary>Any value; null when absent.</summary>
    public JsonElement? Any(string name) => Find(name);

    /// <summary>A string; null when absent.</summary>
    public string? String(string name)
    {
        if (Find(name) is not { } value) return null;
        Require(name, value, JsonValueKind.String, "a string");
        return Text(() => value.GetString()!, $"Field \"{name}\"");
    }

    /// <summary>True or false; <paramref name="otherwise"/> when absent.</summary>
    public bool Boolean(string name, bool otherwise)
    {
        if (Find(name) is not { } value) return otherwise;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) throw Wrong(name, value, "true or false");
        return value.GetBoolean();
    }

    /// <summary>A number; <paramref name="otherwise"/> when absent.</summary>
    public double Number(string name, double otherwise)
    {
        if (Find(name) is not { } value) return otherwise;
        Require(name, value, JsonValueKind.Number, "a number");
        return value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, value, "a number");
    }

    /// <summary>A whole number; <paramref name="otherwise"/> when absent.</summary>
    public int Integer(string name, int otherwise)
    {
        if (Find(name) is not { } value) return otherwise;
        Require(name, value, JsonValueKind.Number, "a whole number");
        return TryInteger(value, out int number) ? number : throw Wrong(name, value, "a whole number of at most 32 bits");
    }

    /// <summary>A seed; <paramref name="otherwise"/> when absent.</summary>
    public ulong? Seed(string name, ulong? otherwise)
    {
        if (Find(name) is not { } value) return otherwise;
        Require(name, value, JsonValueKind.Number, "a whole number from 0 on");
        return value.TryGetUInt64(out ulong seed) ? seed : throw Wrong(name, value, "a whole number from 0 on");
    }

    /// <summary>A list of token numbers; null when absent.</summary>
    public int[]? Ids(string name)
    {
        if (Find(name) is not { } value) return null;
        Require(name, value, JsonValueKind.Array, "a list of ids");
        var ids = new int[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !TryInteger(item, out ids[index]) || ids[index] < 0)
            {
                throw new ArgumentException($"Field \"{name}\" has {Describe(item)} at index {index}; an id, a whole number from 0 on, was expected.");
            }
            index++;
        }
        return ids;
    }

    /// <summary>A list of texts; null when absent.</summary>
    public string[]? Strings(string name)
    {
        if (List(name) is not { } list) return null;
        var texts = new string[list.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) throw new ArgumentException($"Field \"{name}\" has {Describe(item)} at index {index}; a string was expected.");
            texts[index] = Text(() => item.GetString()!, $"Field \"{name}\" at index {index}");
            index++;
        }
        return texts;
    }

    /// <summary>A list; null when absent.</summary>
    public JsonElement? List(string name)
    {
        if (Find(name) is not { } value) return null;
        Require(name, value, JsonValueKind.Array, "a list");
        return value;
    }

    private JsonElement? Find(string name) => _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>JSON has no integers: 3.0 is one.</summary>
    private static bool TryInteger(JsonElement value, out int number)
    {
        if (value.TryGetInt32(out number)) return true;
        if (!value.TryGetDouble(out double real) || real != Math.Floor(real) || Math.Abs(real) > int.MaxValue) return false;
        number = (int)real;
        return true;
    }

    private static void Require(string name, JsonElement value, JsonValueKind kind, string expected)
    {
        if (value.ValueKind != kind) throw Wrong(name, value, expected);
    }

    private static ArgumentException Wrong(string name, JsonElement value, string expected) => new($"Field \"{name}\" is {Describe(value)}; {expected} was expected.");

    /// <summary>JSON's strings can hold what is no text: half a surrogate pair, bytes that are no UTF-8.</summary>
    private static string Text(Func<string> read, string what)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"{what} is no Unicode text: it holds half a surrogate pair or bytes that are not UTF-8.", e);
        }
    }

    /// <summary>A value as a sentence names it.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Null => "null",
        _ => value.GetRawText() is { Length: <= 40 } text ? text : "a number too long to show",
    };
}
