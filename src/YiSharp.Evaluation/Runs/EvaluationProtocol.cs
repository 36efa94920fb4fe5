namespace YiSharp.Evaluation;

/// <summary>What is the same for every model of a table.</summary>
public sealed record EvaluationProtocol
{
    /// <summary>Its name.</summary>
    /// <value>yisharp-chat.</value>
    public string Name { get; init; } = "yisharp-chat";

    /// <summary>Counts changes of prompts; those of the rules that read answers are counted by <see cref="ReadingRules.Version"/>.</summary>
    /// <value>1.</value>
    public int Version { get; init; } = 1;

    /// <summary>Examples shown before the question.</summary>
    /// <value>0.</value>
    public int Shots { get; init; }

    /// <summary>What <see cref="Generation"/> is where an imported run does not say it.</summary>
    internal const string NotKnown = "unknown decoding";

    /// <summary>How a token is chosen.</summary>
    /// <value>greedy.</value>
    public string Generation { get; init; } = "greedy";

    /// <summary>Most tokens of an answer; 0 where an imported run does not say it.</summary>
    /// <value>128.</value>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Questions answered together; what is interrupted is asked again by whole batches, so that answers do not depend on interruptions. 0 as above.</summary>
    /// <value>64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Questions of each suite that were asked, chosen by the seed; without one, at most so many of each task. null for all.</summary>
    /// <value>null.</value>
    public int? Limit { get; init; }

    /// <summary>What chose them; null where all were asked, and in imported runs.</summary>
    /// <value>null.</value>
    public int? Seed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A count is not positive.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNewTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
    }
}
