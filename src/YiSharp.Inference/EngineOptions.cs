namespace YiSharp.Inference;

/// <summary>Bounds on what an <see cref="Engine"/> does at once.</summary>
public sealed record EngineOptions
{
    /// <summary>Most prompt tokens of one forward pass.</summary>
    /// <value>256.</value>
    public int PrefillTokens { get; init; } = 256;

    /// <summary>Most sequences of one forward pass.</summary>
    /// <value>16.</value>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Most bytes of keys and values of all running sequences together; one sequence always runs.</summary>
    /// <value>1 GiB.</value>
    public long MaxCacheBytes { get; init; } = 1L << 30;

    /// <summary>Longest sequence, tokens; null takes the model's <c>max_position_embeddings</c>.</summary>
    /// <value>null.</value>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// Requests that begin with at least so many of the same tokens compute them once: the first computes them, the others wait for it and share its
    /// keys and values. Their ids are the same either way. <see cref="int.MaxValue"/> shares nothing.
    /// </summary>
    /// <value>64.</value>
    public int LeastSharedTokens { get; init; } = 64;

    /// <summary>Refuses values that mean nothing.</summary>
    /// <exception cref="ArgumentException">A value is not positive.</exception>
    public EngineOptions Validate()
    {
        if (PrefillTokens < 1 || MaxSequences < 1 || MaxCacheBytes < 1 || MaxTokens < 1 || LeastSharedTokens < 1)
        {
            throw new ArgumentException($"The engine's bounds are {PrefillTokens} prompt tokens a pass, {MaxSequences} sequences, {MaxCacheBytes} bytes, {MaxTokens} tokens a sequence and {LeastSharedTokens} tokens to share; each must be at least 1.");
        }
        return this;
    }
}
