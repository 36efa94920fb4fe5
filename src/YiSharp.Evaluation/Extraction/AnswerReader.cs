namespace YiSharp.Evaluation;

/// <summary>Our reader of final answers.</summary>
internal static class AnswerReader
{
    public static Extraction Read(ExtractionQuestion question, string output)
    {
        if (question.Kind != AnswerKind.Number) return Extraction.Nothing;
        (string? number, string? rule) = NumberExtraction.Find(output);
        return new Extraction(number, rule, null);
    }
}
