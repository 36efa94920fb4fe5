namespace YiSharp.Evaluation;

/// <summary>BIG-Bench Hard's files with chain-of-thought prompts: a warning, a line of dashes, the prompt.</summary>
internal static class CotPrompts
{
    private const string Separator = "-----\n";

    /// <summary>The prompt of a file.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read or has no prompt.</exception>
    public static string Text(string path)
    {
        string text = TableFile.Text(path, TableFile.Bytes(path)).ReplaceLineEndings("\n");
        int start = text.IndexOf(Separator, StringComparison.Ordinal);
        return start >= 0 ? text[(start + Separator.Length)..] : throw new InvalidDataException($"{path} has no line \"-----\"; expected the prompt behind it.");
    }
}
