using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace YiSharp.Text.Jinja;

/// <summary>JSON as values of the template language. Everything in it is the caller's.</summary>
internal static class JsonValues
{
    /// <summary>
    /// Names of speakers that cannot spell a control token. Templates put them between brackets (<c>'&lt;|' + role + '|&gt;'</c>), so they count as
    /// the template's: a caller may choose who speaks.
    /// </summary>
    private static readonly HashSet<string> KnownRoles = new(StringComparer.Ordinal)
        { "system", "user", "assistant", "tool", "developer", "function", "ipython", "environment", "observation", "model", "human", "bot" };

    /// <summary>A value of JSON.</summary>
    public static object? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Dict(element),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(From)]),
        JsonValueKind.String => TextValue.FromCaller(JsonText.Read(element)),
        JsonValueKind.Number => Number(element.GetRawText()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A message: its role counts as the template's where it is a known one, and reasoning has both of its names, as in transformers.</summary>
    public static object? Message(JsonElement element)
    {
        if (From(element) is not DictValue message) return From(element);
        if (message.TryGet("role", out object? role) && role is TextValue name) message.Set(TextValue.FromTemplate("role"), Role(name.Value));
        if (message.TryGet("reasoning_content", out object? reasoning) && !message.TryGet("thinking", out _)) message.Set(TextValue.FromTemplate("thinking"), reasoning);
        return message;
    }

    /// <summary>A message of a role and a text.</summary>
    public static DictValue Message(string role, string content)
    {
        var message = new DictValue();
        message.Set(TextValue.FromTemplate("role"), Role(role));
        message.Set(TextValue.FromTemplate("content"), TextValue.FromCaller(content));
        return message;
    }

    private static TextValue Role(string role) => TextValue.From(role, KnownRoles.Contains(role));

    private static DictValue Dict(JsonElement element)
    {
        var dict = new DictValue();
        foreach (JsonProperty member in element.EnumerateObject()) dict.Set(TextValue.FromCaller(JsonText.Name(member)), From(member.Value));
        return dict;
    }

    private static object Number(string raw)
    {
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return double.Parse(raw, CultureInfo.InvariantCulture);
        return raw.Length <= 4300 ? BigInteger.Parse(raw, CultureInfo.InvariantCulture) : throw new ArgumentException($"A JSON integer has {raw.Length} digits; expected at most 4300.", nameof(raw));
    }
}
