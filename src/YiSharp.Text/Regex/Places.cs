using System.Text;

namespace YiSharp.Text.Regex;

/// <summary>Steps between places of a text, which never lie inside a surrogate pair.</summary>
internal static class Places
{
    public static bool IsPair(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);

    /// <summary>The place one code point earlier.</summary>
    public static int Before(ReadOnlySpan<char> text, int place) => place >= 2 && IsPair(text, place - 2) ? place - 2 : place - 1;

    public static bool Holds(Anchor anchor, ReadOnlySpan<char> text, int place) => anchor switch
    {
        Anchor.LineStart => place == 0 || (place < text.Length && text[place - 1] == '\n'),
        Anchor.LineEnd => place == text.Length || text[place] == '\n',
        Anchor.TextStart => place == 0,
        Anchor.TextEnd => place == text.Length,
        Anchor.LastLineEnd => place == text.Length || (place == text.Length - 1 && text[place] == '\n'),
        Anchor.WordBoundary => IsWordBoundary(text, place),
        _ => !IsWordBoundary(text, place),
    };

    private static bool IsWordBoundary(ReadOnlySpan<char> text, int place)
    {
        Rune.DecodeLastFromUtf16(text[..place], out Rune before, out _);
        Rune.DecodeFromUtf16(text[place..], out Rune after, out _);
        return (place > 0 && PatternParser.Word.Contains(before.Value)) != (place < text.Length && PatternParser.Word.Contains(after.Value));
    }
}
