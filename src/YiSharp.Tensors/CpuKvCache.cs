using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>A sequence's blocks of a <see cref="KvBlockPool"/>, in order: block b holds tokens [b · 64, (b + 1) · 64) of all layers.</summary>
internal sealed class CpuKvCache(KvBlockPool pool, int maxTokens, int length = 0) : KvCache(maxTokens, length)
{
    private const int BlockTokens = KvLayout.BlockTokens;

    private int[] _blocks = new int[4];
    private int _count;
    private bool _disposed;

    public KvBlockPool Pool => pool;

    public override long BytesOf(int tokenCount) => pool.BlockBytes * KvLayout.BlocksOf(tokenCount);

    /// <summary>
    /// Makes room for tokens up to <paramref name="tokenCount"/>: blocks that the sequence lacks, and a copy of a shared one that new
    /// tokens will be written to. Blocks already there do not move.
    /// </summary>
    public void Reserve(int tokenCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tokenCount > MaxTokens) throw new TensorException($"A cache of {MaxTokens} tokens holds {Length}; {tokenCount - Length} more do not fit.");
        int needed = KvLayout.BlocksOf(tokenCount);
        for (int i = Length / BlockTokens; i < _count; i++)
        {
            if (pool.IsShared(_blocks[i])) _blocks[i] = pool.Unshare(_blocks[i]);
        }
        while (_count < needed)
        {
            if (_count == _blocks.Length) Array.Resize(ref _blocks, 2 * _count);
            _blocks[_count++] = pool.Rent();
        }
    }

    /// <summary>Where a layer's part of each of the first blocks lies.</summary>
    public void Locate(int layer, Span<nint> blocks)
    {
        for (int i = 0; i < blocks.Length; i++) blocks[i] = pool.Address(_blocks[i], layer);
    }

    public override KvCache Fork(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireWithin(length);
        int shared = Math.Min(KvLayout.BlocksOf(length), _count);
        var fork = new CpuKvCache(pool, MaxTokens, length) { _blocks = new int[Math.Max(shared + 1, 4)], _count = shared };
        for (int i = 0; i < shared; i++) pool.Share(fork._blocks[i] = _blocks[i]);
        return fork;
    }

    protected override void Release(int length)
    {
        int needed = KvLayout.BlocksOf(length);
        while (_count > needed) pool.Return(_blocks[--_count]);
    }

    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Release(0);
    }
}
