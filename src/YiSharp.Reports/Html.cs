using System.Text;

namespace YiSharp.Reports;

/// <summary>Text into HTML.</summary>
internal static class Html
{
    /// <summary>The text with every character that means something in HTML, in an element or a quoted attribute, written as a reference.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in ReplaceControls(text))
        {
            _ = c switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }

    /// <summary>The text with U+FFFD for what HTML cannot hold: control characters and halves of surrogate pairs. Line ends become LF.</summary>
    public static string ReplaceControls(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.ReplaceLineEndings("\n").EnumerateRunes()) // a lone surrogate is enumerated as U+FFFD
        {
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')) clean.Append('\uFFFD');
            else clean.Append(rune.ToString());
        }
        return clean.ToString();
    }

    /// <summary>A space and <c>name="value"</c>, or nothing where the value is null.</summary>
    public static string Attribute(string name, string? value) => value is null ? "" : $" {name}=\"{Escape(value)}\"";

    /// <summary>The class of a tone, with a space before it; nothing for a plain one.</summary>
    public static string ToneClass(Tone tone) => tone == Tone.Plain ? "" : $" tone-{tone.ToString().ToLowerInvariant()}";
}
