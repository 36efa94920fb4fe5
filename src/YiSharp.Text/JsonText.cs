using System.Text.Json;

namespace YiSharp.Text;

/// <summary>Strings of callers' JSON.</summary>
internal static class JsonText
{
    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="ArgumentException">It holds an escaped unpaired surrogate, which is not text.</exception>
    public static string Read(JsonElement value)
    {
        try { return value.GetString()!; }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("A JSON string holds an unpaired surrogate; expected Unicode text.", nameof(value), e);
        }
    }

    /// <summary>The name of a JSON member.</summary>
    /// <exception cref="ArgumentException">It holds an escaped unpaired surrogate, which is not text.</exception>
    public static string Name(JsonProperty member)
    {
        try { return member.Name; }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("A JSON member's name holds an unpaired surrogate; expected Unicode text.", nameof(member), e);
        }
    }
}
