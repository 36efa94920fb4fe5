using System.Text;
using YiSharp.Text.Unicode;

namespace YiSharp.Text;

/// <summary>NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15).</summary>
/// <param name="compatible">Whether characters lose what only their look tells apart, as ﬁ and ² do.</param>
/// <param name="compose">Whether parts are put together again.</param>
internal sealed class UnicodeNormalizer(bool compatible, bool compose) : INormalizer
{
    private readonly Lazy<bool[]> _inertInPlane0 = new(() => [.. Enumerable.Range(0, 0x10000).Select(codePoint => Tables.IsInert(codePoint, compatible, compose))]);

    private static NormalizationTables Tables => NormalizationTables.Shared;

    public string Normalize(string text)
    {
        if (IsInert(text)) return text;

        List<int> codePoints = Decompose(text);
        Order(codePoints);
        if (compose) Compose(codePoints);
        var output = new StringBuilder(text.Length);
        foreach (int codePoint in codePoints) output.Append(new Rune(codePoint).ToString());
        return output.ToString();
    }

    private bool IsInert(string text)
    {
        bool[] inertInPlane0 = _inertInPlane0.Value;
        for (int index = 0; index < text.Length; index++)
        {
            bool isPair = Regex.Places.IsPair(text, index);
            if (isPair ? !Tables.IsInert(char.ConvertToUtf32(text[index], text[++index]), compatible, compose) : !inertInPlane0[text[index]]) return false;
        }
        return true;
    }

    private List<int> Decompose(string text)
    {
        var codePoints = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Hangul.TryDecompose(rune.Value, codePoints)) continue;
            if (Tables.Decomposition(rune.Value, compatible) is { } parts) codePoints.AddRange(parts);
            else codePoints.Add(rune.Value);
        }
        return codePoints;
    }

    /// <summary>Puts marks that follow one another into the order of their classes; equal ones stay as they are.</summary>
    private static void Order(List<int> codePoints)
    {
        for (int start = 0; start < codePoints.Count; start++)
        {
            int end = start;
            while (end < codePoints.Count && Tables.ClassOf(codePoints[end]) != 0) end++;
            if (end - start > 1)
            {
                int[] ordered = [.. codePoints[start..end].OrderBy(codePoint => Tables.ClassOf(codePoint))];
                for (int i = 0; i < ordered.Length; i++) codePoints[start + i] = ordered[i];
            }
            start = end;
        }
    }

    private static void Compose(List<int> codePoints)
    {
        int starter = -1, kept = 0, lastClass = 0;
        foreach (int codePoint in codePoints.ToArray())
        {
            int combiningClass = Tables.ClassOf(codePoint);
            bool isBlocked = starter < kept - 1 && (lastClass == 0 || lastClass >= combiningClass);
            if (starter >= 0 && !isBlocked && (Hangul.Compose(codePoints[starter], codePoint) ?? Tables.Compose(codePoints[starter], codePoint)) is { } composed)
            {
                codePoints[starter] = composed;
                continue;
            }
            if (combiningClass == 0) starter = kept;
            lastClass = combiningClass;
            codePoints[kept++] = codePoint;
        }
        codePoints.RemoveRange(kept, codePoints.Count - kept);
    }
}
