namespace YiSharp.Reports;

/// <summary>A part of a section. The kinds are <see cref="Prose"/>, <see cref="Callout"/>, <see cref="Table"/>, <see cref="Plot"/>, <see cref="Answers"/>, <see cref="Code"/> and <see cref="Fold"/>.</summary>
public abstract record Block;

/// <summary>Running text.</summary>
/// <param name="Markdown">Markdown without raw HTML; images are shown as their description.</param>
public sealed record Prose(string Markdown) : Block;

/// <summary>A sentence that must not be overlooked: a verdict or a caution.</summary>
/// <param name="Tone">What kind of news it is.</param>
/// <param name="Markdown">The sentence, Markdown.</param>
public sealed record Callout(Tone Tone, string Markdown) : Block;

/// <summary>Text as it is: a command, a recipe, a raw output.</summary>
/// <param name="Text">Shown in a fixed-width face, spaces and line ends kept.</param>
/// <param name="Label">What it is, for the line above it; plain text.</param>
public sealed record Code(string Text, string? Label = null) : Block;

/// <summary>Content that most readers skip: closed until it is opened.</summary>
/// <param name="Summary">What is inside, plain text.</param>
/// <param name="Blocks">The content.</param>
public sealed record Fold(string Summary, IReadOnlyList<Block> Blocks) : Block;

/// <summary>One question and how several models answered it, side by side.</summary>
/// <param name="Question">The question as it was put, plain text.</param>
/// <param name="Given">An answer per model.</param>
public sealed record Answers(string Question, IReadOnlyList<Answer> Given) : Block
{
    /// <summary>What stands above the question, such as a task and an item's number; plain text.</summary>
    public string? Label { get; init; }

    /// <summary>The expected answer, plain text; null where there is none.</summary>
    public string? Expected { get; init; }

    /// <summary>Language of question and answers, a BCP 47 tag; null where it is the page's.</summary>
    public string? Language { get; init; }
}

/// <summary>What one model answered.</summary>
/// <param name="Model">The model's name, plain text.</param>
/// <param name="Text">Its words, as they came.</param>
public sealed record Answer(string Model, string Text)
{
    /// <summary>Whether <see cref="Text"/> is formatted or shown as it is.</summary>
    public TextFormat Format { get; init; } = TextFormat.Markdown;

    /// <summary>A word on it, such as "right" or "stopped at 128 tokens"; plain text.</summary>
    public string? Verdict { get; init; }

    /// <summary>How the verdict is to be read.</summary>
    public Tone Tone { get; init; }
}

/// <summary>How a text is shown.</summary>
public enum TextFormat
{
    /// <summary>Markdown is formatted.</summary>
    Markdown,

    /// <summary>Every character as it is.</summary>
    Plain,
}
