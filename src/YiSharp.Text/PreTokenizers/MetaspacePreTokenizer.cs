using System.Text;

namespace YiSharp.Text;

/// <summary>Which pieces a <see cref="MetaspacePreTokenizer"/> puts its mark before.</summary>
internal enum PrependScheme
{
    /// <summary>Every piece.</summary>
    Always,

    /// <summary>The piece at the text's start.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}

/// <summary>
/// Writes spaces as a mark, most often ▁, puts one before pieces that have none, and cuts before each mark (tokenizers <c>pre_tokenizers/metaspace.rs</c>).
/// </summary>
internal sealed class MetaspacePreTokenizer(Rune mark, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly string _mark = mark.ToString();
    private readonly SplitPreTokenizer _cut = new(new LiteralFinder(mark.ToString()), SplitBehavior.MergedWithNext);

    public void Split(Piece piece, List<Piece> words)
    {
        if (piece.Text.Length == 0) return;
        string text = piece.Text.Span.ToString().Replace(" ", _mark, StringComparison.Ordinal);
        bool prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart);
        if (prepends && !text.StartsWith(_mark, StringComparison.Ordinal)) text = _mark + text;
        Piece marked = piece with { Text = text.AsMemory() };
        if (split) _cut.Split(marked, words);
        else words.Add(marked);
    }
}
