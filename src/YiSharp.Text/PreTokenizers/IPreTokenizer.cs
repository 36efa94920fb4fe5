namespace YiSharp.Text;

/// <summary>A cut of the text into words that no merge crosses: <c>pre_tokenizer</c> in tokenizer.json. Safe for use by several threads.</summary>
internal interface IPreTokenizer
{
    /// <summary>Appends the words of a piece, in order; none is empty.</summary>
    void Split(Piece piece, List<Piece> words);
}

/// <summary>Several cuts, each applied to the words of the one before.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] steps) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> words)
    {
        List<Piece> pieces = [piece];
        for (int step = 0; step < steps.Length; step++)
        {
            List<Piece> output = step == steps.Length - 1 ? words : [];
            int first = output.Count;
            foreach (Piece part in pieces) steps[step].Split(part, output);
            long length = 0;
            for (int i = first; i < output.Count; i++) length += output[i].Text.Length;
            GrowthLimit.Check(piece.Text.Length, length);
            pieces = output;
        }
        if (steps.Length == 0) words.Add(piece);
    }
}

/// <summary>Cuts numbers (Nd, Nl, No: also ½ ² Ⅷ 〇 ①) from the rest, each number on its own or in runs.</summary>
internal sealed class DigitsPreTokenizer(bool individual) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> words)
    {
        ReadOnlySpan<char> text = piece.Text.Span;
        int start = 0;
        bool? inNumber = null;
        for (int index = 0; index < text.Length;)
        {
            bool number = CharacterClasses.At(text, index, out int length) == CharacterClass.Number;
            if (inNumber is { } before && (before != number || (number && individual)))
            {
                words.Add(piece.Slice(start, index));
                start = index;
            }
            inNumber = number;
            index += length;
        }
        if (start < text.Length) words.Add(piece.Slice(start, text.Length));
    }
}
