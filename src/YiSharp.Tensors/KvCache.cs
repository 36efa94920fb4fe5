namespace YiSharp.Tensors;

/// <summary>
/// Keys and values of one sequence, all layers, in a backend's own layout. It grows as needed up to <see cref="MaxTokens"/>. Belongs to
/// the thread that runs its backend.
/// </summary>
/// <param name="maxTokens">Most tokens that it may hold.</param>
/// <param name="length">Tokens that it holds from the start.</param>
public abstract class KvCache(int maxTokens, int length = 0) : IDisposable
{
    /// <summary>Most tokens that it may hold.</summary>
    public int MaxTokens { get; } = maxTokens;

    /// <summary>Tokens that it holds: the position of the next one.</summary>
    public int Length { get; private set; } = length;

    /// <summary>Bytes that a sequence of <paramref name="tokenCount"/> tokens takes, where it shares nothing with another.</summary>
    public abstract long BytesOf(int tokenCount);

    /// <summary>
    /// A cache that holds the first <paramref name="length"/> tokens of this one and goes its own way from there. Their memory is shared
    /// until one of the two writes to it, and lives as long as either.
    /// </summary>
    public abstract KvCache Fork(int length);

    /// <summary>Forgets every token from <paramref name="length"/> on, and gives their memory back.</summary>
    public void Truncate(int length)
    {
        RequireWithin(length);
        Length = length;
        Release(length);
    }

    /// <summary>Counts tokens whose keys and values every layer has written: a forward pass does this once, at its end.</summary>
    public void Advance(int tokenCount)
    {
        if (Length > MaxTokens - tokenCount) throw new TensorException($"A cache of {MaxTokens} tokens holds {Length}; {tokenCount} more do not fit.");
        Length += tokenCount;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Gives memory back that <paramref name="length"/> tokens do not need.</summary>
    protected abstract void Release(int length);

    /// <summary>Refuses a number of tokens that the cache does not hold.</summary>
    protected void RequireWithin(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
    }
}
