using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Options that are ticked and crossed: "❌ A ❌ B ✅ C", "C. Saturn ✓", "- [x] Saturn", 上海（×）北京（√）.</summary>
internal sealed class TickMarks
{
    private static readonly Regex Mark = Pattern.Of(@"([✓✔✅☑√]|\[x\])|([✗✘❌☒✖×])|(☐|\[ \])");

    /// <summary>What stands between a mark and the option that it alone marks.</summary>
    private static readonly Regex Beside = Pattern.Of(@"^[\s()\[\]:.\uFE0F-]*$");

    private readonly Dictionary<int, (int From, int To)> _ticked = [], _crossed = [];
    private readonly int _options;
    private int _count;
    private bool _isBeside;

    /// <param name="text">The text.</param>
    /// <param name="named">Options in it, by letter or text, in order.</param>
    /// <param name="options">How many options there are.</param>
    public TickMarks(FoldedText text, List<(int Option, int From, int To)> named, int options)
    {
        _options = options;
        int from = 0, next = 0;
        foreach (string line in text.Text.Split('\n'))
        {
            int first = next;
            while (next < named.Count && named[next].From < from + line.Length) next++;
            Match[] marks = [.. Mark.Matches(line.ToLowerInvariant()).Where(match => IsMark(line, match))];
            if (marks.Length > 0 && next > first) Add(text.Text, named[first..next], marks, from, from + line.Length);
            from += line.Length + 1;
        }
    }

    /// <summary>The option that the marks single out, and where it stands; null where they tell none.</summary>
    /// <param name="wrongIsAsked">Whether the question wants what is not so: then a lone cross tells it.</param>
    public (int Option, int From, int To)? Singled(bool wrongIsAsked)
    {
        if (_ticked.Keys.Any(_crossed.ContainsKey)) return null;
        if (wrongIsAsked && _crossed.Count == 1 && _ticked.Count != 1) return Only(_crossed);
        if (_ticked.Count == 1 && (_count > 1 || _isBeside)) return Only(_ticked);
        bool isOneLeft = !wrongIsAsked && _options > 2 && _ticked.Count == 0 && _crossed.Count == _options - 1 && _count == _crossed.Count;
        return isOneLeft ? (Enumerable.Range(0, _options).First(option => !_crossed.ContainsKey(option)), 0, 0) : null;
    }

    private static (int Option, int From, int To) Only(Dictionary<int, (int From, int To)> marked)
    {
        (int option, (int from, int to)) = marked.First();
        return (option, from, to);
    }

    /// <summary>The marks of one line: each behind its option, or each before it, as the first one is.</summary>
    private void Add(string text, List<(int Option, int From, int To)> named, Match[] marks, int from, int to)
    {
        bool isBefore = from + marks[0].Index < named[0].From;
        for (int i = 0; i < marks.Length; i++)
        {
            int mark = from + marks[i].Index;
            int start = isBefore ? mark : i == 0 ? from : from + marks[i - 1].Index, end = !isBefore ? mark : i + 1 < marks.Length ? from + marks[i + 1].Index : to;
            if (named.Find(name => name.From >= start && name.From < end) is not { To: > 0 } option) continue;
            _count++;
            _isBeside = Beside.IsMatch(isBefore ? text[(mark + marks[i].Length)..option.From] : text[option.To..mark]);
            if (marks[i].Groups[1].Success) _ticked.TryAdd(option.Option, (option.From, option.To));
            else if (marks[i].Groups[2].Success) _crossed.TryAdd(option.Option, (option.From, option.To));
        }
    }

    /// <summary>Whether √ and × are no signs of a formula: nothing stands behind them, or the label of an option does.</summary>
    private static bool IsMark(string line, Match match)
    {
        if (match.Value[0] is not ('√' or '×')) return true;
        ReadOnlySpan<char> after = line.AsSpan(match.Index + 1).TrimStart();
        if (after.Length == 0 || !(char.IsLetterOrDigit(after[0]) || after[0] is '{' or '(')) return true;
        return (line.AsSpan(0, match.Index).IsWhiteSpace() || char.IsAsciiLetterUpper(after[0])) && after.Length > 1 && after[1] is '.' or ')' or ':' or '、';
    }
}
