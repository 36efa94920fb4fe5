namespace YiSharp.Evaluation;

/// <summary>What is known of a question when an answer to it is read.</summary>
/// <param name="Kind">The form of its answer.</param>
/// <param name="Input">The question with its options, as shown; null when unknown. Packs that read words or options out of it ask for it.</param>
/// <param name="Choices">The options' texts, the first lettered A; empty where there are none.</param>
public sealed record ExtractionQuestion(AnswerKind Kind, string? Input, IReadOnlyList<string> Choices)
{
    /// <summary>The letters of the options, such as ABCD; those four where the options are unknown.</summary>
    internal string Letters { get; } = Choices.Count == 0 ? "ABCD" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[..Math.Min(Choices.Count, 26)];
}
