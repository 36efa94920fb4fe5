using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Options that a text lists again, a line each or one behind the other, and what the list says of them: a mark, a verdict, a line in bold.</summary>
internal sealed class ListedOptions
{
    private static readonly Regex LabelSign = Pattern.Of(@"^(?:[.):、项]| - | *->| *\|)");
    private static readonly Regex Bullet = Pattern.Of(@"^[ \t(-]*(?:[0-9]{1,2}[.)、])? *");
    private static readonly Regex Right = Pattern.Of("[✓✔✅√←]", "<-+", "答案", "正确|符合(?:题意|要求)", @"\b(?:correct|right)\b", @"[|:-] *yes\b");
    private static readonly Regex Wrong = Pattern.Of("[✗✘❌×]", "错误|不正确|不符合|有误", @"\b(?:incorrect|wrong|false|not (?:correct|right))\b", @"[|:-] *no\b");

    private readonly FoldedText _text;
    private readonly OptionLetters _letters;
    private readonly List<Item> _lines = [], _items;
    private readonly bool _wrongIsAsked;

    /// <param name="text">The text.</param>
    /// <param name="letters">The options' letters in it.</param>
    /// <param name="options">Their texts.</param>
    /// <param name="wrongIsAsked">Whether the question wants what is not so.</param>
    public ListedOptions(FoldedText text, OptionLetters letters, OptionTexts options, bool wrongIsAsked)
    {
        (_text, _letters, _wrongIsAsked) = (text, letters, wrongIsAsked);
        bool restates = true;
        int from = 0;
        List<(int From, int To)> rows = [];
        foreach (string line in text.Text.Split('\n'))
        {
            int to = from + line.Length;
            if (ItemAt(from, to) is { } item)
            {
                restates &= options.Exactly(text.Lower[(item.At + 1)..to].Trim(' ', '.', ')', ':', '、', '|')) == item.Option;
                _lines.Add(item);
            }
            else if (line.TrimStart().StartsWith('|')) rows.Add((from, to));
            else if (!line.AsSpan().IsWhiteSpace() && !line.TrimEnd().EndsWith(':') && !IsCutOff(from, to)) restates = false;
            from = to + 1;
        }
        Options = [.. _lines.Select(item => item.Option)];
        OnlyRestates = restates && rows.Count == 0 && Options.Count > 1;
        Lines = _lines.Count + rows.Count < 2 ? [] : [.. _lines.Select(item => (item.From, item.To)).Concat(rows).Order()];
        _items = Lines.Count > 0 ? _lines : Inline() is { Count: > 0 } inline ? inline : Spelled(options);
    }

    private sealed record Item(int Option, int At, int From, int To);

    /// <summary>The lines of the list and other rows of a table, [From, To); none where there is no more than one.</summary>
    public List<(int From, int To)> Lines { get; }

    /// <summary>Which options begin a line.</summary>
    public HashSet<int> Options { get; }

    /// <summary>Whether the text holds nothing but the options again, once or over and over, the last line perhaps cut off.</summary>
    public bool OnlyRestates { get; }

    /// <summary>The only option that is marked, judged to be what is asked for, or in bold, and where its letter stands; null without one.</summary>
    public (int Option, int At)? Marked()
    {
        if (Judged(_items, _wrongIsAsked) is [var judged]) return (judged.Option, judged.At);
        return Options.Count > 1 && _text.Bold is (int from, int to) && _lines.FindAll(item => IsBold(item, from, to)) is [var bold] ? (bold.Option, bold.At) : null;
    }

    /// <summary>Whether the list has a verdict on each option, and not one but several or none is what is asked for.</summary>
    public bool IsUndecided => Options.Count <= _items.Count && _items.Count == _letters.Count && Judged(_items, wrong: true).Count + Judged(_items, wrong: false).Count == _items.Count && Judged(_items, _wrongIsAsked).Count != 1;

    /// <summary>Whether each option has one sentence, the last of them the end of the text.</summary>
    public bool IsInline => Lines.Count == 0 && _items.Count > 0 && _items[^1].To == _text.Text.TrimEnd().Length;

    /// <summary>The only option whose line has words of the question; where what is not so is asked for, the only one whose line has none of them.</summary>
    /// <param name="asked">The words of the question.</param>
    public (int Option, int At)? Row(HashSet<string> asked) =>
        Math.Max(Lines.Count, _items.Count) > 2 && _items.FindAll(item => ContentWords.Of(_text.Lower[item.At..item.To]).Overlaps(asked) != _wrongIsAsked) is [var row] ? (row.Option, row.At) : null;

    private List<Item> Judged(List<Item> items, bool wrong) =>
        items.FindAll(item =>
        {
            string line = _text.Lower[item.From..item.To];
            return Wrong.IsMatch(line) ? wrong : !wrong && Right.IsMatch(line);
        });

    /// <summary>A sentence for each option, each beginning with its letter; none where one has no sentence, or two.</summary>
    private List<Item> Inline()
    {
        List<Item> items = [];
        foreach ((int from, int to) in Sentences.Of(_text.Text))
        {
            if (ItemAt(from, to) is { } item) items.Add(item);
        }
        return items.Count == _letters.Count && items.DistinctBy(item => item.Option).Count() == items.Count ? items : [];
    }

    /// <summary>A line for each option, each beginning with its text and a sign: "2. Canberra: yes"; none where one has no line, or two.</summary>
    private List<Item> Spelled(OptionTexts options)
    {
        List<Item> items = [];
        int from = 0;
        foreach (string line in _text.Lower.Split('\n'))
        {
            int at = from + Bullet.Match(line).Length;
            if (options.At(_text.Lower, at) is { } found && found.To < from + line.Length && _text.Lower[found.To] is ':' or ' ' or '-' or '(' or ',') items.Add(new Item(found.Option, at, from, from + line.Length));
            from += line.Length + 1;
        }
        return items.Count == _letters.Count && items.DistinctBy(item => item.Option).Count() == items.Count ? items : [];
    }

    private Item? ItemAt(int from, int to)
    {
        int at = to - _text.Text.AsSpan(from, to - from).TrimStart(" (-|\t").Length;
        bool isRow = _text.Text.AsSpan(from, at - from).Contains('|');
        return _letters.LetterAt(at) is int option && (isRow || LabelSign.IsMatch(_text.Text[(at + 1)..Math.Min(to, at + 6)])) ? new Item(option, at, from, to) : null;
    }

    /// <summary>Whether a bold part reaches from an item's letter, or from behind its sign, to its end.</summary>
    private bool IsBold(Item item, int from, int to) =>
        from >= item.From && to <= item.To && _text.Text.AsSpan(to, item.To - to).Trim(" .").Length == 0
        && (from <= item.At || _text.Text.AsSpan(item.At + 1, from - item.At - 1).Trim(" .):、").Length == 0);

    /// <summary>Whether a line is no more than the letter by which the list would go on, or begin once more.</summary>
    private bool IsCutOff(int from, int to)
    {
        int at = to - _text.Text.AsSpan(from, to - from).TrimStart(" (").Length;
        if (to < _text.Text.TrimEnd().Length || _lines.Count < 2 || _letters.LetterAt(at) is not int option || at + 1 < to) return false;
        bool isLoop = _lines.Count(item => item.Option == _lines[0].Option) > 1;
        return option == _lines[^1].Option + 1 || (isLoop && option == _lines[0].Option);
    }
}
