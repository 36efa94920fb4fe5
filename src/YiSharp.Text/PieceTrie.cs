namespace YiSharp.Text;

/// <summary>
/// A prefix tree of pieces over UTF-16 units. Nodes stand in breadth-first order, so that the children of a node are neighbours, sorted by their unit.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>The node from which every search starts.</summary>
    public const int Root = 0;

    private readonly int[] _childOfRoot = new int[0x10000];
    private readonly char[] _units;
    private readonly int[] _childStarts;
    private readonly int[] _values;

    /// <summary>Builds the tree; an empty piece is never found, and of equal pieces the last counts.</summary>
    /// <param name="pieces">Pieces by value: the first one has value 0.</param>
    public PieceTrie(IReadOnlyList<string> pieces)
    {
        int[] order = [.. Enumerable.Range(0, pieces.Count).Where(value => pieces[value].Length > 0)];
        Array.Sort(order, (a, b) => string.CompareOrdinal(pieces[a], pieces[b]) is var sign && sign != 0 ? sign : a.CompareTo(b));

        var units = new List<char> { '\0' };
        var childStarts = new List<int>();
        var values = new List<int> { -1 };
        var ranges = new Queue<(int Start, int End, int Depth)>([(0, order.Length, 0)]);
        while (ranges.TryDequeue(out var range))
        {
            childStarts.Add(units.Count);
            (int start, int end, int depth) = range;
            // Pieces that end at this node sort before those that go on.
            while (start < end && pieces[order[start]].Length == depth) start++;
            while (start < end)
            {
                char unit = pieces[order[start]][depth];
                int next = start;
                int value = -1;
                for (; next < end && pieces[order[next]][depth] == unit; next++)
                {
                    if (pieces[order[next]].Length == depth + 1) value = order[next];
                }
                units.Add(unit);
                values.Add(value);
                ranges.Enqueue((start, next, depth + 1));
                start = next;
            }
        }
        childStarts.Add(units.Count);
        (_units, _childStarts, _values) = ([.. units], [.. childStarts], [.. values]);
        for (int child = _childStarts[Root]; child < _childStarts[Root + 1]; child++) _childOfRoot[_units[child]] = child;
    }

    /// <summary>Goes on from a node by one UTF-16 unit; false where no piece does.</summary>
    public bool TryStep(ref int node, char unit)
    {
        if (node == Root) return (node = _childOfRoot[unit]) != 0;
        int start = _childStarts[node];
        int found = _units.AsSpan(start, _childStarts[node + 1] - start).BinarySearch(unit);
        if (found < 0) return false;
        node = start + found;
        return true;
    }

    /// <summary>The value of the piece that ends at a node, or -1.</summary>
    public int ValueAt(int node) => _values[node];

    /// <summary>The value of the longest piece that a text starts with, or -1.</summary>
    public int Longest(ReadOnlySpan<char> text, out int length)
    {
        (int value, int node) = (-1, Root);
        length = 0;
        for (int index = 0; index < text.Length && TryStep(ref node, text[index]); index++)
        {
            if (_values[node] >= 0) (value, length) = (_values[node], index + 1);
        }
        return value;
    }

    /// <summary>The value of the piece that a text is, or -1.</summary>
    public int Exactly(ReadOnlySpan<char> text)
    {
        int node = Root;
        foreach (char unit in text)
        {
            if (!TryStep(ref node, unit)) return -1;
        }
        return _values[node];
    }
}
