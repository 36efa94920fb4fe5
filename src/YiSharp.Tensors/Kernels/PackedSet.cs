using System.Runtime.CompilerServices;

namespace YiSharp.Tensors.Kernels;

/// <summary>A few weights that are multiplied with the same activations, and where their outputs go.</summary>
internal struct PackedSet
{
    private Few<PackedWeight> _weights;
    private Few<CpuTensor> _outputs;

    /// <summary>Most weights of a set.</summary>
    public const int Most = 4;

    public int Count { get; private set; }

    /// <summary>Groups of rows of all weights.</summary>
    public int GroupCount { get; private set; }

    public void Add(PackedWeight weight, CpuTensor output)
    {
        _weights[Count] = weight;
        _outputs[Count++] = output;
        GroupCount += weight.GroupCount;
    }

    public readonly PackedWeight Weight(int index) => _weights[index];

    public readonly CpuTensor Output(int index) => _outputs[index];

    [InlineArray(Most)]
    private struct Few<T>
    {
        private T _first;
    }
}
