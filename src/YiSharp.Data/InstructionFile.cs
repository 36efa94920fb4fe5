using System.Text.Json;
using System.Text.Unicode;
using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Data;

/// <summary>
/// Instructions as JSON lines: <c>{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}], "answer": "…",
/// "check": "exact"}</c>. Roles are an optional system message, then user and assistant in turn; answer and check are optional; other
/// keys of a row are left alone. Blank lines are skipped.
/// </summary>
public static class InstructionFile
{
    /// <summary>Longest row, bytes.</summary>
    public const int MaxRowBytes = 4 << 20;

    private const int MaxDepth = 32;

    /// <summary>The rows of a file.</summary>
    /// <exception cref="InvalidDataException">Rows are bad (all are listed, with number and reason), or there is none.</exception>
    public static IReadOnlyList<InstructionRow> Read(string path)
    {
        (IReadOnlyList<InstructionRow> rows, IReadOnlyList<BadRow> bad) = Check(path);
        if (bad.Count > 0)
        {
            throw new InvalidDataException(
                $"{path}: {bad.Count} of {rows.Count + bad.Count} rows cannot be used; correct or remove them.\n  {string.Join("\n  ", bad)}");
        }
        if (rows.Count == 0) throw new InvalidDataException($"{path} holds no row; expected one JSON object a line with \"messages\".");
        return rows;
    }

    /// <summary>The good rows of a file and the bad ones, each in file order.</summary>
    public static (IReadOnlyList<InstructionRow> Rows, IReadOnlyList<BadRow> Bad) Check(string path)
    {
        var rows = new List<InstructionRow>();
        var bad = new List<BadRow>();
        using FileStream file = Open(path);
        var lines = new LineReader(file, MaxRowBytes);
        while (lines.Next())
        {
            if (lines.TooLong) bad.Add(new BadRow(lines.Number, $"is longer than {MaxRowBytes} bytes"));
            else if (lines.Line.Span.Trim(" \t\r"u8).Length > 0)
            {
                try
                {
                    rows.Add(Parse(lines.Number, lines.Line));
                }
                catch (RowException e)
                {
                    bad.Add(new BadRow(lines.Number, e.Message));
                }
            }
        }
        return (rows, bad);
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(Directory.Exists(path)
                ? $"{path} is a folder; expected a file of JSON lines."
                : $"{path} cannot be read: {(e is UnauthorizedAccessException ? "access is denied" : "there is no such file")}; expected a file of JSON lines.", e);
        }
    }

    private static InstructionRow Parse(int number, ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span)) throw new RowException("is not UTF-8");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new RowException($"is not valid JSON: {JsonSyntax.Reason(line.Span, e, MaxDepth)}");
        }
        catch (InvalidOperationException)
        {
            throw new RowException("has a key that holds half of a surrogate pair, which is no character");
        }
        using (document)
        {
            JsonElement row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object) throw new RowException($"is {Kind(row)}; expected an object with \"messages\"");
            if (!row.TryGetProperty("messages", out JsonElement messages)) throw new RowException("has no \"messages\"");
            if (messages.ValueKind != JsonValueKind.Array) throw new RowException($"\"messages\" is {Kind(messages)}; expected an array");
            string? answer = OptionalString(row, "answer"), check = OptionalString(row, "check");
            if (check is not null && answer is null) throw new RowException("has \"check\" without \"answer\"");
            return new InstructionRow(number, ParseMessages(messages), answer, check);
        }
    }

    private static ChatMessage[] ParseMessages(JsonElement array)
    {
        var messages = new ChatMessage[array.GetArrayLength()];
        if (messages.Length == 0) throw new RowException("\"messages\" is empty");
        string expected = "user";
        for (int i = 0; i < messages.Length; i++)
        {
            ChatMessage message = messages[i] = ParseMessage(array[i], $"messages[{i}]");
            if (message.Role is not ("system" or "user" or "assistant"))
            {
                throw new RowException($"messages[{i}] has role \"{Shortened(message.Role)}\"; expected system, user or assistant");
            }
            if (i == 0 && message.Role == "system") continue;
            if (message.Role != expected)
            {
                throw new RowException($"messages[{i}] has role {message.Role}; expected {expected}: an optional system message, then user and assistant in turn");
            }
            if (message.Role == "assistant" && string.IsNullOrWhiteSpace(message.Content)) throw new RowException($"messages[{i}]: the assistant says nothing");
            expected = message.Role == "user" ? "assistant" : "user";
        }
        if (messages[^1].Role != "assistant") throw new RowException($"ends with the {messages[^1].Role}; expected the assistant's answer");
        return messages;
    }

    private static ChatMessage ParseMessage(JsonElement message, string where)
    {
        if (message.ValueKind != JsonValueKind.Object) throw new RowException($"{where} is {Kind(message)}; expected an object with role and content");
        string? role = null, content = null;
        foreach (JsonProperty property in message.EnumerateObject())
        {
            switch (property.Name)
            {
                case "role": role = String(property.Value, $"{where}.role"); break;
                case "content": content = String(property.Value, $"{where}.content"); break;
                case string other: throw new RowException($"{where} has \"{Shortened(other)}\"; expected role and content alone");
            }
        }
        if (role is null) throw new RowException($"{where} has no \"role\"");
        if (content is null) throw new RowException($"{where} has no \"content\"");
        return new ChatMessage(role, content);
    }

    private static string? OptionalString(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? String(value, name) : null;

    private static string String(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.String) throw new RowException($"{where} is {Kind(value)}; expected a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RowException($"{where} holds half of a surrogate pair, which is no character");
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>Why a row is bad; never leaves this class.</summary>
    private sealed class RowException(string message) : Exception(message);
}
