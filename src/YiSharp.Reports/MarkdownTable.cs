using System.Text;

namespace YiSharp.Reports;

/// <summary>A table as GitHub-flavoured Markdown, for model cards.</summary>
public static class MarkdownTable
{
    /// <summary>The table as lines that end in LF; a cell's detail follows its text in brackets. The caption and the note are left out.</summary>
    /// <exception cref="ArgumentException">A row has more or fewer cells than there are columns.</exception>
    public static string Render(Table table)
    {
        table.Validate();
        string[][] rows = [.. table.Rows.Select(row => row.Cells.Select(cell => Join(cell.Text, cell.Detail)).ToArray())];
        string[] header = [.. table.Columns.Select(column => Join(column.Header, column.Detail))];

        var text = new StringBuilder();
        AppendRow(text, header);
        AppendRow(text, table.Columns.Select(column => column.Alignment == Alignment.End ? "---:" : "---"));
        foreach (string[] row in rows) AppendRow(text, row);
        return text.ToString();
    }

    private static string Join(string text, string? detail) => Escape(detail is null ? text : $"{text} ({detail})");

    /// <summary>A cell is one line in which a bar ends it, and no character starts formatting or HTML.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text.ReplaceLineEndings(" "))
        {
            if (c is '|' or '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '~') escaped.Append('\\');
            escaped.Append(char.IsControl(c) ? ' ' : c);
        }
        return escaped.ToString().Trim();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
