namespace YiSharp.Text;

/// <summary>Cuts into words of a number of code points; the last may be shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> words)
    {
        ReadOnlySpan<char> text = piece.Text.Span;
        int start = 0, count = 0;
        for (int index = 0; index < text.Length;)
        {
            index += Regex.Places.IsPair(text, index) ? 2 : 1;
            if (++count < length) continue;
            words.Add(piece.Slice(start, index));
            (start, count) = (index, 0);
        }
        if (start < text.Length) words.Add(piece.Slice(start, text.Length));
    }
}
