using System.Text;

namespace YiSharp.Text.Regex;

/// <summary>Code points that <c>(?i)</c> holds for equal: those of one simple case folding (so s, S and ſ; k, K and the Kelvin sign).</summary>
internal static class CaseFolding
{
    /// <summary>Above it no letter has case.</summary>
    private const int LastCased = 0x1FFFF;

    /// <summary>ſ, whose upper case S the invariant culture leaves out.</summary>
    private const int LongS = 0x17F;

    private static readonly Lazy<Dictionary<int, int[]>> Groups = new(Build);

    /// <summary>A set with everything that equals one of its members.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        if (set.Ranges is [(int only, int last)] && only == last) return Groups.Value.TryGetValue(only, out int[]? equal) ? CodePointSet.Of(equal.Select(c => (c, c))) : set;
        var added = new List<(int, int)>();
        foreach ((int codePoint, int[] group) in Groups.Value)
        {
            if (!set.Contains(codePoint)) continue;
            foreach (int other in group) added.Add((other, other));
        }
        return added.Count == 0 ? set : set.Union(CodePointSet.Of(added));
    }

    private static Dictionary<int, int[]> Build()
    {
        var byFold = new Dictionary<int, List<int>>();
        for (int codePoint = 0; codePoint <= LastCased; codePoint++)
        {
            if (!Rune.TryCreate(codePoint, out Rune rune)) continue;
            int fold = codePoint == LongS ? 's' : Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            if (fold == codePoint) continue;
            if (!byFold.TryGetValue(fold, out List<int>? members)) byFold[fold] = members = [fold];
            members.Add(codePoint);
        }
        return byFold.Values.SelectMany(members => members.Select(member => (member, members.ToArray()))).ToDictionary();
    }
}
