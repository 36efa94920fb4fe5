using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace YiSharp.Cli;

/// <summary>Writes JSON objects one a line, flushed, with text as it is instead of escapes.</summary>
internal sealed class JsonOutput(Stream output)
{
    /// <summary>One object's line, with its end.</summary>
    public static byte[] Line(Action<Utf8JsonWriter> writeFields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writeFields(writer);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes one object's line.</summary>
    public void Write(Action<Utf8JsonWriter> writeFields) => Write(Line(writeFields));

    /// <summary>Writes a line made by <see cref="Line"/>.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        output.Write(line);
        output.Flush();
    }
}

/// <summary>Fields that several verbs write.</summary>
internal static class JsonOutputFields
{
    /// <summary>A list of whole numbers.</summary>
    public static void WriteIds(this Utf8JsonWriter writer, string name, ReadOnlySpan<int> ids)
    {
        writer.WriteStartArray(name);
        foreach (int id in ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
    }

    /// <summary>A text as it is, or null.</summary>
    public static void WriteText(this Utf8JsonWriter writer, string name, string? text)
    {
        writer.WritePropertyName(name);
        if (text is null) writer.WriteNullValue();
        else writer.WriteRawValue(Quote(text), skipInputValidation: true);
    }

    /// <summary>A text in quotes with no more escapes than JSON demands; the platform's encoders escape all beyond the basic plane.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ when char.IsSurrogate(c) && !IsPaired(text, i) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    private static bool IsPaired(string text, int i) =>
        char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) : i > 0 && char.IsHighSurrogate(text[i - 1]);

    /// <summary>A list of strings.</summary>
    public static void WriteStrings(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts) writer.WriteRawValue(Quote(text), skipInputValidation: true);
        writer.WriteEndArray();
    }
}
