using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>How JSON files are written: indented, with letters of all languages as they are, and the same line ends everywhere.</summary>
internal static class JsonOutput
{
    /// <summary>For files that people read.</summary>
    public static JsonWriterOptions Options { get; } = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For headers that only programs read.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text as a JSON string, quotes included.</summary>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>The bytes of a file that holds one object.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> writeFields)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>A number that readers expect with a fraction or an exponent.</summary>
    public static void WriteDecimal(this Utf8JsonWriter json, string field, double number) => json.WriteDecimal(field, number.ToString("r", CultureInfo.InvariantCulture));

    /// <summary>The same for digits that are there already.</summary>
    public static void WriteDecimal(this Utf8JsonWriter json, string field, string digits)
    {
        json.WritePropertyName(field);
        json.WriteRawValue(digits.AsSpan().IndexOfAny(".eE") < 0 ? digits + ".0" : digits.ToLowerInvariant());
    }

    /// <summary>An id, or null.</summary>
    public static void WriteId(this Utf8JsonWriter json, string field, int? id)
    {
        if (id is int number) json.WriteNumber(field, number);
        else json.WriteNull(field);
    }

    /// <summary>One id as a number, several as a list, none as null.</summary>
    public static void WriteIds(this Utf8JsonWriter json, string field, IReadOnlyList<int> ids)
    {
        if (ids.Count <= 1)
        {
            json.WriteId(field, ids.Count == 0 ? null : ids[0]);
            return;
        }
        json.WriteStartArray(field);
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}
