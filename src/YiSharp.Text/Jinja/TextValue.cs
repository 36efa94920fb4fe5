using System.Diagnostics.CodeAnalysis;

namespace YiSharp.Text.Jinja;

/// <summary>
/// A string of the template language. It remembers which of its characters the template wrote; all others count as the caller's.
/// Lengths and indices seen by templates are code points.
/// </summary>
internal sealed class TextValue
{
    public static readonly TextValue Empty = new("", []);

    private int[]? _codePointStarts;
    private int _codePointCount = -1;

    public TextValue(string value, TextSpan[] templateSpans, bool safe = false) => (Value, TemplateSpans, Safe) = (value, templateSpans, safe);

    public string Value { get; }

    /// <summary>Stretches that the template wrote, sorted, not touching.</summary>
    public TextSpan[] TemplateSpans { get; }

    /// <summary>Already escaped for HTML: what <c>escape</c> and <c>safe</c> return.</summary>
    public bool Safe { get; }

    public int Length => Value.Length;

    public bool AllTemplate => TemplateSpans.Length == 1 && TemplateSpans[0].Length == Value.Length;

    /// <summary>Number of code points; an unpaired surrogate is one.</summary>
    public int CodePointCount
    {
        get
        {
            if (_codePointCount < 0) CountCodePoints();
            return _codePointCount;
        }
    }

    public static TextValue FromTemplate(string value) => value.Length == 0 ? Empty : new(value, [new TextSpan(0, value.Length)]);

    public static TextValue FromCaller(string value) => value.Length == 0 ? Empty : new(value, []);

    /// <summary>A string with one origin.</summary>
    public static TextValue From(string value, bool template) => template ? FromTemplate(value) : FromCaller(value);

    /// <summary>The UTF-16 index of a code point, 0 … <see cref="CodePointCount"/>.</summary>
    public int UnitIndex(int codePoint)
    {
        if (CodePointCount == Value.Length) return codePoint;
        return codePoint == _codePointCount ? Value.Length : _codePointStarts![codePoint];
    }

    /// <summary>The code-point index of a UTF-16 index.</summary>
    public int CodePointIndex(int unit)
    {
        if (CodePointCount == Value.Length) return unit;
        int found = Array.BinarySearch(_codePointStarts!, unit);
        return found < 0 ? ~found : found;
    }

    /// <summary>A stretch, in UTF-16 units.</summary>
    public TextValue Slice(int start, int length)
    {
        if (length == Value.Length) return this;
        return new TextBuilder().Append(this, start, length).ToText(Safe);
    }

    /// <summary>Another string in this one's place: its origin stays known where nothing moved or where it had only one.</summary>
    public TextValue Mapped(string value)
    {
        if (value.Length == Value.Length) return new TextValue(value, TemplateSpans, Safe);
        return From(value, AllTemplate);
    }

    public TextValue WithSafe(bool safe) => safe == Safe ? this : new TextValue(Value, TemplateSpans, safe);

    public override string ToString() => Value;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is TextValue other && other.Value == Value;

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    private void CountCodePoints()
    {
        int pairs = 0;
        for (int i = 1; i < Value.Length; i++)
        {
            if (char.IsSurrogatePair(Value[i - 1], Value[i])) pairs++;
        }
        if (pairs > 0)
        {
            var starts = new int[Value.Length - pairs];
            for (int i = 0, count = 0; i < Value.Length; i++)
            {
                if (i == 0 || !char.IsSurrogatePair(Value[i - 1], Value[i])) starts[count++] = i;
            }
            _codePointStarts = starts;
        }
        _codePointCount = Value.Length - pairs;
    }
}
