namespace YiSharp.Text.Regex;

/// <summary>
/// A regular expression of a tokenizer.json, read as Oniguruma reads it (<see cref="PatternParser"/>) and matched over code points in time that is linear in the
/// text whatever the pattern (<see cref="Matcher"/>). Safe for use by several threads.
/// </summary>
internal sealed class Pattern : ITextFinder
{
    private readonly Program _program;

    /// <exception cref="PatternException">The pattern is broken, too large, or asks for what we do not know.</exception>
    public Pattern(string pattern) => _program = Compiler.Compile(PatternParser.Parse(pattern));

    /// <summary>
    /// Appends all matches (rust-onig <c>find_iter</c>): the first to start, and of those at one place what the pattern prefers. An
    /// empty match does not follow right on another match.
    /// </summary>
    public void FindAll(ReadOnlySpan<char> text, List<TextSpan> matches)
    {
        var matcher = new Matcher(_program, text);
        int from = 0, lastEnd = -1;
        while (from <= text.Length && matcher.Find(from) is { } match)
        {
            if (match.Length == 0 && match.Start == lastEnd)
            {
                from = match.Start + (match.Start < text.Length && Places.IsPair(text, match.Start) ? 2 : 1);
                continue;
            }
            matches.Add(match);
            from = lastEnd = match.End;
        }
        matcher.Release();
    }
}
