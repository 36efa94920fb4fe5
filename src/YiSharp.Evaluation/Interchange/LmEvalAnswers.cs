namespace YiSharp.Evaluation;

/// <summary>A task's answers by one filter.</summary>
/// <param name="Task">The task.</param>
/// <param name="Filters">All filters that its answers were read by.</param>
/// <param name="Filter">The one that is taken.</param>
/// <param name="Samples">The answers, one or more.</param>
internal sealed record LmEvalAnswers(LmEvalTask Task, IReadOnlyList<string> Filters, string Filter, IReadOnlyList<Sample> Samples)
{
    /// <summary>Whether answers were written; else options were scored.</summary>
    public required bool IsWritten { get; init; }

    /// <summary>How they were written; null where options were scored, or where they differ in it.</summary>
    public required GenerationArguments? Generation { get; init; }

    /// <summary>Whether it is known which of them the limit of tokens cut off: lm-evaluation-harness does not say, exports of ours do.</summary>
    public required bool IsCutOffKnown { get; init; }
}
