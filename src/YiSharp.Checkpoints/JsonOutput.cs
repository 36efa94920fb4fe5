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
}
