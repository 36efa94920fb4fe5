namespace YiSharp.Tensors;

/// <summary>
/// A base that grows with the sequence once it is longer than the model was trained for ("NTK-aware", dynamic):
/// theta · (factor · length / maxPositionEmbeddings − (factor − 1))^(headDim / (headDim − 2)).
/// </summary>
/// <remarks>
/// The length is that of each sequence on its own: the prompt while it is read, in however many passes, and one token more with each token after. Keys
/// that are in a cache keep the base with which they went there, as in transformers, so beyond <paramref name="MaxPositionEmbeddings"/> a
/// decoded token sees them otherwise than one pass over the whole sequence would. In transformers the length is that of the longest
/// sequence of the batch, and is remembered from call to call; here neither other sequences nor earlier calls change a result.
/// </remarks>
/// <param name="Factor">Growth, at least 1.</param>
/// <param name="MaxPositionEmbeddings">Longest sequence with the base as it is, tokens.</param>
public sealed record DynamicRopeScaling(double Factor, int MaxPositionEmbeddings) : RopeScaling
{
    /// <inheritdoc/>
    public override string RopeType => "dynamic";

    /// <inheritdoc/>
    public override int FixedLength => MaxPositionEmbeddings;

    internal override void Compute(double theta, int length, Span<float> frequencies)
    {
        double headDim = 2 * frequencies.Length;
        double growth = Factor * Math.Max(length, MaxPositionEmbeddings) / MaxPositionEmbeddings - (Factor - 1);
        Unscaled(theta * Math.Pow(growth, headDim / (headDim - 2)), frequencies);
    }
}
