namespace YiSharp.Text.Regex;

/// <summary>
/// The code points that a pattern tells apart: each belongs to one symbol, and each set of the pattern is a set of symbols. So a test is two look-ups, whatever the set.
/// </summary>
internal sealed class Alphabet
{
    /// <summary>Stands in <see cref="_plane0"/> for halves of surrogate pairs, whose symbol depends on both.</summary>
    private const ushort HighSurrogate = ushort.MaxValue;

    private readonly ushort[] _plane0 = new ushort[0x10000];
    private readonly int[] _starts;
    private readonly ushort[] _symbols;

    private Alphabet(int[] starts, ushort[] symbols, int count)
    {
        (_starts, _symbols, Count) = (starts, symbols, count);
        for (int i = 0; i < starts.Length && starts[i] < _plane0.Length; i++)
        {
            int end = i + 1 < starts.Length ? Math.Min(starts[i + 1], _plane0.Length) : _plane0.Length;
            _plane0.AsSpan(starts[i]..end).Fill(symbols[i]);
        }
        ushort replacement = _plane0['\uFFFD'];
        _plane0.AsSpan(0xD800, 0x400).Fill(HighSurrogate);
        _plane0.AsSpan(0xDC00, 0x400).Fill(replacement);
        ReplacementSymbol = replacement;
    }

    /// <summary>How many symbols there are; <see cref="End"/> is one more.</summary>
    public int Count { get; }

    /// <summary>What stands at the text's end.</summary>
    public int End => Count;

    private ushort ReplacementSymbol { get; }

    /// <summary>Builds the alphabet of some sets, and tells each set's members: [sets][Count + 1], false for <see cref="End"/>.</summary>
    public static (Alphabet, bool[][] Members) Of(IReadOnlyList<CodePointSet> sets)
    {
        var borders = new SortedSet<int> { 0 };
        foreach (CodePointSet set in sets)
        {
            foreach ((int first, int last) in set.Ranges)
            {
                borders.Add(first);
                if (last < CodePointSet.Largest) borders.Add(last + 1);
            }
        }

        int[] starts = [.. borders];
        var symbols = new ushort[starts.Length];
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var signatures = new List<bool[]>();
        int[] rangeOf = new int[sets.Count];
        for (int i = 0; i < starts.Length; i++)
        {
            var signature = new bool[sets.Count];
            for (int s = 0; s < sets.Count; s++)
            {
                ReadOnlySpan<(int First, int Last)> ranges = sets[s].Ranges;
                while (rangeOf[s] < ranges.Length && ranges[rangeOf[s]].Last < starts[i]) rangeOf[s]++;
                signature[s] = rangeOf[s] < ranges.Length && ranges[rangeOf[s]].First <= starts[i];
            }
            string key = string.Create(signature.Length, signature, static (chars, bits) => { for (int s = 0; s < bits.Length; s++) chars[s] = bits[s] ? '1' : '0'; });
            if (!known.TryGetValue(key, out symbols[i]))
            {
                known[key] = symbols[i] = (ushort)signatures.Count;
                signatures.Add(signature);
            }
        }
        bool[][] members = [.. Enumerable.Range(0, sets.Count).Select(s => (bool[])[.. signatures.Select(signature => signature[s]), false])];
        return (new Alphabet(starts, symbols, signatures.Count), members);
    }

    /// <summary>The symbol at an index inside the text, and how many UTF-16 units it takes; an unpaired surrogate counts as U+FFFD.</summary>
    public int At(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        ushort symbol = _plane0[text[index]];
        return symbol != HighSurrogate ? symbol : OfPair(text, index, out length);
    }

    private int OfPair(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        if (index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1])) return ReplacementSymbol;
        length = 2;
        int found = Array.BinarySearch(_starts, char.ConvertToUtf32(text[index], text[index + 1]));
        return _symbols[found >= 0 ? found : ~found - 1];
    }
}
