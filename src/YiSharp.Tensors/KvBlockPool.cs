using System.Numerics;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>
/// Blocks of keys and values of one model, each of <see cref="KvLayout.BlockTokens"/> tokens in all layers, with a count of the sequences
/// that hold each. Memory comes in slabs of <see cref="SlabBlocks"/> blocks; of slabs that nobody uses one is kept.
/// </summary>
/// <param name="layerCount">Layers of the model.</param>
/// <param name="layout">How a layer's part of a block is laid out.</param>
internal sealed class KvBlockPool(int layerCount, KvLayout layout) : IDisposable
{
    /// <summary>Bits of a byte: a slab's free blocks.</summary>
    private const int SlabBlocks = 8;

    private const byte AllFree = 0xff;

    private readonly Lock _lock = new();
    private readonly List<TensorMemory?> _slabs = [];
    private readonly List<byte> _free = [];
    private readonly List<int> _references = [];
    private bool _disposed;

    public int LayerCount => layerCount;

    public KvLayout Layout => layout;

    /// <summary>Bytes of a block.</summary>
    public long BlockBytes { get; } = layerCount * layout.LayerBytes;

    /// <summary>Blocks in use, each counted once.</summary>
    public int UsedBlocks { get; private set; }

    /// <summary>Bytes taken from the system.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>A block with arbitrary contents, held once.</summary>
    public int Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // The first slabs with room fill up, so that the last ones empty and go.
            int slab = _free.FindIndex(static free => free != 0);
            if (slab < 0) slab = AddSlab();
            int inSlab = BitOperations.TrailingZeroCount(_free[slab]), block = slab * SlabBlocks + inSlab;
            _free[slab] &= (byte)~(1 << inSlab);
            _references[block] = 1;
            UsedBlocks++;
            return block;
        }
    }

    /// <summary>Counts one more sequence that holds a block.</summary>
    public void Share(int block)
    {
        lock (_lock) _references[block]++;
    }

    public bool IsShared(int block)
    {
        lock (_lock) return _references[block] > 1;
    }

    /// <summary>A copy of a block for one of those who hold it.</summary>
    public unsafe int Unshare(int block)
    {
        int copy = Rent();
        Buffer.MemoryCopy((void*)Address(block, 0), (void*)Address(copy, 0), BlockBytes, BlockBytes);
        Return(block);
        return copy;
    }

    /// <summary>Counts one sequence less; the last one's block is free.</summary>
    public void Return(int block)
    {
        lock (_lock)
        {
            if (--_references[block] > 0 || _disposed) return;
            UsedBlocks--;
            int slab = block / SlabBlocks;
            _free[slab] |= (byte)(1 << block % SlabBlocks);
            if (_free[slab] == AllFree && _free.IndexOf(AllFree) != _free.LastIndexOf(AllFree)) RemoveSlab(slab);
        }
    }

    /// <summary>Where a layer's part of a block lies.</summary>
    public unsafe nint Address(int block, int layer) => (nint)(_slabs[block / SlabBlocks]!.Pointer + block % SlabBlocks * BlockBytes + layer * layout.LayerBytes);

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (TensorMemory? slab in _slabs) slab?.Dispose();
        }
    }

    private int AddSlab()
    {
        int slab = _slabs.IndexOf(null);
        if (slab < 0)
        {
            slab = _slabs.Count;
            _slabs.Add(null);
            _free.Add(0);
            for (int i = 0; i < SlabBlocks; i++) _references.Add(0);
        }
        _slabs[slab] = TensorMemory.AllocateUnset(SlabBlocks * BlockBytes);
        _free[slab] = AllFree;
        ReservedBytes += SlabBlocks * BlockBytes;
        return slab;
    }

    private void RemoveSlab(int slab)
    {
        _slabs[slab]!.Dispose();
        _slabs[slab] = null;
        _free[slab] = 0;
        ReservedBytes -= SlabBlocks * BlockBytes;
    }
}
