namespace YiSharp.Text.Regex;

/// <summary>
/// What is known of instructions at places of one text: whether one was run there, and where a body that ran there ended. An instruction that ran
/// once and is met again in the same place failed, or the search had been over; so each is run once, and time is bounded by their number times the text's length.
/// </summary>
/// <remarks>Pages are made as places are reached, and dropped once the search has passed them.</remarks>
internal sealed class FailureMemo(int memoCount)
{
    private const int PlacesPerPage = 256;
    private readonly Dictionary<int, Page> _pages = [];
    private int _firstPage;

    /// <summary>Notes a visit; false when there was one before.</summary>
    public bool Visit(int memoIndex, int place)
    {
        Page page = PageOf(place);
        int bit = place % PlacesPerPage * memoCount + memoIndex;
        ulong mask = 1UL << (bit & 63);
        bool isNew = (page.Visited[bit >> 6] & mask) == 0;
        page.Visited[bit >> 6] |= mask;
        return isNew;
    }

    /// <summary>Where a body ended that passed an instruction at a place, or -1.</summary>
    public int EndOf(int memoIndex, int place) => (PageOf(place).Ends?[place % PlacesPerPage * memoCount + memoIndex] ?? 0) - 1;

    public void SetEnd(int memoIndex, int place, int end)
    {
        Page page = PageOf(place);
        page.Ends ??= new int[PlacesPerPage * memoCount];
        page.Ends[place % PlacesPerPage * memoCount + memoIndex] = end + 1;
    }

    /// <summary>Forgets the visits of a place where a match ended, since the next search starts there, and all places before.</summary>
    public void Restart(int place)
    {
        for (; _firstPage < place / PlacesPerPage; _firstPage++) _pages.Remove(_firstPage);
        if (!_pages.TryGetValue(place / PlacesPerPage, out Page? page)) return;
        for (int i = 0; i < memoCount; i++)
        {
            int bit = place % PlacesPerPage * memoCount + i;
            page.Visited[bit >> 6] &= ~(1UL << (bit & 63));
        }
    }

    private Page PageOf(int place)
    {
        int index = place / PlacesPerPage;
        if (!_pages.TryGetValue(index, out Page? page)) _pages[index] = page = new Page(new ulong[(PlacesPerPage * memoCount + 63) / 64]);
        return page;
    }

    private sealed class Page(ulong[] visited)
    {
        public ulong[] Visited { get; } = visited;

        /// <summary>Ends plus one, 0 for none.</summary>
        public int[]? Ends { get; set; }
    }
}
