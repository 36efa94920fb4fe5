namespace YiSharp.Text;

/// <summary>
/// Merges by scores in the order of google/sentencepiece's <c>src/bpe_model.cc</c>, remembering for unused pieces which pair was last seen to make them;
/// <see cref="MergeQueue"/> gives the same symbols faster where nobody asks for that.
/// </summary>
internal static class ScoredMerger
{
    /// <summary>The symbols that are left.</summary>
    /// <param name="symbols">A text's symbols; overwritten.</param>
    /// <param name="merges">Rank and resulting symbol of every pair.</param>
    /// <param name="unused">Symbols whose origin is asked for.</param>
    /// <param name="origins">Receives the pair last seen for each unused symbol.</param>
    public static IEnumerable<int> Merge(int[] symbols, PairTable merges, IReadOnlySet<int> unused, Dictionary<int, (int Left, int Right)> origins)
    {
        int[] previous = [.. Enumerable.Range(-1, symbols.Length)];
        int[] next = [.. Enumerable.Range(1, symbols.Length)];
        var queue = new PriorityQueue<(int Left, int Result), (int Rank, int Left)>();

        void Look(int left, int right)
        {
            if (left < 0 || right >= symbols.Length || !merges.TryGet(symbols[left], symbols[right], out int rank, out int result)) return;
            queue.Enqueue((left, result), (rank, left));
            if (unused.Contains(result)) origins[result] = (symbols[left], symbols[right]);
        }

        for (int i = 1; i < symbols.Length; i++) Look(i - 1, i);
        while (queue.TryDequeue(out (int Left, int Result) best, out (int Rank, int) key))
        {
            (int left, int right) = (best.Left, next[best.Left]);
            if (symbols[left] < 0 || right >= symbols.Length) continue;
            if (!merges.TryGet(symbols[left], symbols[right], out _, out int result) || result != best.Result) continue;
            (symbols[left], symbols[right]) = (result, -1);
            next[left] = next[right];
            if (next[left] < symbols.Length) previous[next[left]] = left;
            Look(previous[left], left);
            Look(left, next[left]);
        }
        return symbols.Where(symbol => symbol >= 0);
    }
}
