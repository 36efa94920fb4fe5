namespace YiSharp.Endpoints;

/// <summary>What an endpoint says, fit to stand in a sentence of ours.</summary>
internal static class Excerpt
{
    private const int MaxLength = 200;

    /// <summary>The text on one line, cut where it is long, without the full stop at its end.</summary>
    public static string Of(string text)
    {
        string line = string.Concat(text.Take(4 * MaxLength).Select(c => char.IsControl(c) || char.IsWhiteSpace(c) ? ' ' : char.IsSurrogate(c) ? '\uFFFD' : c)).Trim();
        return line.Length > MaxLength ? line[..MaxLength] + "…" : line.TrimEnd('.');
    }
}
