namespace YiSharp.Checkpoints;

/// <summary>What the writers of models have in common.</summary>
public abstract record ModelWriterOptions
{
    /// <summary>Matrices to write in place of the checkpoint's own: all of them, in any order.</summary>
    /// <value>Default: null, the checkpoint's own.</value>
    public IEnumerable<WeightSource>? Weights { get; init; }

    /// <summary>Ids that end an answer, the one that ends a turn first.</summary>
    /// <value>Default: null, the template's end of turn, then those of generation_config.json and config.json.</value>
    public IReadOnlyList<int>? EosTokenIds { get; init; }

    /// <summary>Called every few megabytes with the bytes of weights written and those of all; an exception that it throws ends the work and leaves nothing behind.</summary>
    /// <value>Default: null.</value>
    public Action<long, long>? Progress { get; init; }
}
