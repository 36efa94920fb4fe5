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
    private Func<int, bool>? _stopCheck;

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

    /// <summary>What guesses how it goes on; null for nothing.</summary>
    internal IDraft? Draft { get; private set; }

    /// <summary>Guessed ids behind <see cref="Ids"/>, which the next pass is to look at.</summary>
    internal int ProposedCount { get; private set; }

    /// <summary>How the answer's ids came about.</summary>
    public SpeculationReport Speculation { get; private set; }

    /// <summary>Ids that no forward pass has seen, the guessed ones last.</summary>
    internal ReadOnlySpan<int> PendingIds => _ids.AsSpan(Cache.Length, _count + ProposedCount - Cache.Length);

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
    internal int Begin(GenerationRequest request, Sampler sampler, IDraft? draft)
    {
        int shared = Ids[..Cache.Length].CommonPrefixLength(request.Ids);
        shared = Math.Min(shared, request.Ids.Length - 1); // the last id's logits are wanted
        if (Math.Max(_count, request.Ids.Length) > _fixedLength) shared = 0;
        Cache.Truncate(shared);

        _lastCount = (int)Math.Min(_maxTokens, (long)request.Ids.Length + request.MaxNewTokens);
        if (draft != Draft) Draft?.Dispose();
        Draft = draft;
        draft?.Begin(Ids, request.Ids, _lastCount, sampler);
        (ProposedCount, Speculation) = (0, default);

        _promptCount = _count = request.Ids.Length;
        if (_ids.Length < _lastCount) Array.Resize(ref _ids, _lastCount);
        request.Ids.CopyTo(_ids, 0);
        _stopIds = request.StopIds;
        _stopCheck = request.CreateStopCheck?.Invoke();

        Sampler = sampler;
        sampler.Forget();
        sampler.Observe(request.Ids);
        Finished = _count >= _lastCount ? FinishReason.Length : null;
        return shared;
    }

    /// <summary>Guesses how it goes on.</summary>
    /// <param name="sequenceCount">Sequences that share the pass.</param>
    /// <param name="most">Most guesses.</param>
    internal void Propose(int sequenceCount, int most)
    {
        // A pass gives one id more than it has guesses; keys of a longer sequence may turn otherwise; and how much of a prompt was in the cache must not matter.
        ProposedCount = 0;
        most = Math.Min(most, Math.Min(_lastCount - 1, _fixedLength) - _count);
        if (Draft is not null && most > 0 && _count > _promptCount) ProposedCount = Draft.Propose(Ids, sequenceCount, _ids.AsSpan(_count, most));
    }

    /// <summary>Chooses the next id, and those after it as long as they are the guessed ones.</summary>
    /// <param name="logits">After the last id and after each guess, [1 + <see cref="ProposedCount"/>, vocab]; changed by this.</param>
    internal void Choose(Span<float> logits)
    {
        int proposed = ProposedCount, vocabSize = logits.Length / (1 + proposed), accepted = 0;
        ProposedCount = 0;
        bool isGuessed = true;
        for (int i = 0; isGuessed && Finished is null; i++)
        {
            Span<float> row = logits.Slice(i * vocabSize, vocabSize);
            int guess = i < proposed ? _ids[_count] : -1;
            int id = i < proposed ? Sampler!.Sample(row, guess, Draft!.ProbabilitiesOf(i)) : Sampler!.Sample(row);
            isGuessed = id == guess;
            if (isGuessed) accepted++;
            Accept(id);
        }
        Cache.Truncate(Math.Min(Cache.Length, _count - 1));
        Speculation = new SpeculationReport(Speculation.PassCount + 1, Speculation.ProposedCount + proposed, Speculation.AcceptedCount + accepted);
    }

    /// <summary>Appends a chosen id and sees whether it is the last.</summary>
    private void Accept(int id)
    {
        _ids[_count++] = id;
        Sampler!.Observe(_ids.AsSpan(_count - 1, 1));
        for (int i = 0; i < _stopIds.Count; i++)
        {
            if (_stopIds[i] != id) continue;
            Finished = FinishReason.Stop;
            return;
        }
        if (_stopCheck?.Invoke(id) == true) Finished = FinishReason.Stop;
        else if (_count >= _lastCount) Finished = FinishReason.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Draft?.Dispose();
        Cache.Dispose();
    }
}
