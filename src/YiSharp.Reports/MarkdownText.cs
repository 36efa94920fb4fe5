using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace YiSharp.Reports;

/// <summary>Markdown by anyone, models included, as HTML that cannot act: no raw HTML, no images, links to the web alone.</summary>
internal static class MarkdownText
{
    private const int HeadingOffset = 3; // a heading inside an answer ranks below the page's own h1 to h3

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseEmphasisExtras().Build();

    /// <summary>The text as block elements.</summary>
    public static string ToHtml(string markdown)
    {
        string clean = Html.ReplaceControls(markdown);
        try
        {
            MarkdownDocument document = Markdown.Parse(clean, Pipeline);
            foreach (HeadingBlock heading in document.Descendants<HeadingBlock>()) heading.Level = Math.Min(6, heading.Level + HeadingOffset);
            foreach (LinkInline link in document.Descendants<LinkInline>().ToList()) Disarm(link);
            foreach (AutolinkInline link in document.Descendants<AutolinkInline>().ToList())
            {
                if (!link.IsEmail && !IsWeb(link.Url)) link.ReplaceBy(new LiteralInline(link.Url));
                else link.GetAttributes().AddProperty("rel", Relation);
            }
            return document.ToHtml(Pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig refuses text that is nested too deeply; such a text is shown as it is.
            return $"<pre>{Html.Escape(clean)}</pre>\n";
        }
    }

    /// <summary>The text as inline elements: for a single line.</summary>
    public static string ToInlineHtml(string markdown)
    {
        string html = ToHtml(markdown).Trim();
        bool oneParagraph = html.StartsWith("<p>", StringComparison.Ordinal) && html.EndsWith("</p>", StringComparison.Ordinal) && html.IndexOf("<p>", 3, StringComparison.Ordinal) < 0;
        return oneParagraph ? html[3..^4] : html;
    }

    private const string Relation = "nofollow noopener noreferrer";

    private static void Disarm(LinkInline link)
    {
        if (!link.IsImage && IsWeb(link.Url))
        {
            link.GetAttributes().AddProperty("rel", Relation);
            return;
        }
        var plain = new ContainerInline();
        if (link.IsImage) plain.AppendChild(new LiteralInline("[image: "));
        while (link.FirstChild is { } child)
        {
            child.Remove();
            plain.AppendChild(child);
        }
        if (link.IsImage) plain.AppendChild(new LiteralInline("]"));
        link.ReplaceBy(plain, copyChildren: false);
    }

    private static bool IsWeb(string? url) =>
        url is not null && (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase));
}
