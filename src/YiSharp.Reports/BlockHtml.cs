using System.Globalization;
using System.Text;

namespace YiSharp.Reports;

/// <summary>Writes blocks one after another and numbers the plots and the tables among them.</summary>
internal sealed class BlockHtml(StringBuilder html)
{
    /// <summary>Columns that a phone shows side by side; rows of more stand there as a block each.</summary>
    private const int MostColumns = 4;

    private int _tableCount;

    /// <summary>Plots written so far.</summary>
    public int PlotCount { get; private set; }

    public void Write(Block block)
    {
        switch (block)
        {
            case Prose prose: Append($"<div class=\"prose\">{MarkdownText.ToHtml(prose.Markdown)}</div>\n"); break;
            case Callout callout: Append($"<div class=\"callout{Html.ToneClass(callout.Tone)}\" role=\"note\">{MarkdownText.ToHtml(callout.Markdown)}</div>\n"); break;
            case Code code: WriteCode(code); break;
            case Fold fold: WriteFold(fold); break;
            case Table table: WriteTable(table); break;
            case Plot plot: WritePlot(plot); break;
            case Answers answers: WriteAnswers(answers); break;
            default: throw new NotSupportedException($"A report has no form for a block of type {block.GetType().Name}; the kinds are those that {nameof(Block)} names.");
        }
    }

    private void Append(FormattableString text) => html.AppendFormat(CultureInfo.InvariantCulture, text.Format, text.GetArguments());

    private void WriteCode(Code code)
    {
        html.Append("<figure class=\"code\">");
        if (code.Label is not null) Append($"<figcaption>{Html.Escape(code.Label)}</figcaption>");
        Append($"<pre tabindex=\"0\"><code>{Html.Escape(code.Text)}</code></pre></figure>\n");
    }

    private void WriteFold(Fold fold)
    {
        Append($"<details class=\"fold\"><summary>{Html.Escape(fold.Summary)}</summary>\n<div>\n");
        foreach (Block block in fold.Blocks) Write(block);
        html.Append("</div>\n</details>\n");
    }

