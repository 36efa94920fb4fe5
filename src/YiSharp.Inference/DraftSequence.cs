using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>
/// What a draft model guesses for one sequence, with the sequence's own sampling options. How many guesses depends on how many were right
/// before; when none pays it rests, and tries again now and then.
/// </summary>
internal sealed class DraftSequence(DraftModel model, int maxTokens) : IDraft
{
    /// <summary>Most guesses of a pass.</summary>
    public const int MaxProposals = 8;

    /// <summary>After so many passes without a guess, so many guesses are tried.</summary>
    private const int RestPasses = 64, TrialCount = 4;

    private readonly KvCache _cache = model.CreateKvCache(maxTokens);
    private readonly int[] _guesses = new int[MaxProposals];
    private readonly double[]?[] _probabilities = new double[MaxProposals][];
    private Sampler? _chooser;
    private Sampler? _sampler;
    private AcceptanceRate _rate;
    private int _guessCount;
    private int _guessedAt;
    private int _observedCount;
    private int _restCount;

    /// <summary>Who guesses.</summary>
    public DraftModel Model => model;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<int> before, ReadOnlySpan<int> prompt, int lastCount, Sampler sampler)
    {
        Learn(before);
        _cache.Truncate(Math.Min(before[.._cache.Length].CommonPrefixLength(prompt), prompt.Length - 1)); // the last id's logits are wanted
        if (_chooser != sampler) _sampler = sampler.ForDraft(model.VocabSize);
        _chooser = sampler;
        _sampler!.Forget();
        _rate = new AcceptanceRate(start: 0.7);
        (_observedCount, _restCount) = (0, 0);
    }

    /// <inheritdoc/>
    public int Propose(ReadOnlySpan<int> ids, int sequenceCount, Span<int> proposals)
    {
        Learn(ids);
        int most = Math.Min(Math.Min(proposals.Length, MaxProposals), _cache.MaxTokens - ids.Length);
        _guessedAt = ids.Length;
        _guessCount = Count(most, sequenceCount);
        if (_guessCount == 0) return 0;

        _sampler!.Observe(ids[_observedCount..]);
        _observedCount = ids.Length;
        int seenCount = _sampler.SeenCount;
        ReadOnlySpan<int> next = ids[_cache.Length..];
        for (int i = 0; i < _guessCount; i++)
        {
            _guesses[i] = Guess(model.Forward(next, _cache), i);
            next = _guesses.AsSpan(i, 1);
            _sampler.Observe(next);
        }
        _sampler.Rewind(seenCount);
        _guesses.AsSpan(0, _guessCount).CopyTo(proposals);
        return _guessCount;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<double> ProbabilitiesOf(int index) => _sampler!.IsGreedy ? [] : _probabilities[index];

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    /// <summary>Counts which guesses became part of the sequence; the cache forgets the others.</summary>
    private void Learn(ReadOnlySpan<int> ids)
    {
        if (_guessCount == 0) return;
        int right = ids[_guessedAt..].CommonPrefixLength(_guesses.AsSpan(0, _guessCount));
        for (int i = 0; i < right; i++) _rate.Add(isRight: true);
        if (right < _guessCount && _guessedAt + right < ids.Length) _rate.Add(isRight: false);
        _cache.Truncate(Math.Min(_cache.Length, _guessedAt + right));
        _guessCount = 0;
    }

    /// <summary>
    /// How many guesses pay. Drawn guesses decide which of the equally distributed answers comes, so their number must not depend on what
    /// else is in the pass.
    /// </summary>
    private int Count(int most, int sequenceCount)
    {
        var length = new ProposalLength(_sampler!.IsGreedy ? sequenceCount : 1, model.RelativeCost);
        int count = 0;
        while (count < most && length.Pays(_rate.Value)) count++;
        if (count == 0 && ++_restCount >= RestPasses) count = Math.Max(Math.Min(TrialCount, most), 0);
        if (count > 0) _restCount = 0;
        return count;
    }

    private int Guess(Span<float> logits, int index) =>
        _sampler!.IsGreedy ? _sampler.Sample(logits) : _sampler.Sample(logits, _probabilities[index] ??= new double[logits.Length]);
}
