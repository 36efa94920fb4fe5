namespace YiSharp.Text;

/// <summary>
/// A rendered conversation that knows which of its characters the template wrote. Only those may become control tokens:
/// a <c>&lt;|im_end|&gt;</c> that a user typed is text.
/// </summary>
public sealed class TemplatedText
{
    /// <summary>Joins a text with the spans that the template wrote.</summary>
    /// <param name="text">The rendered text.</param>
    /// <param name="templateSpans">Stretches written by the template, in order; touching ones are joined.</param>
    /// <param name="generationSpans">Contents of <c>{% generation %}</c> blocks, in order.</param>
    public TemplatedText(string text, IEnumerable<TextSpan> templateSpans, IEnumerable<TextSpan>? generationSpans = null)
    {
        Text = text;
        TemplateSpans = Join(templateSpans, text.Length);
        GenerationSpans = generationSpans is null ? [] : [.. generationSpans];
    }

    /// <summary>The rendered text.</summary>
    public string Text { get; }

    /// <summary>Stretches written by the template: sorted, not empty, not touching.</summary>
    public IReadOnlyList<TextSpan> TemplateSpans { get; }

    /// <summary>What the template put between <c>{% generation %}</c> and <c>{% endgeneration %}</c>; empty when it has none.</summary>
    public IReadOnlyList<TextSpan> GenerationSpans { get; }

    /// <summary>A text that is the template's from end to end.</summary>
    public static TemplatedText FromTemplate(string text) => new(text, [new TextSpan(0, text.Length)]);

    /// <summary>A text of which nothing is the template's.</summary>
    public static TemplatedText FromCaller(string text) => new(text, []);

    /// <summary>The rendered text.</summary>
    public override string ToString() => Text;

    private static List<TextSpan> Join(IEnumerable<TextSpan> spans, int length)
    {
        var joined = new List<TextSpan>();
        foreach (TextSpan span in spans)
        {
            int previousEnd = joined.Count == 0 ? 0 : joined[^1].End;
            if (span.Length < 0 || span.Start < previousEnd || span.End > length)
                throw new ArgumentException($"Template span {span.Start}+{span.Length} does not follow {previousEnd} within a text of {length} characters.", nameof(spans));
            if (span.Length == 0) continue;
            if (joined.Count > 0 && previousEnd == span.Start) joined[^1] = joined[^1] with { Length = joined[^1].Length + span.Length };
            else joined.Add(span);
        }
        return joined;
    }
}
