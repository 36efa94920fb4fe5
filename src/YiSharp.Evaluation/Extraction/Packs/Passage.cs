namespace YiSharp.Evaluation;

/// <summary>A text on its way through filters.</summary>
/// <param name="Text">The text.</param>
/// <param name="From">Where it stands in the output, UTF-16; null once it stands nowhere as such.</param>
/// <param name="Rule">What found it; null when nothing did.</param>
internal readonly record struct Passage(string Text, int? From, string? Rule)
{
    /// <summary>Its part [from, to).</summary>
    public Passage Slice(int from, int to, string? rule) => new(Text[from..to], From + from, rule);

    /// <summary>Without white space at both ends.</summary>
    public Passage Strip()
    {
        (int from, int to) = PythonText.StripBounds(Text);
        return Slice(from, to, Rule);
    }

    /// <summary>The same as what was read.</summary>
    public Extraction ToExtraction() => new(Text, Rule, Rule is not null && From is { } from ? (from, from + Text.Length) : null);
}
