using System.Text;

namespace YiSharp.Text;

/// <summary>Finds the stretches that a <see cref="SplitPreTokenizer"/> cuts at, or that a <see cref="ReplaceNormalizer"/> replaces.</summary>
internal interface ITextFinder
{
    /// <summary>Appends all matches, from left to right, none overlapping.</summary>
    void FindAll(ReadOnlySpan<char> text, List<TextSpan> matches);
}

/// <summary>Finds a string that is not empty.</summary>
internal sealed class LiteralFinder(string literal) : ITextFinder
{
    /// <summary>What it looks for.</summary>
    public string Literal => literal;

    public void FindAll(ReadOnlySpan<char> text, List<TextSpan> matches)
    {
        for (int from = 0; text[from..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var at; from += at + literal.Length)
            matches.Add(new TextSpan(from + at, literal.Length));
    }
}

/// <summary>Finds every code point of a kind, each on its own.</summary>
internal sealed class RuneFinder(Func<Rune, bool> isWanted) : ITextFinder
{
    public void FindAll(ReadOnlySpan<char> text, List<TextSpan> matches)
    {
        int index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (isWanted(rune)) matches.Add(new TextSpan(index, rune.Utf16SequenceLength));
            index += rune.Utf16SequenceLength;
        }
    }
}
