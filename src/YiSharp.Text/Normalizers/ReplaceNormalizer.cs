using System.Text;

namespace YiSharp.Text;

/// <summary>Replaces every match by a string.</summary>
internal sealed class ReplaceNormalizer(ITextFinder finder, string content) : INormalizer
{
    public ReplaceNormalizer(string literal, string content)
        : this(new LiteralFinder(literal), content)
    {
    }

    /// <summary>A literal that becomes no longer is replaced without a list of where it stands.</summary>
    private readonly string? _literal = (finder as LiteralFinder)?.Literal is { } literal && content.Length <= literal.Length ? literal : null;

    public string Normalize(string text)
    {
        if (_literal is not null) return text.Replace(_literal, content, StringComparison.Ordinal);
        var matches = new List<TextSpan>();
        if (text.Length > 0) finder.FindAll(text, matches);
        if (matches.Count == 0) return text;
        GrowthLimit.Check(text.Length, text.Length + (long)matches.Count * content.Length);
        var output = new StringBuilder(text.Length);
        int end = 0;
        foreach (TextSpan match in matches)
        {
            output.Append(text, end, match.Start - end).Append(content);
            end = match.End;
        }
        return output.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>The content takes the place of a match's last character.</summary>
    public bool KeepsStart(string text)
    {
        var matches = new List<TextSpan>();
        finder.FindAll(text, matches);
        return matches.Count == 0 || matches[0].Start > 0 || matches[0].Length == 0 || (content.Length > 0 && Regex.Places.Before(text, matches[0].End) == 0);
    }
}
