namespace YiSharp.Evaluation;

/// <summary>What is the same for every model of a table.</summary>
public sealed record EvaluationProtocol
{
    /// <summary>Its name.</summary>
    /// <value>yisharp-chat.</value>
    public string Name { get; init; } = "yisharp-chat";

    /// <summary>Counts changes of prompts and extraction rules.</summary>
    /// <value>1.</value>
    public int Version { get; init; } = 1;

    /// <summary>Examples shown before the question.</summary>
    /// <value>0.</value>
    public int Shots { get; init; }

    /// <summary>How a token is chosen.</summary>
    /// <value>greedy.</value>
    public string Generation { get; init; } = "greedy";

    /// <summary>Most tokens of an answer.</summary>
    /// <value>128.</value>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Questions answered together; what is interrupted is asked again by whole batches, so that answers do not depend on interruptions.</summary>
    /// <value>64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Questions of each suite that were asked, chosen by the seed; null for all.</summary>
    /// <value>null.</value>
    public int? Limit { get; init; }

    /// <summary>What chose them; null where all were asked.</summary>
    /// <value>null.</value>
    public int? Seed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A count is not positive.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNewTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
    }
}
