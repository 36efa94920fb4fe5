using System.Text;
using YiSharp.Text.Unicode;

namespace YiSharp.Text;

/// <summary>
/// Cuts where the script changes (tokenizers <c>pre_tokenizers/unicode_scripts</c>, after sentencepiece): kana count as Han, spaces and characters
/// newer than its table belong to any script. Like the original it leaves out what stands before the first character of a script.
/// </summary>
internal sealed class UnicodeScriptsPreTokenizer : IPreTokenizer
{
    private const string Any = "";
    private static readonly Lazy<(int First, int Last, string Script)[]> Scripts = new(Read);

    public void Split(Piece piece, List<Piece> words)
    {
        int start = -1, index = 0;
        string last = Any;
        foreach (Rune rune in piece.Text.Span.EnumerateRunes())
        {
            string script = ScriptOf(rune);
            if (script != Any && script != last)
            {
                if (start >= 0) words.Add(piece.Slice(start, index));
                (start, last) = (index, script);
            }
            index += rune.Utf16SequenceLength;
        }
        if (start >= 0) words.Add(piece.Slice(start, index));
    }

    private static string ScriptOf(Rune rune)
    {
        if (rune.Value == ' ') return Any;
        if (rune.Value == 'ー') return "Han";
        (int First, int Last, string Script)[] scripts = Scripts.Value;
        int low = 0, high = scripts.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (rune.Value < scripts[middle].First) high = middle - 1;
            else if (rune.Value > scripts[middle].Last) low = middle + 1;
            else return scripts[middle].Script;
        }
        return Any;
    }

    private static (int, int, string)[] Read() =>
    [
        .. UnicodeTable.Lines("tokenizers-scripts.txt")
            .SelectMany(line => UnicodeTable.Ranges(line.Skip(1)).Select(range => (range.First, range.Last, line[0] is "Hiragana" or "Katakana" ? "Han" : line[0])))
            .OrderBy(range => range.First),
    ];
}
