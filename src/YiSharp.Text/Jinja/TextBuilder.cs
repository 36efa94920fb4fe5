using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>Builds a string and keeps account of who wrote which part.</summary>
internal sealed class TextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<TextSpan> _spans = [];

    public int Length => _text.Length;

    public TextBuilder Append(string value, bool template)
    {
        if (template) AddSpan(_text.Length, value.Length);
        _text.Append(value);
        return this;
    }

    public TextBuilder Append(TextValue value) => Append(value, 0, value.Length);

    /// <summary>Appends a stretch of a string, in UTF-16 units.</summary>
    public TextBuilder Append(TextValue value, int start, int length)
    {
        TextSpan[] spans = value.TemplateSpans;
        int first = FirstEndingAfter(spans, start);
        for (int i = first; i < spans.Length && spans[i].Start < start + length; i++)
        {
            int from = Math.Max(spans[i].Start, start), to = Math.Min(spans[i].End, start + length);
            AddSpan(_text.Length + from - start, to - from);
        }
        _text.Append(value.Value, start, length);
        return this;
    }

    public TextValue ToText(bool safe = false) => _text.Length == 0 && !safe ? TextValue.Empty : new TextValue(_text.ToString(), [.. _spans], safe);

    private void AddSpan(int start, int length)
    {
        if (length == 0) return;
        if (_spans.Count > 0 && _spans[^1].End == start) _spans[^1] = new TextSpan(_spans[^1].Start, _spans[^1].Length + length);
        else _spans.Add(new TextSpan(start, length));
    }

    private static int FirstEndingAfter(TextSpan[] spans, int position)
    {
        int low = 0, high = spans.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (spans[middle].End <= position) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
