using System.Runtime.InteropServices;

namespace YiSharp.Tensors;

/// <summary>Single-precision activations in memory, [rows, columns], the columns contiguous. Disposing of it hands it back to its <see cref="Workspace"/>.</summary>
public sealed class CpuTensor : Tensor
{
    private readonly Workspace _workspace;
    private bool _rented;

    internal CpuTensor(Workspace workspace, int bucket, int capacity)
    {
        _workspace = workspace;
        Bucket = bucket;
        Memory = TensorMemory.Allocate((long)capacity * sizeof(float));
    }

    /// <summary>All elements, [rows · columns].</summary>
    public Span<float> Values => MemoryMarshal.Cast<byte, float>(Storage.Slice(0, Rows * Columns * sizeof(float)));

    /// <summary>The elements of a row, [columns].</summary>
    public Span<float> Row(int row) => Values.Slice(row * Columns, Columns);

    /// <summary>Which free list of the workspace it belongs to.</summary>
    internal int Bucket { get; }

    internal TensorMemory Memory { get; }

    internal unsafe float* Pointer => (float*)Storage.Pointer;

    internal unsafe nint Address => (nint)Storage.Pointer;

    private TensorMemory Storage => _rented ? Memory : throw new ObjectDisposedException(nameof(CpuTensor));

    internal void Rent(int rows, int columns) => (Rows, Columns, _rented) = (rows, columns, true);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (!_rented) return;
        _rented = false;
        _workspace.Return(this);
    }
}
