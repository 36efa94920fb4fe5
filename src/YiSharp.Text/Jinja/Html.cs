namespace YiSharp.Text.Jinja;

/// <summary>Escaping for HTML (markupsafe).</summary>
internal static class Html
{
    /// <summary>Escapes a text that is not marked as safe, and marks it.</summary>
    public static TextValue Escape(TextValue text)
    {
        if (text.Safe) return text;
        var output = new TextBuilder();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            string? entity = text.Value[i] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&#34;", '\'' => "&#39;", _ => null };
            if (entity is null) continue;
            output.Append(text, start, i - start).Append(entity, template: false);
            start = i + 1;
        }
        return output.Append(text, start, text.Length - start).ToText(safe: true);
    }
}
