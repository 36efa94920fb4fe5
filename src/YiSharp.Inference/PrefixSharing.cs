namespace YiSharp.Inference;

/// <summary>
/// Where a new request's first keys and values come from: the running sequence, or the last that finished, whose cache holds most of the ids
/// that the request begins with.
/// </summary>
/// <param name="leastTokens">Fewer ids than this are computed anew.</param>
internal sealed class PrefixSharing(int leastTokens) : IDisposable
{
    private Sequence? _last;

    /// <summary>What the finished sequence that is kept counts for, bytes.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>Whether a running sequence is about to compute more of a prompt than any holds: it need not be computed twice.</summary>
    public bool IsAwaited(ReadOnlySpan<int> prompt, List<Sequence> running)
    {
        Best(prompt, running, out int held);
        int coming = 0;
        foreach (Sequence sequence in running) coming = Math.Max(coming, sequence.SharedWith(prompt, isPending: true));
        return coming >= leastTokens && coming > held;
    }

    /// <summary>A sequence that has a prompt's beginning; null where none of the others has.</summary>
    public Sequence? Fork(ReadOnlySpan<int> prompt, List<Sequence> running)
    {
        Sequence? best = Best(prompt, running, out int held);
        return held >= leastTokens ? best!.Fork(held) : null;
    }

    /// <summary>Takes a finished sequence over from the one before.</summary>
    public void Keep(Sequence finished, long bytes)
    {
        Drop();
        (_last, KeptBytes) = (finished, bytes);
    }

    /// <summary>Gives the finished sequence's memory back.</summary>
    public void Drop()
    {
        _last?.Dispose();
        (_last, KeptBytes) = (null, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private Sequence? Best(ReadOnlySpan<int> prompt, List<Sequence> running, out int held)
    {
        Sequence? best = _last;
        held = _last?.SharedWith(prompt, isPending: false) ?? 0;
        foreach (Sequence sequence in running)
        {
            int shared = sequence.SharedWith(prompt, isPending: false);
            if (shared > held) (best, held) = (sequence, shared);
        }
        return best;
    }
}
