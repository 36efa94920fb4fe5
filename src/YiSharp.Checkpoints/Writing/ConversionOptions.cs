using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>How a model is converted.</summary>
public sealed record ConversionOptions
{
    /// <summary>The format of every matrix.</summary>
    /// <value>Default: null, each matrix as it is stored where the target can hold that, else F32: nothing is rounded.</value>
    public WeightFormat? Format { get; init; }

    /// <summary>Most bytes of weights in a file of a folder.</summary>
    /// <value>Default: <see cref="HuggingFaceOptions.DefaultMaxShardBytes"/>.</value>
    public long MaxShardBytes { get; init; } = HuggingFaceOptions.DefaultMaxShardBytes;

    /// <summary>Ids that end an answer, the one that ends a turn first.</summary>
    /// <value>Default: null, what the model's files and well-known marks in its template say.</value>
    public IReadOnlyList<int>? EosTokenIds { get; init; }

    /// <summary>Called every few megabytes with the bytes of weights written and those of all; an exception that it throws ends the work and leaves nothing behind.</summary>
    /// <value>Default: null.</value>
    public Action<long, long>? Progress { get; init; }
}
