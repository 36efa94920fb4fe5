using System.Globalization;
using System.Text.Json;

namespace YiSharp.Checkpoints;

/// <summary>Why bytes are no JSON, in words for people; the platform's own name its classes and options.</summary>
public static class JsonSyntax
{
    /// <summary>How deep values may stand in each other where the platform is not told otherwise.</summary>
    public const int DefaultMaxDepth = 64;

    private const int MaxShown = 60;

    /// <summary>A clause such as <c>it ends in the middle of a value (byte 17)</c>.</summary>
    /// <param name="bytes">What was parsed.</param>
    /// <param name="error">What the platform says of it.</param>
    /// <param name="maxDepth">How deep values could stand in each other.</param>
    public static string Reason(ReadOnlySpan<byte> bytes, JsonException error, int maxDepth)
    {
        if (bytes.Trim(" \t\r\n"u8).IsEmpty) return "it is empty";
        if (Depth(bytes) > maxDepth) return string.Create(CultureInfo.InvariantCulture, $"values stand in each other more than {maxDepth} deep");
        if (Duplicate(bytes, maxDepth) is { } name) return $"field \"{(name.Length <= MaxShown ? name : name[..MaxShown] + "…")}\" is a duplicate; each name may stand once";
        long lineStart = LineStart(bytes, error.LineNumber ?? 0);
        long at = lineStart + (error.BytePositionInLine ?? 0);
        if (at >= bytes.Length) return string.Create(CultureInfo.InvariantCulture, $"it ends in the middle of a value (byte {bytes.Length})");
        string where = error.LineNumber is > 0 ? string.Create(CultureInfo.InvariantCulture, $"line {error.LineNumber + 1}, byte {error.BytePositionInLine}") : string.Create(CultureInfo.InvariantCulture, $"byte {at}");
        byte found = bytes[(int)at];
        return found is > (byte)' ' and < 0x7F ? $"'{(char)found}' cannot stand there ({where})" : string.Create(CultureInfo.InvariantCulture, $"a byte 0x{found:X2} cannot stand there ({where})");
    }

    /// <summary>A clause that says why bytes could not be read into fields: what is wrong with the JSON, or else with which field.</summary>
    /// <param name="bytes">What was read.</param>
    /// <param name="error">What the platform says of it.</param>
    public static string ReasonOrField(ReadOnlySpan<byte> bytes, JsonException error)
    {
        if (!IsJson(bytes)) return Reason(bytes, error, DefaultMaxDepth);
        string field = error.Path is { } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
        return field.Length == 0 ? "it lacks a field that is expected there, or is no object"
            : $"\"{(field.Length <= MaxShown ? field : field[..MaxShown] + "…")}\" is of another kind than expected, or lacks a field";
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read()) reader.Skip();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static long LineStart(ReadOnlySpan<byte> bytes, long line)
    {
        int start = 0;
        for (; line > 0; line--)
        {
            int end = bytes[start..].IndexOf((byte)'\n');
            if (end < 0) break;
            start += end + 1;
        }
        return start;
    }

    private static int Depth(ReadOnlySpan<byte> bytes)
    {
        int depth = 0, deepest = 0;
        bool inString = false;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte c = bytes[i];
            if (inString)
            {
                if (c == '\\') i++;
                else inString = c != '"';
            }
            else if (c == '"') inString = true;
            else if (c is (byte)'[' or (byte)'{') deepest = Math.Max(deepest, ++depth);
            else if (c is (byte)']' or (byte)'}') depth--;
        }
        return deepest;
    }

    /// <summary>The first name that an object has twice, where the bytes are JSON otherwise.</summary>
    private static string? Duplicate(ReadOnlySpan<byte> bytes, int maxDepth)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = maxDepth });
        var open = new Stack<HashSet<string>>();
        string? duplicate = null;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject) open.Push(new HashSet<string>(StringComparer.Ordinal));
                else if (reader.TokenType is JsonTokenType.EndObject) open.Pop();
                else if (reader.TokenType is JsonTokenType.PropertyName && reader.GetString() is { } name && !open.Peek().Add(name)) duplicate ??= name;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
        return duplicate;
    }
}
