namespace YiSharp.Tensors;

/// <summary>Keys and values of one sequence, all layers, in a backend's own layout. It grows as needed up to <see cref="MaxTokens"/>.</summary>
public abstract class KvCache(int maxTokens) : IDisposable
{
    /// <summary>Most tokens that it may hold.</summary>
    public int MaxTokens { get; } = maxTokens;

    /// <summary>Tokens that it holds: the position of the next one.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that a token's keys and values take, in all layers.</summary>
    public abstract long TokenBytes { get; }

    /// <summary>Forgets every token from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Counts tokens whose keys and values every layer has written: a forward pass does this once, at its end.</summary>
    public void Advance(int tokenCount)
    {
        if (Length > MaxTokens - tokenCount) throw new TensorException($"A cache of {MaxTokens} tokens holds {Length}; {tokenCount} more do not fit.");
        Length += tokenCount;
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
