namespace YiSharp.Evaluation;

/// <summary>BIG-Bench Hard's files with chain-of-thought prompts: a warning, a line of dashes, the prompt.</summary>
internal static class CotPrompts
{
    private const string Separator = "-----\n", QuestionMark = "\n\nQ: ", AnswerMark = "\nA: Let's think step by step.";

    /// <summary>The prompt of a file.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read or has no prompt.</exception>
    public static string Text(string path)
    {
        string text = TableFile.Text(path, TableFile.Bytes(path)).ReplaceLineEndings("\n");
        int start = text.IndexOf(Separator, StringComparison.Ordinal);
        return start >= 0 ? text[(start + Separator.Length)..] : throw new InvalidDataException($"{path} has no line \"-----\"; expected the prompt behind it.");
    }

    /// <summary>What a prompt says of its task, before the first question.</summary>
    /// <param name="prompt">What <see cref="Text"/> gives.</param>
    public static string Task(string prompt) => prompt.Split(QuestionMark, 2)[0].Trim();

    /// <summary>The questions of a prompt, each with an answer that reasons and ends in "So the answer is …"; it begins with the line end or space that stands before it.</summary>
    /// <param name="prompt">What <see cref="Text"/> gives.</param>
    public static IReadOnlyList<BenchmarkItem> Exemplars(string prompt) =>
    [
        .. prompt.Split(QuestionMark).Skip(1).Select(block => block.Split(AnswerMark, 2)).Where(parts => parts.Length == 2).Select((parts, item) => new BenchmarkItem(item, parts[0], [], [], parts[1].TrimEnd())),
    ];
}
