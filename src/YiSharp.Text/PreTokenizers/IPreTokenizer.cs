namespace YiSharp.Text;

/// <summary>A cut of the text into words that no merge crosses: <c>pre_tokenizer</c> in tokenizer.json.</summary>
internal interface IPreTokenizer
{
    /// <summary>Appends the words of a piece, in order. Words are slices of the piece, or of a rewritten copy.</summary>
    void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> words);
}

/// <summary>Several cuts, each applied to the words of the one before.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] steps) : IPreTokenizer
{
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> words)
    {
        var pieces = new List<ReadOnlyMemory<char>> { piece };
        for (int step = 0; step < steps.Length; step++)
        {
            List<ReadOnlyMemory<char>> output = step == steps.Length - 1 ? words : [];
            foreach (ReadOnlyMemory<char> part in pieces) steps[step].Split(part, output);
            pieces = output;
        }
    }
}

/// <summary>Cuts numbers (Nd, Nl, No: also ½ ² Ⅷ 〇 ①) from the rest, each number on its own or in runs.</summary>
internal sealed class DigitsPreTokenizer(bool individual) : IPreTokenizer
{
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> words)
    {
        ReadOnlySpan<char> text = piece.Span;
        int start = 0;
        bool? inNumber = null;
        for (int index = 0; index < text.Length;)
        {
            bool number = CharacterClasses.At(text, index, out int length) == CharacterClass.Number;
            if (inNumber is { } before && (before != number || (number && individual)))
            {
                words.Add(piece[start..index]);
                start = index;
            }
            inNumber = number;
            index += length;
        }
        if (start < text.Length) words.Add(piece[start..]);
    }
}
