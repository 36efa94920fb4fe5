namespace YiSharp.Inference;

/// <summary>What was generated, as text.</summary>
/// <param name="Text">The answer without control tokens.</param>
/// <param name="Ids">Its ids, with the stop id that ended them.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Seed">The sampler's seed.</param>
public sealed record TextResult(string Text, int[] Ids, FinishReason FinishReason, ulong Seed)
{
    /// <summary>How the ids came about.</summary>
    public SpeculationReport Speculation { get; init; }
}
