using System.Text;

namespace YiSharp.Reports;

/// <summary>A table as a LaTeX <c>tabular</c> with the rules of the package booktabs, for papers.</summary>
public static class LatexTable
{
    /// <summary>The table as lines that end in LF; a cell's detail follows its text in brackets. The caption and the note are left out.</summary>
    /// <exception cref="ArgumentException">A row has more or fewer cells than there are columns.</exception>
    public static string Render(Table table)
    {
        table.Validate();
        var text = new StringBuilder("\\begin{tabular}{");
        foreach (Column column in table.Columns) text.Append(column.Alignment == Alignment.End ? 'r' : 'l');
        text.Append("}\n\\toprule\n");
        AppendRow(text, table.Columns.Select(column => Join(column.Header, column.Detail)));
        text.Append("\\midrule\n");
        foreach (Row row in table.Rows) AppendRow(text, row.Cells.Select(cell => Join(cell.Text, cell.Detail)));
        return text.Append("\\bottomrule\n\\end{tabular}\n").ToString();
    }

    private static string Join(string text, string? detail) => Escape(detail is null ? text : $"{text} ({detail})");

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text.ReplaceLineEndings(" "))
        {
            _ = c switch
            {
                '\\' => escaped.Append("\\textbackslash{}"),
                '~' => escaped.Append("\\textasciitilde{}"),
                '^' => escaped.Append("\\textasciicircum{}"),
                '<' or '>' or '|' => escaped.Append('$').Append(c).Append('$'),
                '−' => escaped.Append("$-$"),
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => escaped.Append('\\').Append(c),
                _ => escaped.Append(char.IsControl(c) ? ' ' : c),
            };
        }
        return escaped.ToString().Trim();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) => text.AppendJoin(" & ", cells).Append(" \\\\\n");
}
