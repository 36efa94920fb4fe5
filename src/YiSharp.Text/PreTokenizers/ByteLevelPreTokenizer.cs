namespace YiSharp.Text;

/// <summary>
/// GPT-2's cut, <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> (openai/gpt-2 <c>encoder.py</c>),
/// scanned by hand over code points in linear time. Where it is the last cut, the bytes behind the characters are the model's affair (<see cref="BpeModel"/>).
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    /// <summary>Writes words in the <see cref="ByteAlphabet"/>, for what comes after this cut.</summary>
    public bool WritesBytes { get; init; }

    public void Split(Piece piece, List<Piece> words)
    {
        if (piece.Text.Length == 0) return;
        int firstWord = words.Count;
        if (addPrefixSpace && piece.Text.Span[0] != ' ') piece = piece with { Text = (" " + piece.Text.ToString()).AsMemory() };
        if (useRegex) Cut(piece, words);
        else words.Add(piece);
        if (!WritesBytes) return;
        for (int i = firstWord; i < words.Count; i++) words[i] = words[i] with { Text = ByteAlphabet.Write(words[i].Text.Span).AsMemory() };
    }

    private static void Cut(Piece piece, List<Piece> words)
    {
        ReadOnlySpan<char> text = piece.Text.Span;
        for (int start = 0; start < text.Length;)
        {
            int end = WordEnd(text, start);
            words.Add(piece.Slice(start, end));
            start = end;
        }
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        int contraction = ContractionLength(text[start..]);
        if (contraction > 0) return start + contraction;

        CharacterClass first = CharacterClasses.At(text, start, out int length);
        int next = start + length;
        if (first != CharacterClass.Space) return RunEnd(text, next, first);
        if (text[start] == ' ' && next < text.Length)
        {
            CharacterClass second = CharacterClasses.At(text, next, out int secondLength);
            if (second != CharacterClass.Space) return RunEnd(text, next + secondLength, second);
        }

        // \s+(?!\S): a run before a word leaves its last space to that word; a single one stands alone.
        int end = RunEnd(text, next, CharacterClass.Space);
        return end == text.Length || end - start == 1 ? end : end - 1;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int index, CharacterClass wanted)
    {
        while (index < text.Length && CharacterClasses.At(text, index, out int length) == wanted) index += length;
        return index;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        if (text[1] is 's' or 't' or 'm' or 'd') return 2;
        if (text.Length < 3) return 0;
        return (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }
}
