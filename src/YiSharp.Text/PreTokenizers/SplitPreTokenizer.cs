namespace YiSharp.Text;

/// <summary>What becomes of the matches of a <see cref="SplitPreTokenizer"/> (tokenizers <c>normalizer.rs: SplitDelimiterBehavior</c>).</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>Each goes to the stretch before it; of several in a row only the first.</summary>
    MergedWithPrevious,

    /// <summary>Each goes to the stretch after it; of several in a row only the last.</summary>
    MergedWithNext,

    /// <summary>Several in a row are one word.</summary>
    Contiguous,
}

/// <summary>Cuts at what a finder finds, or, inverted, at what lies between.</summary>
internal sealed class SplitPreTokenizer(ITextFinder finder, SplitBehavior behavior, bool invert = false) : IPreTokenizer
{
    [ThreadStatic]
    private static List<TextSpan>? _matches;

    public void Split(Piece piece, List<Piece> words)
    {
        List<TextSpan> matches = _matches ??= [];
        matches.Clear();
        finder.FindAll(piece.Text.Span, matches);
        if (behavior == SplitBehavior.Isolated) Isolate(piece, matches, words);
        else if (piece.Text.Length > 0) Join(piece, Stretches(piece.Text.Length, matches), words);
    }

    private static void Isolate(Piece piece, List<TextSpan> matches, List<Piece> words)
    {
        int end = 0;
        foreach (TextSpan match in matches)
        {
            if (match.Start > end) words.Add(piece.Slice(end, match.Start));
            if (match.Length > 0) words.Add(piece.Slice(match.Start, match.End));
            end = match.End;
        }
        if (end < piece.Text.Length) words.Add(piece.Slice(end, piece.Text.Length));
    }

    /// <summary>The whole text in order: matches, empty ones too, and what lies between.</summary>
    private List<(TextSpan Span, bool IsMatch)> Stretches(int length, List<TextSpan> matches)
    {
        var stretches = new List<(TextSpan, bool)>();
        int end = 0;
        foreach (TextSpan match in matches)
        {
            if (match.Start > end) stretches.Add((new TextSpan(end, match.Start - end), invert));
            stretches.Add((match, !invert));
            end = match.End;
        }
        if (end < length) stretches.Add((new TextSpan(end, length - end), invert));
        return stretches;
    }

    private void Join(Piece piece, List<(TextSpan Span, bool IsMatch)> stretches, List<Piece> words)
    {
        var joined = new List<TextSpan>();
        bool backwards = behavior == SplitBehavior.MergedWithNext, previousIsMatch = false;
        if (backwards) stretches.Reverse();
        foreach ((TextSpan span, bool isMatch) in stretches)
        {
            bool joins = behavior switch
            {
                SplitBehavior.Removed => false,
                SplitBehavior.Contiguous => isMatch == previousIsMatch,
                _ => isMatch && !previousIsMatch,
            };
            previousIsMatch = isMatch;
            if (joins && joined.Count > 0) joined[^1] = new TextSpan(Math.Min(span.Start, joined[^1].Start), span.Length + joined[^1].Length);
            else if (!isMatch || behavior != SplitBehavior.Removed) joined.Add(span);
        }
        if (backwards) joined.Reverse();
        foreach (TextSpan span in joined)
        {
            if (span.Length > 0) words.Add(piece.Slice(span.Start, span.End));
        }
    }
}
