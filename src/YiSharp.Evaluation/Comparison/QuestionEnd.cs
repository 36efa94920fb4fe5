namespace YiSharp.Evaluation;

/// <summary>The end of a question, for a terminal: there stands what is asked, while exemplars before it tell nothing about it.</summary>
public static class QuestionEnd
{
    private const int MostLines = 8, MostCharacters = 600;

    private const string Cut = "… ";

    /// <summary>Its last lines that are not empty; where something stands before them, the first begins with an ellipsis.</summary>
    public static IReadOnlyList<string> LinesOf(Sample sample)
    {
        string text = SampleBlocks.Question(sample).Trim(), end = text.Length <= MostCharacters ? text : text[^MostCharacters..];
        string[] all = end.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), lines = [.. all.TakeLast(MostLines)];
        if (end.Length < text.Length || lines.Length < all.Length) lines[0] = Cut + lines[0].TrimStart('\uFFFD');
        return lines;
    }
}
