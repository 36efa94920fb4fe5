namespace YiSharp.Inference;

/// <summary>Ids to go on from, and how.</summary>
public sealed record GenerationRequest
{
    /// <summary>The prompt, at least one id.</summary>
    public required int[] Ids { get; init; }

    /// <summary>Ids that end the answer, which includes the one that did.</summary>
    /// <value>None.</value>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>Gives what looks at the answer's ids as they are chosen, each once and in order, and says after which of them it ends; called once for each answer.</summary>
    /// <value>None.</value>
    public Func<Func<int, bool>>? CreateStopCheck { get; init; }

    /// <summary>Most ids to generate, tokens.</summary>
    /// <value>256.</value>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>How an id is chosen.</summary>
    /// <value>The likeliest.</value>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Who guesses ids ahead.</summary>
    /// <value>Nobody.</value>
    public Speculation Speculation { get; init; }
}

/// <summary>What was generated.</summary>
/// <param name="Ids">The generated ids, with the stop id that ended them.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Seed">The sampler's seed.</param>
public sealed record GenerationResult(int[] Ids, FinishReason FinishReason, ulong Seed)
{
    /// <summary>How the ids came about.</summary>
    public SpeculationReport Speculation { get; init; }
}
