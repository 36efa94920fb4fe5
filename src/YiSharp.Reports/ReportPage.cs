namespace YiSharp.Reports;

/// <summary>One report: a title, what matters most in a few figures, and sections that read from top to bottom.</summary>
/// <param name="Title">The page's title, plain text.</param>
/// <param name="Sections">What it says, in order; each is an entry of the contents.</param>
public sealed record ReportPage(string Title, IReadOnlyList<Section> Sections)
{
    /// <summary>A word above the title that says what kind of page this is, such as "Release report"; plain text.</summary>
    public string? Kind { get; init; }

    /// <summary>One or two sentences under the title, Markdown.</summary>
    public string? Lead { get; init; }

    /// <summary>The few numbers a reader should take away.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>A line at the end of the page: how it was made, Markdown.</summary>
    public string? Footer { get; init; }

    /// <summary>Language of the page's own words, a BCP 47 tag.</summary>
    /// <value>en</value>
    public string Language { get; init; } = "en";

    /// <summary>The page as one HTML file that loads nothing: equal pages give equal text.</summary>
    public string ToHtml() => PageHtml.Write(this);
}

/// <summary>A heading and what stands under it.</summary>
/// <param name="Heading">Plain text.</param>
/// <param name="Blocks">The content, in order.</param>
public sealed record Section(string Heading, IReadOnlyList<Block> Blocks);

/// <summary>One number to take away.</summary>
/// <param name="Label">What it is, plain text.</param>
/// <param name="Value">The number with its unit, plain text.</param>
/// <param name="Detail">What it is compared with, or how sure it is; plain text.</param>
/// <param name="Tone">Whether it is good news.</param>
public sealed record Figure(string Label, string Value, string? Detail = null, Tone Tone = Tone.Plain);

/// <summary>How something is to be read; shown by colour and, where it matters, by a word as well.</summary>
public enum Tone
{
    /// <summary>Neither good nor bad.</summary>
    Plain,

    /// <summary>Less important than what stands around it.</summary>
    Quiet,

    /// <summary>Good news.</summary>
    Good,

    /// <summary>Something to be aware of.</summary>
    Warning,

    /// <summary>Bad news.</summary>
    Bad,
}
