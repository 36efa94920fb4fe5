using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The question's words in the order that an answer gives them: the last run that holds each once, not in the question's own order unless nothing follows.</summary>
internal static class SortReader
{
    private static readonly Regex Gap = Pattern.Of(@"^(?:[\s,;.""'()\[\]<>→0-9、和*|-]|\band\b|\b[a-z][.)])*$");

    private const int MaxWords = 256;

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        string input = FoldedText.Of(question.Input ?? "").Lower;
        int list = Math.Max(input.LastIndexOf("list:", StringComparison.Ordinal) + 5, input.LastIndexOf(':') + 1);
        string[] words = [.. input[Math.Min(list, input.Length)..].Split([' ', '\n', ',', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.', ';'))];
        if (words.Length is < 2 or > MaxWords) return null;

        List<(string Word, int From, int To)> mentions = Mentions(text.Lower, [.. words]);
        int declared = Wording.Declaration.Matches(text.Lower).LastOrDefault() is { } match ? match.Index + match.Length : -1;
        foreach (int start in Starts(mentions, words.Length, declared))
        {
            List<(string Word, int From, int To)> run = mentions.GetRange(start, words.Length);
            if (!IsRun(text.Lower, run) || run.Select(m => m.Word).Distinct().Count() < words.Distinct().Count()) continue;
            bool isDeclared = declared >= 0 && run[0].From >= declared;
            if (!isDeclared && run.Select(m => m.Word).SequenceEqual(words) && text.Text.AsSpan(run[^1].To).ContainsAnyInRange('a', 'z')) continue;
            if (!isDeclared && Wording.Refusal.IsMatch(text.Lower)) return null;
            return Named(run, isDeclared ? "declared" : "last_run");
        }
        List<(string Word, int From, int To)> said = declared < 0 ? [] : mentions.FindAll(m => m.From >= declared);
        return said.Count * 2 > words.Length && !Wording.IsUnfinished(text) ? Named(said, "declared") : null;
    }

    /// <summary>Where a run may start: behind a declaration from the first mention on, elsewhere from the last one back.</summary>
    private static IEnumerable<int> Starts(List<(string Word, int From, int To)> mentions, int length, int declared)
    {
        int first = declared < 0 ? mentions.Count : mentions.FindIndex(m => m.From >= declared) is >= 0 and var index ? index : mentions.Count;
        for (int start = first; start + length <= mentions.Count; start++) yield return start;
        for (int start = Math.Min(first, mentions.Count - length + 1) - 1; start >= 0; start--) yield return start;
    }

    private static Finding Named(List<(string Word, int From, int To)> run, string rule) => new(string.Join(' ', run.Select(m => m.Word)), rule, run[0].From, run[^1].To);

    /// <summary>Every mention of one of the words, as a whole word.</summary>
    private static List<(string Word, int From, int To)> Mentions(string lower, HashSet<string> words)
    {
        var mentions = new List<(string Word, int From, int To)>();
        for (int at = 0; at < lower.Length; at++)
        {
            if (!IsPart(lower[at])) continue;
            int to = at;
            while (to < lower.Length && IsPart(lower[to])) to++;
            string word = lower[at..to].Trim('.', '\'', '-');
            int from = at + lower[at..to].IndexOf(word, StringComparison.Ordinal);
            if (words.Contains(word)) mentions.Add((word, from, from + word.Length));
            at = to;
        }
        return mentions;
    }

    private static bool IsPart(char c) => char.IsLetterOrDigit(c) || c is '\'' or '-' or '&' or '.';

    /// <summary>Whether only separators, numbers of a list and arrows stand between the words.</summary>
    private static bool IsRun(string lower, List<(string Word, int From, int To)> run)
    {
        for (int i = 1; i < run.Count; i++)
        {
            ReadOnlySpan<char> gap = lower.AsSpan(run[i - 1].To, run[i].From - run[i - 1].To);
            if (gap.Length > 24 || !Gap.IsMatch(gap)) return false;
        }
        return true;
    }
}
