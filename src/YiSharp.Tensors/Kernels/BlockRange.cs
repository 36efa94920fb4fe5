namespace YiSharp.Tensors.Kernels;

/// <summary>Some of a row's blocks of 32 inputs; after the first ones, products go on from the sums so far.</summary>
internal readonly record struct BlockRange(int First, int End);
