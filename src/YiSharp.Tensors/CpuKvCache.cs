namespace YiSharp.Tensors;

/// <summary>
/// Keys and values of one sequence in single precision. Keys stand in blocks of <see cref="BlockTokens"/> tokens with the tokens
/// innermost, [kvHeadCount, capacity / BlockTokens, headDim, BlockTokens], so that one vector holds a feature of many tokens;
/// values as [kvHeadCount, capacity, headDim].
/// </summary>
internal sealed class CpuKvCache(int layerCount, AttentionShape shape, int maxTokens) : KvCache(maxTokens)
{
    public const int BlockTokens = 16;

    private const int FirstCapacity = 256;

    private readonly TensorMemory?[] _keys = new TensorMemory?[layerCount];
    private readonly TensorMemory?[] _values = new TensorMemory?[layerCount];
    private readonly int[] _capacities = new int[layerCount];
    private bool _disposed;

    public AttentionShape Shape { get; } = shape;

    public int LayerCount => _keys.Length;

    public override long TokenBytes => 2L * LayerCount * Shape.KvColumns * sizeof(float);

    /// <summary>The memory of a layer with room for <paramref name="tokenCount"/> tokens.</summary>
    public KvLayer Layer(int layer, int tokenCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tokenCount > MaxTokens) throw new TensorException($"A cache of {MaxTokens} tokens holds {Length}; {tokenCount - Length} more do not fit.");
        if (tokenCount > _capacities[layer]) Grow(layer, tokenCount);
        return new KvLayer(_keys[layer]!, 0, _values[layer]!, 0, _capacities[layer]);
    }

    /// <summary>The least whole number of blocks that hold <paramref name="tokenCount"/> tokens, in tokens.</summary>
    public static int WholeBlocks(int tokenCount) => checked((tokenCount + BlockTokens - 1) / BlockTokens * BlockTokens);

    /// <summary>
    /// A layer of exactly one sequence's tokens inside other memory, for a sequence without a cache; <paramref name="usedFloats"/> moves on
    /// by its size, 2 · kvHeadCount · whole blocks · headDim.
    /// </summary>
    public static KvLayer Within(TensorMemory memory, ref long usedFloats, AttentionShape shape, int tokenCount)
    {
        int capacity = WholeBlocks(tokenCount);
        long part = (long)shape.KvHeadCount * capacity * shape.HeadDim;
        usedFloats += 2 * part;
        return new KvLayer(memory, usedFloats - 2 * part, memory, usedFloats - part, capacity);
    }

    private void Grow(int layer, int tokenCount)
    {
        int old = _capacities[layer];
        long wanted = Math.Max(tokenCount, Math.Min(Math.Max(2L * old, FirstCapacity), MaxTokens));
        int capacity = WholeBlocks(checked((int)wanted));
        _keys[layer] = Regrow(_keys[layer], old, capacity);
        _values[layer] = Regrow(_values[layer], old, capacity);
        _capacities[layer] = capacity;
    }

    /// <summary>Both layouts keep a head's tokens together, in blocks: the old ones move to the front of the head's larger part.</summary>
    private TensorMemory Regrow(TensorMemory? old, int oldCapacity, int capacity)
    {
        long tokenBytes = (long)Shape.HeadDim * sizeof(float);
        TensorMemory memory = TensorMemory.Allocate(Shape.KvHeadCount * capacity * tokenBytes);
        if (old is null) return memory;

        for (int head = 0; head < Shape.KvHeadCount; head++)
        {
            for (int token = 0; token < oldCapacity; token += BlockTokens)
            {
                int bytes = checked((int)(BlockTokens * tokenBytes));
                old.Slice((head * (long)oldCapacity + token) * tokenBytes, bytes).CopyTo(memory.Slice((head * (long)capacity + token) * tokenBytes, bytes));
            }
        }
        old.Dispose();
        return memory;
    }

    public override void Dispose()
    {
        _disposed = true;
        foreach (TensorMemory? memory in _keys) memory?.Dispose();
        foreach (TensorMemory? memory in _values) memory?.Dispose();
    }
}

/// <summary>A layer's keys and values, laid out as <see cref="CpuKvCache"/> says.</summary>
/// <param name="Keys">[kvHeadCount, Capacity / BlockTokens, headDim, BlockTokens].</param>
/// <param name="KeysOffset">Where in that memory they begin, in floats.</param>
/// <param name="Values">[kvHeadCount, Capacity, headDim].</param>
/// <param name="ValuesOffset">Where in that memory they begin, in floats.</param>
/// <param name="Capacity">Tokens that there is room for; a multiple of <see cref="CpuKvCache.BlockTokens"/>.</param>
internal readonly record struct KvLayer(TensorMemory Keys, long KeysOffset, TensorMemory Values, long ValuesOffset, int Capacity);
