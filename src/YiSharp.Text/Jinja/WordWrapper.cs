namespace YiSharp.Text.Jinja;

/// <summary>Python's <c>textwrap.wrap</c> with white space kept as it is and dropped at line borders.</summary>
internal static class WordWrapper
{
    public static IEnumerable<string> Wrap(string text, int width, bool breaksLongWords, bool breaksOnHyphens)
    {
        var chunks = new Stack<TextSpan>(Chunks(text, breaksOnHyphens).Reverse());
        bool first = true;
        while (chunks.Count > 0)
        {
            if (!first && IsSpace(text, chunks.Peek())) chunks.Pop();
            first = false;
            int length = 0;
            var line = new List<TextSpan>();
            while (chunks.Count > 0 && length + chunks.Peek().Length <= width)
            {
                length += chunks.Peek().Length;
                line.Add(chunks.Pop());
            }
            if (chunks.Count > 0 && chunks.Peek().Length > width)
            {
                TextSpan word = chunks.Pop();
                int room = breaksLongWords ? width - length : line.Count == 0 ? word.Length : 0;
                if (room > 0) line.Add(word with { Length = room });
                if (room < word.Length) chunks.Push(new TextSpan(word.Start + room, word.Length - room));
            }
            if (line.Count > 0 && IsSpace(text, line[^1])) line.RemoveAt(line.Count - 1);
            if (line.Count > 0) yield return text[line[0].Start..line[^1].End];
        }
    }

    private static bool IsSpace(string text, TextSpan span) => Lexer.IsSpace(text[span.Start]);

    private static IEnumerable<TextSpan> Chunks(string text, bool breaksOnHyphens)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            bool space = Lexer.IsSpace(text[start]);
            for (end = start + 1; end < text.Length && Lexer.IsSpace(text[end]) == space; end++)
            {
                bool hyphen = breaksOnHyphens && !space && text[end - 1] == '-' && end - 2 >= start && char.IsLetter(text[end - 2]) && char.IsLetter(text[end]);
                if (hyphen) break;
            }
            yield return new TextSpan(start, end - start);
        }
    }
}
