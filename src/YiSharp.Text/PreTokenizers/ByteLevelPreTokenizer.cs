namespace YiSharp.Text;

/// <summary>
/// GPT-2's cut, <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> (openai/gpt-2 <c>encoder.py</c>),
/// scanned by hand over code points in linear time. The bytes behind the characters are the model's affair (<see cref="BpeModel"/>).
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> words)
    {
        if (piece.Length == 0) return;
        if (addPrefixSpace && piece.Span[0] != ' ') piece = (" " + piece.ToString()).AsMemory();
        if (!useRegex)
        {
            words.Add(piece);
            return;
        }

        ReadOnlySpan<char> text = piece.Span;
        for (int start = 0; start < text.Length;)
        {
            int end = WordEnd(text, start);
            words.Add(piece[start..end]);
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
