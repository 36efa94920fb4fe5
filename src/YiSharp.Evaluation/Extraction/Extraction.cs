namespace YiSharp.Evaluation;

/// <summary>What was read out of a model's words, and how.</summary>
/// <param name="Answer">The answer; null when there is none. A pack of another harness gives its own word for nothing, such as <c>[invalid]</c>.</param>
/// <param name="Rule">Which rule found it; null when none did.</param>
/// <param name="Span">Where it stands in the output: UTF-16 positions [From, To); null where it stands nowhere as such.</param>
public readonly record struct Extraction(string? Answer, string? Rule, (int From, int To)? Span)
{
    /// <summary>Whether the rule is one that guesses: worth a look in an audit.</summary>
    public bool IsLowConfidence { get; init; }

    /// <summary>No answer.</summary>
    public static Extraction Nothing => default;
}