    private void WriteTable(Table table)
    {
        table.Validate();
        string id = string.Create(CultureInfo.InvariantCulture, $"table-{++_tableCount}");
        html.Append("<figure class=\"table\">\n");
        if (table.Caption is not null) Append($"<figcaption id=\"{id}\">{Html.Escape(table.Caption)}</figcaption>\n");
        string named = table.Caption is null ? " aria-label=\"Table\"" : $" aria-labelledby=\"{id}\"";
        // A column's cells, and those of the columns that stand under it.
        (Column Own, int Index, int[] Under)[] columns =
        [
            .. table.Columns.Index().Where(c => c.Item.Under is null).Select(c => (c.Item, c.Index, table.Columns.Index().Where(other => other.Item.Under == c.Item.Header).Select(other => other.Index).ToArray())),
        ];
        bool stacks = columns.Length > MostColumns;
        Append($"<div class=\"scroll\" role=\"region\" tabindex=\"0\"{named}>\n<table{(stacks ? " class=\"stacks\"" : "")}{(table.Caption is null ? "" : named)}>\n<thead><tr>");
        foreach ((Column column, _, int[] under) in columns)
        {
            Append($"<th scope=\"col\"{EndClass(column)}>{Html.Escape(column.Header)}");
            WriteDetail(column.Detail);
            foreach (int i in under) WriteDetail(table.Columns[i].Header);
            html.Append("</th>");
        }
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (Row row in table.Rows)
        {
            html.Append(row.Highlighted ? "<tr class=\"highlighted\">" : "<tr>");
            foreach ((Column column, int index, int[] under) in columns) WriteCell(row.Cells[index], column, [.. under.Select(i => (table.Columns[i], row.Cells[i]))], isRowHeader: column == columns[0].Own, stacks);
            html.Append("</tr>\n");
        }
        html.Append("</tbody>\n</table>\n</div>\n");
        if (table.Rows.SelectMany(row => row.Cells).Any(cell => cell.Bar is not null)) WriteBarLegend(isFilled: table.Rows.Any(row => row.Cells.Any(cell => cell.Bar is { IsFilled: true })));
        if (table.Note is not null) Append($"<div class=\"note\">{MarkdownText.ToHtml(table.Note)}</div>\n");
        html.Append("</figure>\n");
    }

    /// <summary>A cell; where rows may stand as blocks, with the names of its columns, which then show beside it.</summary>
    private void WriteCell(Cell cell, Column column, (Column Column, Cell Cell)[] under, bool isRowHeader, bool stacks)
    {
        string Label(Column named) => stacks && !isRowHeader && named.Header.Length > 0 ? Html.Attribute("data-label", named.Detail is null ? named.Header : $"{named.Header} {named.Detail}") : "";
        string tone = Html.ToneClass(cell.Tone).Trim();
        string classes = string.Join(' ', new[] { column.Alignment == Alignment.End ? "end" : "", column.Wraps ? "wraps" : "", tone }.Where(c => c.Length > 0));
        string attribute = (classes.Length == 0 ? "" : $" class=\"{classes}\"") + Label(column);
        Append(isRowHeader ? $"<th scope=\"row\"{attribute}>{Html.Escape(cell.Text).Replace("_", "_<wbr>", StringComparison.Ordinal)}" : (FormattableString)$"<td{attribute}>{Html.Escape(cell.Text)}");
        WriteDetail(cell.Detail);
        foreach ((Column named, Cell small) in under) WriteDetail(small.Text, Label(named));
        if (cell.Bar is { } bar) WriteBar(bar);
        html.Append(isRowHeader ? "</th>" : "</td>");
    }

    private void WriteDetail(string? detail, string attributes = "")
    {
        if (detail is not null) Append($" <small{attributes}>{Html.Escape(detail)}</small>");
    }

    /// <summary>The interval on a track from 0 to 1, as wide as its cell lets it be; the text beside it says the same, so that it is hidden from screen readers.</summary>
    private void WriteBar(IntervalBar bar)
    {
        double low = Place(bar.Low), high = Place(bar.High), value = Place(bar.Value);
        Append($"<svg class=\"bar{(bar.IsFilled ? " wide" : "")}\" aria-hidden=\"true\">{Line("track", 0, 100)}");
        if (bar.IsFilled) html.Append(Line("filled", 0, value));
        Append($"{Line("interval", low, high)}<circle cx=\"{value:0.#}%\" cy=\"50%\" r=\"3.7\"/></svg>");
    }

    /// <summary>What the parts of a bar are, with one to look at.</summary>
    private void WriteBarLegend(bool isFilled)
    {
        html.Append("<p class=\"bar-legend\">");
        WriteBar(new IntervalBar(0.4, 0.55, 0.7) { IsFilled = isFilled });
        html.Append("From 0 to 100 %: the dot is the value, the thick line its interval").Append(isFilled ? ", grey fills the way from 0 to the value." : ".").Append("</p>\n");
    }

    private static string Line(string kind, double from, double to) => string.Create(CultureInfo.InvariantCulture, $"<line class=\"{kind}\" x1=\"{from:0.#}%\" y1=\"50%\" x2=\"{to:0.#}%\" y2=\"50%\"/>");

    private static double Place(double share) => double.IsNaN(share) ? 0 : 100 * Math.Clamp(share, 0, 1);

    private static string EndClass(Column column) => column.Alignment == Alignment.End ? " class=\"end\"" : "";

    private void WritePlot(Plot plot)
    {
        int number = ++PlotCount;
        Append($"<figure class=\"plot\" id=\"plot-{number}\">\n<figcaption id=\"plot-{number}-title\">{Html.Escape(plot.Title)}</figcaption>\n");
        Append($"<p class=\"visually-hidden\" id=\"plot-{number}-description\">{Html.Escape(plot.Description)}</p>\n");
        WriteLegend(plot.Series);
        Append($"<div class=\"canvas\"></div>\n<script type=\"application/json\">{plot.ToJson()}</script>\n");
        html.Append("<noscript><p class=\"note\">The plot needs JavaScript; its numbers are in the table below.</p></noscript>\n");
        if (plot.Note is not null) Append($"<div class=\"note\">{MarkdownText.ToHtml(plot.Note)}</div>\n");
        if (plot.Data is not null) WriteFold(new Fold("The numbers of this plot", [plot.Data]));
        html.Append("</figure>\n");
    }

    private void WriteLegend(IReadOnlyList<Series> series)
    {
        if (series.Count < 2) return;
        html.Append("<ul class=\"legend\">");
        foreach (Series one in series)
        {
            string color = Palette.Series[one.ColorIndex % Palette.Series.Count], shape = Palette.ShapePaths[one.ShapeIndex % Palette.ShapePaths.Count];
            Append($"<li><svg viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><path fill=\"{color}\" d=\"{shape}\"/></svg>{Html.Escape(one.Name)}</li>");
        }
        html.Append("</ul>\n");
    }

    private void WriteAnswers(Answers answers)
    {
        string language = Html.Attribute("lang", answers.Language);
        html.Append("<article class=\"answers\">\n");
        if (answers.Label is not null) Append($"<h3>{Html.Escape(answers.Label)}</h3>\n");
        Append($"<blockquote{language}>{Html.Escape(answers.Question)}</blockquote>\n");
        if (answers.Expected is not null) Append($"<p class=\"expected\"><span>Expected</span> <code{language}>{Html.Escape(answers.Expected)}</code></p>\n");
        html.Append("<div class=\"given\">\n");
        foreach (Answer answer in answers.Given)
        {
            Append($"<section class=\"answer\"><h4>{Html.Escape(answer.Model)}");
            if (answer.Verdict is not null) Append($" <span class=\"verdict{Html.ToneClass(answer.Tone)}\">{Html.Escape(answer.Verdict)}</span>");
            Append($"</h4>\n<div class=\"text\" tabindex=\"0\"{language}>");
            if (answer.Text.Length == 0) html.Append("<p class=\"empty\">(no text)</p>");
            else if (answer.Format == TextFormat.Plain) Append($"<pre>{Html.Escape(answer.Text)}</pre>");
            else html.Append(MarkdownText.ToHtml(answer.Text));
            html.Append("</div></section>\n");
        }
        html.Append("</div>\n</article>\n");
    }
}
