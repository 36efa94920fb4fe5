using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors.Blocks;

/// <summary>A format whose weights are integer codes times a scale plus an offset, so that the integer kernels can take it.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
internal interface IAffineBlock<TSelf> : IWeightBlock<TSelf> where TSelf : unmanaged, IAffineBlock<TSelf>
{
    /// <summary>What it becomes.</summary>
    static abstract AffineForm Form { get; }

    /// <summary>Takes a block apart.</summary>
    /// <param name="block">The block.</param>
    /// <param name="codes">Codes in the order of the weights, [Length].</param>
    /// <param name="scales">Scales in the order that <see cref="AffineForm.ScaleBytes"/> says.</param>
    static abstract void Unpack(in TSelf block, Span<byte> codes, Span<byte> scales);
}
