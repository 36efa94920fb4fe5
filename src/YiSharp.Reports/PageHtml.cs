using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace YiSharp.Reports;

/// <summary>A report as one HTML file: style, scripts and data inside, nothing loaded, the same bytes for the same page.</summary>
internal static class PageHtml
{
    public static string Write(ReportPage page)
    {
        var body = new StringBuilder();
        var blocks = new BlockHtml(body);
        body.Append("<a class=\"skip\" href=\"#content\">Skip to the content</a>\n");
        WriteHeader(body, page);
        WriteContents(body, page);
        body.Append("<main id=\"content\">\n");
        for (int i = 0; i < page.Sections.Count; i++)
        {
            Section section = page.Sections[i];
            body.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"section-{i + 1}\">\n<h2 id=\"section-{i + 1}\">{Html.Escape(section.Heading)}</h2>\n");
            foreach (Block block in section.Blocks) blocks.Write(block);
            body.Append("</section>\n");
        }
        body.Append("</main>\n");
        if (page.Footer is not null) body.Append(CultureInfo.InvariantCulture, $"<footer>{MarkdownText.ToInlineHtml(page.Footer)}</footer>\n");

        // A page without plots carries no script, and its policy allows none.
        IReadOnlyList<string> scripts = blocks.PlotCount > 0 ? Resources.PlotScripts : [];
        foreach (string script in scripts) body.Append("<script>").Append(script).Append("</script>\n");
        return Head(page, scripts) + body + "</body>\n</html>\n";
    }

    private static string Head(ReportPage page, IReadOnlyList<string> scripts)
    {
        // Only the scripts written here may run, by their hashes: should a text ever slip through unescaped, it stays text.
        string allowed = scripts.Count == 0 ? "'none'" : string.Join(' ', scripts.Select(script => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'"));
        return $"""
            <!doctype html>
            <html lang="{Html.Escape(page.Language)}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{Html.Escape(page.Title)}</title>
            <style>
            {Resources.Style.TrimEnd()}
            </style>
            </head>
            <body>

            """.ReplaceLineEndings("\n");
    }

    private static void WriteHeader(StringBuilder body, ReportPage page)
    {
        body.Append("<header>\n");
        if (page.Kind is not null) body.Append(CultureInfo.InvariantCulture, $"<p class=\"kind\">{Html.Escape(page.Kind)}</p>\n");
        body.Append(CultureInfo.InvariantCulture, $"<h1>{Html.Escape(page.Title)}</h1>\n");
        if (page.Lead is not null) body.Append(CultureInfo.InvariantCulture, $"<div class=\"lead\">{MarkdownText.ToHtml(page.Lead)}</div>\n");
        if (page.Figures.Count > 0)
        {
            body.Append("<dl class=\"figures\">\n");
            foreach (Figure figure in page.Figures)
            {
                body.Append(CultureInfo.InvariantCulture, $"<div class=\"figure{Html.ToneClass(figure.Tone)}\"><dt>{Html.Escape(figure.Label)}</dt><dd><strong>{Html.Escape(figure.Value)}</strong>");
                if (figure.Detail is not null) body.Append(CultureInfo.InvariantCulture, $" <span>{Html.Escape(figure.Detail)}</span>");
                body.Append("</dd></div>\n");
            }
            body.Append("</dl>\n");
        }
        body.Append("</header>\n");
    }

    private static void WriteContents(StringBuilder body, ReportPage page)
    {
        if (page.Sections.Count < 2) return;
        body.Append("<nav aria-label=\"Contents\">\n<ol>\n");
        for (int i = 0; i < page.Sections.Count; i++)
            body.Append(CultureInfo.InvariantCulture, $"<li><a href=\"#section-{i + 1}\">{Html.Escape(page.Sections[i].Heading)}</a></li>\n");
        body.Append("</ol>\n</nav>\n");
    }
}
