namespace YiSharp.Tensors.Blocks;

/// <summary>
/// A storage format of weights, as a struct whose bytes are the format's bytes: one block holds <see cref="Length"/> consecutive
/// weights of a row.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IWeightBlock<TSelf> where TSelf : unmanaged, IWeightBlock<TSelf>
{
    /// <summary>Weights in a block.</summary>
    static abstract int Length { get; }

    /// <summary>Writes the block's values, [Length].</summary>
    static abstract void Dequantize(in TSelf block, Span<float> values);

    /// <summary>Whether the block's scales and offsets, and with them its values, are finite.</summary>
    static abstract bool IsFinite(in TSelf block);
}

/// <summary>A format that is written too.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IQuantizableBlock<TSelf> : IWeightBlock<TSelf> where TSelf : unmanaged, IQuantizableBlock<TSelf>
{
    /// <summary>Rounds values, [Length], to a block.</summary>
    static abstract TSelf Quantize(ReadOnlySpan<float> values);
}
