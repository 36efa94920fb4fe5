namespace YiSharp.Evaluation;

/// <summary>The few samples of least rank out of many that pass by; of equal rank, the earlier. It never holds more than its size.</summary>
/// <param name="size">Most samples to keep, 1 or more.</param>
internal sealed class Shortlist(int size)
{
    private readonly PriorityQueue<Sample, (double Rank, int Place)> _kept = new(Comparer<(double, int)>.Create((a, b) => b.CompareTo(a)));

    /// <summary>Samples that passed by.</summary>
    public int Count { get; private set; }

    /// <summary>Keeps the sample, or lets it go.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="rank">Less is better.</param>
    public void Add(Sample sample, double rank)
    {
        (double, int) priority = (rank, Count++);
        if (_kept.Count < size) _kept.Enqueue(sample, priority);
        else _kept.EnqueueDequeue(sample, priority);
    }

    /// <summary>Those kept, the least rank first.</summary>
    public IReadOnlyList<Sample> ByRank() => [.. _kept.UnorderedItems.OrderBy(kept => kept.Priority).Select(kept => kept.Element)];

    /// <summary>Those kept, in the order in which they passed by.</summary>
    public IReadOnlyList<Sample> InOrder() => [.. _kept.UnorderedItems.OrderBy(kept => kept.Priority.Place).Select(kept => kept.Element)];
}
