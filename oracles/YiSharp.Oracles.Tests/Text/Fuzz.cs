using System.Globalization;
using System.Text;
using YiSharp.Tensors;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>Random cases through ours and an original; the first few that differ are shown as short as they can be made.</summary>
internal static class Fuzz
{
    private const int Shown = 3;
    private const int FuzzOfAll = 100_000;

    /// <summary>Texts for each tokenizer and test: few by default, as many as YISHARP_FUZZ says.</summary>
    public static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("YISHARP_FUZZ") ?? "800", CultureInfo.InvariantCulture);

    /// <summary>Asks both about <paramref name="count"/> cases and fails, with the shortest that fail, where answers differ.</summary>
    /// <param name="random">Its draws.</param>
    /// <param name="count">How many.</param>
    /// <param name="draw">One case, as a list of its atoms: characters or ids.</param>
    /// <param name="answers">What the original and ours say of a case.</param>
    public static void Compare<T>(RandomStream random, int count, Func<RandomStream, IReadOnlyList<T>> draw, Func<IReadOnlyList<T>, (string Expected, string Actual)> answers)
    {
        int different = 0;
        var shown = new List<string>();
        for (int i = 0; i < count; i++)
        {
            IReadOnlyList<T> atoms = draw(random);
            if (Agree(answers(atoms))) continue;
            different++;
            if (shown.Count == Shown) continue;
            atoms = Shortest(atoms, part => !Agree(answers(part)));
            (string expected, string actual) = answers(atoms);
            shown.Add($"{Describe(atoms)}: {actual}, expected {expected}");
        }
        Assert.True(different == 0, $"{different} of {count} differ, such as\n{string.Join("\n", shown.Distinct())}");
    }

    /// <summary>Asks both about characters of all of Unicode, each between others: every one of them where YISHARP_FUZZ asks for enough, else one here and there.</summary>
    public static void CompareCharacters(Func<IReadOnlyList<string>, (string Expected, string Actual)> answers)
    {
        var different = new List<int>();
        for (int codePoint = 1; codePoint <= 0x10FFFF; codePoint += Math.Max(1, FuzzOfAll / Count))
        {
            if (Rune.IsValid(codePoint) && !Agree(answers(Characters($"a{new Rune(codePoint)}a {new Rune(codePoint)}1{new Rune(codePoint)}.")))) different.Add(codePoint);
        }
        Assert.True(different.Count == 0, $"{different.Count} characters differ: {Ranges(different)}");
    }

    /// <summary>A text's characters, and a text of them.</summary>
    public static IReadOnlyList<string> Characters(string text)
    {
        var characters = new List<string>();
        for (int i = 0; i < text.Length; i += characters[^1].Length) characters.Add(text.Substring(i, i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1));
        return characters;
    }

    /// <summary>Ids as a line.</summary>
    public static string Print(IEnumerable<int> ids) => $"[{string.Join(", ", ids)}]";

    /// <summary>A text with everything unusual escaped.</summary>
    public static string Print(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static string Describe<T>(IReadOnlyList<T> atoms) => atoms is IReadOnlyList<int> ids ? "ids " + Print(ids) : Print(string.Concat(atoms));

    private static string Ranges(List<int> codePoints)
    {
        var ranges = new List<string>();
        for (int start = 0, end; start < codePoints.Count; start = end + 1)
        {
            end = start;
            while (end + 1 < codePoints.Count && codePoints[end + 1] == codePoints[end] + 1) end++;
            ranges.Add(end == start ? $"U+{codePoints[start]:X4}" : $"U+{codePoints[start]:X4}-{codePoints[end]:X4}");
        }
        return string.Join(" ", ranges);
    }

    private static bool Agree((string Expected, string Actual) answers) => answers.Expected == answers.Actual;

    /// <summary>Leaves out stretches, long ones first, as long as the case still fails.</summary>
    private static List<T> Shortest<T>(IReadOnlyList<T> atoms, Func<IReadOnlyList<T>, bool> fails)
    {
        List<T> shortest = [.. atoms];
        for (int length = shortest.Count; length > 0; length = shortest.Count < length ? shortest.Count : length / 2)
        {
            for (int start = 0; start + length <= shortest.Count;)
            {
                List<T> part = [.. shortest.Take(start), .. shortest.Skip(start + length)];
                if (part.Count > 0 && fails(part)) shortest = part;
                else start++;
            }
        }
        return shortest;
    }
}
