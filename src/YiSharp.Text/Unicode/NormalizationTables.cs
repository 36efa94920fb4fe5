namespace YiSharp.Text.Unicode;

/// <summary>
/// Decompositions, compositions and combining classes (Unicode 16, <c>normalization.txt</c>). .NET has them only through ICU, which invariant globalization leaves out.
/// A line is <c>R class ranges…</c>, <c>D composed parts…</c> (canonical, whole), <c>K composed parts…</c> (compatibility, whole) or <c>C composed first second</c>.
/// </summary>
internal sealed class NormalizationTables
{
    private static readonly Lazy<NormalizationTables> Instance = new(() => new NormalizationTables());
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<long, int> _compositions = [];
    private readonly HashSet<int> _composed = [];
    private readonly HashSet<int> _seconds = [];

    private NormalizationTables()
    {
        foreach (string[] line in UnicodeTable.Lines("normalization.txt"))
        {
            if (line[0] == "R")
            {
                byte combiningClass = byte.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture);
                foreach ((int first, int last) in UnicodeTable.Ranges(line.Skip(2)))
                {
                    for (int codePoint = first; codePoint <= last; codePoint++) _classes[codePoint] = combiningClass;
                }
                continue;
            }
            int[] codePoints = [.. line.Skip(1).Select(field => UnicodeTable.CodePoint(field))];
            if (line[0] == "C")
            {
                _compositions[Pair(codePoints[1], codePoints[2])] = codePoints[0];
                _composed.Add(codePoints[0]);
                _seconds.Add(codePoints[2]);
            }
            else (line[0] == "D" ? _canonical : _compatible)[codePoints[0]] = codePoints[1..];
        }
    }

    public static NormalizationTables Shared => Instance.Value;

    /// <summary>Canonical_Combining_Class, 0 for what begins a character.</summary>
    public byte ClassOf(int codePoint) => _classes.GetValueOrDefault(codePoint);

    /// <summary>What a code point falls into for good, or null.</summary>
    public int[]? Decomposition(int codePoint, bool compatible) =>
        compatible && _compatible.TryGetValue(codePoint, out int[]? parts) ? parts : _canonical.GetValueOrDefault(codePoint);

    /// <summary>The code point that two make, or null.</summary>
    public int? Compose(int first, int second) => _compositions.TryGetValue(Pair(first, second), out int composed) ? composed : null;

    /// <summary>Whether a code point stands as it is in every text of a form, whatever its neighbours.</summary>
    public bool IsInert(int codePoint, bool compatible, bool compose)
    {
        if (codePoint < (compose && !compatible ? 0x300 : 0x80)) return true;
        if (ClassOf(codePoint) != 0 || Hangul.IsPart(codePoint, compose)) return false;
        if (compose && _seconds.Contains(codePoint)) return false;
        if (compatible && _compatible.ContainsKey(codePoint)) return false;
        return !_canonical.ContainsKey(codePoint) || (compose && _composed.Contains(codePoint));
    }

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;
}

/// <summary>Hangul syllables, which are composed by arithmetic (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int S = 0xAC00, L = 0x1100, V = 0x1161, T = 0x11A7, VCount = 21, TCount = 28, LCount = 19, SCount = LCount * VCount * TCount;

    /// <summary>Whether a code point may change: a syllable that falls apart, or a vowel or final that joins what is before it.</summary>
    public static bool IsPart(int codePoint, bool compose) =>
        compose ? codePoint is (>= V and < V + VCount) or (> T and < T + TCount) : codePoint is >= S and < S + SCount;

    public static bool TryDecompose(int codePoint, List<int> output)
    {
        int index = codePoint - S;
        if (index is < 0 or >= SCount) return false;
        output.Add(L + index / (VCount * TCount));
        output.Add(V + index % (VCount * TCount) / TCount);
        if (index % TCount > 0) output.Add(T + index % TCount);
        return true;
    }

    public static int? Compose(int first, int second)
    {
        if (first is >= L and < L + LCount && second is >= V and < V + VCount) return S + ((first - L) * VCount + second - V) * TCount;
        bool opensFinal = first is >= S and < S + SCount && (first - S) % TCount == 0;
        return opensFinal && second is > T and < T + TCount ? first + second - T : null;
    }
}
