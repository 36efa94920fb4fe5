using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Where a tensor lies in a GGUF file.</summary>
/// <param name="Name">Its name in the file, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Dimensions">Lengths as the file lists them: the fastest, the inputs of a linear, first.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="OffsetBytes">Where it starts, bytes from the file's start.</param>
/// <param name="LengthBytes">How long it is, bytes.</param>
/// <param name="Memory">The bytes of the file that it lies in.</param>
/// <param name="Path">That file: one of several where the model is split.</param>
public sealed record GgufTensor(string Name, IReadOnlyList<long> Dimensions, GgufType Type, long OffsetBytes, long LengthBytes, TensorMemory Memory, string Path)
{
    /// <summary>The shape with the slowest dimension first, as Hugging Face writes it.</summary>
    public string Shape => $"[{string.Join(", ", Dimensions.Reverse())}]";
}
