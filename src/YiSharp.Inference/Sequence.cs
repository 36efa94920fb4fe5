using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>One text in the making: its ids, its cache, and what chooses the next id.</summary>
public sealed class Sequence : IDisposable
{
    private readonly int _maxTokens;
    private readonly int _fixedLength;
    private int[] _ids;
    private int _count;
    private int _promptCount;
    private int _lastCount;
    private IReadOnlyList<int> _stopIds = [];

    internal Sequence(KvCache cache, int maxTokens, int fixedLength, ReadOnlySpan<int> ids = default)
    {
        Cache = cache;
        _maxTokens = maxTokens;
        _fixedLength = fixedLength;
        _ids = new int[Math.Max(Math.Min(maxTokens, 256), ids.Length)];
        ids.CopyTo(_ids);
        _count = _promptCount = ids.Length;
    }

    /// <summary>Prompt and answer so far.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>The answer so far, with the stop id that ended it.</summary>
    public ReadOnlySpan<int> NewIds => _ids.AsSpan(_promptCount, _count - _promptCount);

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finished { get; private set; }

    /// <summary>Keys and values of the ids that a forward pass has seen.</summary>
    internal KvCache Cache { get; }

    internal Sampler? Sampler { get; private set; }

    /// <summary>Ids that no forward pass has seen.</summary>
    internal ReadOnlySpan<int> PendingIds => _ids.AsSpan(Cache.Length, _count - Cache.Length);

    /// <summary>
    /// A sequence that begins with the same ids and shares what the cache holds of them without computing or copying it; it wants a prompt of its own
    /// (<see cref="Engine.Begin"/>). Either may be disposed of first.
    /// </summary>
    /// <param name="length">How many ids, at most those that the cache holds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cache does not hold so many.</exception>
    public Sequence Fork(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Cache.Length);
        // Keys of a text beyond the fixed length serve no other.
        int shared = _count > _fixedLength ? 0 : length;
        return new Sequence(Cache.Fork(shared), _maxTokens, _fixedLength, Ids[..shared]);
    }

    /// <summary>How many ids of a prompt a fork would have: those that it begins with and the cache holds or, with <paramref name="isPending"/>, will hold.</summary>
    internal int SharedWith(ReadOnlySpan<int> prompt, bool isPending)
    {
        if (Math.Max(_count, prompt.Length) > _fixedLength) return 0;
        ReadOnlySpan<int> ids = isPending ? _ids.AsSpan(0, _promptCount) : Ids[..Cache.Length];
        return Math.Min(ids.CommonPrefixLength(prompt), prompt.Length - 1);
    }

    /// <summary>
    /// Takes another prompt. What the cache holds of the ids that it begins with stays; the sampler's random numbers begin anew
    /// unless <paramref name="sampler"/> is the one it had.
    /// </summary>
    /// <returns>Number of the prompt's ids that the cache holds.</returns>
    internal int Begin(GenerationRequest request, Sampler sampler)
    {
        int shared = Ids[..Cache.Length].CommonPrefixLength(request.Ids);
        shared = Math.Min(shared, request.Ids.Length - 1); // the last id's logits are wanted
        if (Math.Max(_count, request.Ids.Length) > _fixedLength) shared = 0;
        Cache.Truncate(shared);

        _promptCount = _count = request.Ids.Length;
        _lastCount = (int)Math.Min(_maxTokens, (long)_promptCount + request.MaxNewTokens);
        if (_ids.Length < _lastCount) Array.Resize(ref _ids, _lastCount);
        request.Ids.CopyTo(_ids, 0);
        _stopIds = request.StopIds;

        Sampler = sampler;
        sampler.Forget();
        sampler.Observe(request.Ids);
        Finished = _count >= _lastCount ? FinishReason.Length : null;
        return shared;
    }

    /// <summary>Appends a chosen id and sees whether it is the last.</summary>
    internal void Accept(int id)
    {
        _ids[_count++] = id;
        Sampler!.Observe(_ids.AsSpan(_count - 1, 1));
        for (int i = 0; i < _stopIds.Count; i++)
        {
            if (_stopIds[i] != id) continue;
            Finished = FinishReason.Stop;
            return;
        }
        if (_count >= _lastCount) Finished = FinishReason.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}
