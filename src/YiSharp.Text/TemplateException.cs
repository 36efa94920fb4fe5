namespace YiSharp.Text;

/// <summary>Why a template gave no text.</summary>
public enum TemplateErrorKind
{
    /// <summary>The template itself called <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>Something undefined was used further than printing allows.</summary>
    Undefined,

    /// <summary>The source is not a template of this language.</summary>
    Syntax,

    /// <summary>The sandbox refused it: an underscored attribute, a method that changes its object.</summary>
    Security,

    /// <summary>Anything else: wrong types, a division by zero, a limit reached.</summary>
    Other,
}

/// <summary>A template that could not be parsed or rendered.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="kind">What sort of error.</param>
    /// <param name="reason">What was wrong; for <see cref="TemplateErrorKind.Raised"/> the template's own words.</param>
    /// <param name="line">Line of the template, 1-based, or 0 where none is to blame.</param>
    public TemplateException(TemplateErrorKind kind, string reason, int line = 0)
        : base(kind == TemplateErrorKind.Raised || line == 0 ? reason : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{reason} (line {line} of the template)")) =>
        (Kind, Reason, Line) = (kind, reason, line);

    /// <summary>What sort of error.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>What was wrong, without the line.</summary>
    public string Reason { get; }

    /// <summary>Line of the template, 1-based, or 0.</summary>
    public int Line { get; }
}
