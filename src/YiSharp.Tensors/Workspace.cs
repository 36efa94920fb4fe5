using System.Numerics;

namespace YiSharp.Tensors;

/// <summary>
/// Tensors that are not in use, by size, for the next operation to take: a forward pass of a size seen before allocates nothing.
/// Contents are whatever the last user left.
/// </summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>Each power of two is divided into this many sizes, so that at most a fourth of a tensor is wasted.</summary>
    private const int SizesPerDoubling = 4;

    private const int LeastCapacity = 64;

    private readonly Lock _lock = new();
    private readonly Stack<CpuTensor>[] _free = new Stack<CpuTensor>[BucketOf(int.MaxValue / sizeof(float)) + 1];
    private bool _disposed;

    /// <summary>A tensor of the given shape with arbitrary contents.</summary>
    public CpuTensor Rent(int rows, int columns)
    {
        long length = (long)rows * columns;
        if (rows < 0 || columns < 0 || length > int.MaxValue / sizeof(float))
        {
            throw new TensorException($"A tensor [{rows}, {columns}] is larger than the 2 GiB that one may have; use fewer tokens at once.");
        }
        int bucket = BucketOf((int)length);
        CpuTensor? tensor = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _free[bucket]?.TryPop(out tensor);
        }
        tensor ??= new CpuTensor(this, bucket, Math.Min(CapacityOf(bucket), int.MaxValue / sizeof(float)));
        tensor.Rent(rows, columns);
        return tensor;
    }

    public void Return(CpuTensor tensor)
    {
        lock (_lock)
        {
            if (_disposed) tensor.Memory.Dispose();
            else (_free[tensor.Bucket] ??= new Stack<CpuTensor>()).Push(tensor);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Stack<CpuTensor>? stack in _free)
            {
                while (stack is not null && stack.TryPop(out CpuTensor? tensor)) tensor.Memory.Dispose();
            }
        }
    }

    /// <summary>Index of the least size that holds <paramref name="length"/> floats.</summary>
    private static int BucketOf(int length)
    {
        if (length <= LeastCapacity) return 0;
        int doubling = BitOperations.Log2((uint)length - 1);
        int step = 1 << (doubling - 2);
        int part = (length - 1 - (1 << doubling)) / step;
        return (doubling - BitOperations.Log2(LeastCapacity)) * SizesPerDoubling + part + 1;
    }

    private static int CapacityOf(int bucket)
    {
        if (bucket == 0) return LeastCapacity;
        int doubling = (bucket - 1) / SizesPerDoubling + BitOperations.Log2(LeastCapacity);
        int part = (bucket - 1) % SizesPerDoubling;
        return (int)Math.Min((1L << doubling) + ((part + 1L) << (doubling - 2)), int.MaxValue);
    }
}
