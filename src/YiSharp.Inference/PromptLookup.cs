using System.Numerics;

namespace YiSharp.Inference;

/// <summary>
/// Guesses that a sequence goes on as it did after the latest earlier occurrence of its last ids, three or else two (Saxena 2023, prompt
/// lookup decoding). A table for each of the two lengths holds where a group of ids last stood, so an id costs two entries and two looks,
/// however long the text. What it would have guessed is compared with each id that comes, whether a pass looked at the guess or not: how
/// often such guesses are right is known without paying for it, apart for short and long matches.
/// </summary>
internal sealed class PromptLookup : IDraft
{
    /// <summary>Most guesses of a pass.</summary>
    public const int MaxProposals = 16;

    private const int LongestGroup = 3, ShortestGroup = 2;

    /// <summary>Matches are followed back as far as this, ids.</summary>
    private const int LongestMatch = 16;

    /// <summary>How often guesses after matches of 2, 3, 4 to 7, 8 to 15 and 16 ids are right, before any was made (<c>docs/experiments.md</c>).</summary>
    private static readonly double[] s_starts = [0.4, 0.5, 0.7, 0.9, 0.95];

    /// <summary>By length and hash of a group: the place behind a group's latest occurrence; 0 for none. Groups of one hash share it, and the later one keeps it.</summary>
    private readonly int[][] _places = new int[LongestGroup - ShortestGroup + 1][];

    private readonly AcceptanceRate[] _rates = new AcceptanceRate[s_starts.Length];

    private int _shift;
    private int _indexedCount;
    private int _guessedAt;
    private int _source;
    private int _matched;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<int> before, ReadOnlySpan<int> prompt, int lastCount, Sampler sampler)
    {
        var size = (int)Math.Min(BitOperations.RoundUpToPowerOf2(Math.Max(2UL * (uint)lastCount, 16)), 1 << 30);
        _shift = 32 - BitOperations.Log2((uint)size);
        for (int i = 0; i < _places.Length; i++)
        {
            if (_places[i]?.Length == size) Array.Clear(_places[i]);
            else _places[i] = new int[size];
        }
        for (int i = 0; i < _rates.Length; i++) _rates[i] = new AcceptanceRate(s_starts[i]);
        (_indexedCount, _source) = (0, 0);
    }

    /// <inheritdoc/>
    public int Propose(ReadOnlySpan<int> ids, int sequenceCount, Span<int> proposals)
    {
        Learn(ids);
        Index(ids);
        if (!Find(ids)) return 0;

        var length = new ProposalLength(sequenceCount);
        int most = Math.Min(proposals.Length, MaxProposals), count = 0;
        while (count < most && length.Pays(RateOf(_matched + count).Value))
        {
            int place = _source + count;
            proposals[count++] = place < ids.Length ? ids[place] : proposals[place - ids.Length]; // a loop that goes round
        }
        return count;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<double> ProbabilitiesOf(int index) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Holds the ids that came against what stood at the source.</summary>
    private void Learn(ReadOnlySpan<int> ids)
    {
        if (_source == 0) return;
        for (int i = 0; _guessedAt + i < ids.Length; i++)
        {
            bool isRight = ids[_guessedAt + i] == ids[_source + i];
            RateOf(_matched + i).Add(isRight);
            if (!isRight) return;
        }
    }

    /// <summary>Enters every group that something stands behind.</summary>
    private void Index(ReadOnlySpan<int> ids)
    {
        for (; _indexedCount < ids.Length; _indexedCount++)
        {
            for (int group = ShortestGroup; group <= Math.Min(LongestGroup, _indexedCount); group++)
            {
                EntryOf(ids.Slice(_indexedCount - group, group)) = _indexedCount;
            }
        }
    }

    /// <summary>Looks for the last ids, more of them first.</summary>
    private bool Find(ReadOnlySpan<int> ids)
    {
        _guessedAt = ids.Length;
        for (int group = Math.Min(LongestGroup, ids.Length); group >= ShortestGroup; group--)
        {
            _source = EntryOf(ids[^group..]);
            if (_source < group) continue;
            _matched = 0;
            while (_matched < Math.Min(LongestMatch, _source) && ids[_source - 1 - _matched] == ids[^(1 + _matched)]) _matched++;
            if (_matched >= group) return true; // otherwise another group of the same hash
        }
        _source = 0;
        return false;
    }

    private ref int EntryOf(ReadOnlySpan<int> group)
    {
        uint hash = 0;
        foreach (int id in group) hash = unchecked((hash ^ (uint)id) * 0x9e3779b1);
        return ref _places[group.Length - ShortestGroup][hash >> _shift];
    }

    private ref AcceptanceRate RateOf(int matched) => ref _rates[matched < 4 ? matched - ShortestGroup : Math.Min(BitOperations.Log2((uint)matched), s_starts.Length - 1)];
}
