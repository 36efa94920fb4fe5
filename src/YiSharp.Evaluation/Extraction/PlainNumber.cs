namespace YiSharp.Evaluation;

/// <summary>Numbers that stand as answers in data, to be compared: as our reader writes them.</summary>
internal static class PlainNumber
{
    private static readonly ExtractionQuestion Any = new(AnswerKind.Number, null, []);

    /// <summary>The number of a text such as "#### 70,000" in its plainest form, 70000; null without one.</summary>
    public static string? In(string text) => ExtractionPack.Default.Extract(Any, text).Answer;
}
