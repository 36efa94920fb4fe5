using System.Buffers;
using System.Runtime.CompilerServices;

namespace YiSharp.Text;

/// <summary>
/// Byte-pair merging (Sennrich et al. 2016, arXiv:1508.07909): again and again the pair of lowest rank, the leftmost of equals.
/// Short words are scanned; long ones keep their pairs in a heap, O(n log n).
/// </summary>
internal static class MergeQueue
{
    private const int ScanLimit = 24;

    /// <summary>Merges in place and returns how many symbols are left.</summary>
    /// <param name="symbols">Ids of the word's characters or bytes, [symbolCount].</param>
    /// <param name="merges">Rank and resulting id of every pair.</param>
    public static int Merge(Span<int> symbols, PairTable merges) =>
        symbols.Length <= ScanLimit ? MergeByScan(symbols, merges) : MergeByHeap(symbols, merges);

    [SkipLocalsInit]
    private static int MergeByScan(Span<int> symbols, PairTable merges)
    {
        int count = symbols.Length;
        Span<int> ranks = stackalloc int[ScanLimit];
        Span<int> results = stackalloc int[ScanLimit];
        for (int i = 0; i + 1 < count; i++) Look(symbols, i, ranks, results, merges);

        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }
            if (ranks[best] == int.MaxValue) break;

            symbols[best] = results[best];
            count--;
            // A loop: what is left of a word is shorter than a call to copy it is worth.
            for (int i = best + 1; i < count; i++) (symbols[i], ranks[i - 1], results[i - 1]) = (symbols[i + 1], ranks[i], results[i]);
            if (best > 0) Look(symbols, best - 1, ranks, results, merges);
            if (best + 1 < count) Look(symbols, best, ranks, results, merges);
        }
        return count;
    }

    private static void Look(Span<int> symbols, int i, Span<int> ranks, Span<int> results, PairTable merges)
    {
        if (merges.TryGet(symbols[i], symbols[i + 1], out int rank, out int id)) (ranks[i], results[i]) = (rank, id);
        else ranks[i] = int.MaxValue;
    }

    private static int MergeByHeap(Span<int> symbols, PairTable merges)
    {
        int count = symbols.Length;
        int[] links = ArrayPool<int>.Shared.Rent(2 * count);
        Span<int> next = links.AsSpan(0, count), previous = links.AsSpan(count, count);
        var heap = new RankHeap(count);
        for (int i = 0; i < count; i++)
        {
            (next[i], previous[i]) = (i + 1, i - 1);
            if (i + 1 < count && merges.TryGet(symbols[i], symbols[i + 1], out int rank, out _)) heap.Append(rank, i);
        }
        heap.Heapify();

        while (heap.TryPop(out int rank, out int left))
        {
            // An entry is stale when its left symbol is gone or another pair now stands there.
            if (symbols[left] < 0 || next[left] >= count) continue;
            int right = next[left];
            if (!merges.TryGet(symbols[left], symbols[right], out int current, out int id) || current != rank) continue;

            symbols[left] = id;
            symbols[right] = -1;
            int after = next[left] = next[right];
            if (after < count)
            {
                previous[after] = left;
                if (merges.TryGet(id, symbols[after], out int rankAfter, out _)) heap.Push(rankAfter, left);
            }
            int before = previous[left];
            if (before >= 0 && merges.TryGet(symbols[before], id, out int rankBefore, out _)) heap.Push(rankBefore, before);
        }

        int kept = 0;
        foreach (int symbol in symbols)
        {
            if (symbol >= 0) symbols[kept++] = symbol;
        }
        heap.Release();
        ArrayPool<int>.Shared.Return(links);
        return kept;
    }

    /// <summary>A four-way heap of (rank, position), packed so that one comparison orders both.</summary>
    private struct RankHeap(int capacity)
    {
        private ulong[] _entries = ArrayPool<ulong>.Shared.Rent(Math.Max(16, capacity));
        private int _count;

        public void Append(int rank, int position)
        {
            if (_count == _entries.Length)
            {
                ulong[] larger = ArrayPool<ulong>.Shared.Rent(2 * _count);
                _entries.AsSpan(0, _count).CopyTo(larger);
                ArrayPool<ulong>.Shared.Return(_entries);
                _entries = larger;
            }
            _entries[_count++] = ((ulong)(uint)rank << 32) | (uint)position;
        }

        public void Push(int rank, int position)
        {
            Append(rank, position);
            int at = _count - 1;
            ulong entry = _entries[at];
            while (at > 0 && _entries[(at - 1) / 4] > entry)
            {
                _entries[at] = _entries[(at - 1) / 4];
                at = (at - 1) / 4;
            }
            _entries[at] = entry;
        }

        public readonly void Heapify()
        {
            for (int at = (_count - 2) / 4; at >= 0; at--) Sink(at);
        }

        public bool TryPop(out int rank, out int position)
        {
            (rank, position) = (0, 0);
            if (_count == 0) return false;
            ulong top = _entries[0];
            _entries[0] = _entries[--_count];
            Sink(0);
            (rank, position) = ((int)(top >> 32), (int)(uint)top);
            return true;
        }

        public readonly void Release() => ArrayPool<ulong>.Shared.Return(_entries);

        private readonly void Sink(int at)
        {
            if (at >= _count) return;
            ulong entry = _entries[at];
            while (true)
            {
                int first = 4 * at + 1;
                if (first >= _count) break;
                int smallest = first;
                int end = Math.Min(first + 4, _count);
                for (int child = first + 1; child < end; child++)
                {
                    if (_entries[child] < _entries[smallest]) smallest = child;
                }
                if (_entries[smallest] >= entry) break;
                _entries[at] = _entries[smallest];
                at = smallest;
            }
            _entries[at] = entry;
        }
    }
}
