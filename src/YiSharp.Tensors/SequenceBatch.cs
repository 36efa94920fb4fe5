namespace YiSharp.Tensors;

/// <summary>Consecutive rows of a forward pass that belong to one sequence.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">Number of rows: new tokens of the sequence in this pass.</param>
/// <param name="Cache">What came before, and where the new keys and values go; null when the rows are the whole sequence (training).</param>
/// <param name="Length">Tokens of the sequence with this pass's, and with those of its prompt that are still to come.</param>
public readonly record struct SequenceSlice(int Start, int Count, KvCache? Cache, int Length)
{
    /// <summary>Position of the first row in its sequence, 0-based.</summary>
    public int FirstPosition => Cache?.Length ?? 0;
}

/// <summary>
/// Which rows of a forward pass belong to which sequence: ragged, without padding. Reusable: <see cref="Clear"/>, then
/// <see cref="Add"/> each sequence; no allocation once it has grown.
/// </summary>
public sealed class SequenceBatch
{
    private SequenceSlice[] _slices = new SequenceSlice[1];
    private int[] _positions = new int[16];
    private int _count;

    /// <summary>Number of rows.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The sequences in order of their rows.</summary>
    public ReadOnlySpan<SequenceSlice> Slices => _slices.AsSpan(0, _count);

    /// <summary>Position of each row in its sequence, [TokenCount].</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, TokenCount);

    /// <summary>Starts over with no sequence.</summary>
    public void Clear() => (_count, TokenCount) = (0, 0);

    /// <summary>Appends a sequence's <paramref name="tokenCount"/> rows.</summary>
    /// <param name="tokenCount">Number of rows.</param>
    /// <param name="cache">What came before; null when the rows are the whole sequence.</param>
    /// <param name="length">Tokens of the whole prompt, where it is read in several passes; of effect with dynamic rotary scaling alone.</param>
    public void Add(int tokenCount, KvCache? cache = null, int length = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokenCount);
        if (_count == _slices.Length) Array.Resize(ref _slices, 2 * _count);
        if (TokenCount + tokenCount > _positions.Length) Array.Resize(ref _positions, Math.Max(2 * _positions.Length, TokenCount + tokenCount));
        var slice = new SequenceSlice(TokenCount, tokenCount, cache, Math.Max(length, (cache?.Length ?? 0) + tokenCount));
        _slices[_count++] = slice;
        for (int i = 0; i < tokenCount; i++) _positions[TokenCount + i] = slice.FirstPosition + i;
        TokenCount += tokenCount;
    }

    /// <summary>Tells every cache that its new tokens are written.</summary>
    public void AdvanceCaches()
    {
        foreach (SequenceSlice slice in Slices) slice.Cache?.Advance(slice.Count);
    }
}
