using YiSharp.Reports;

namespace YiSharp.Cli;

/// <summary>Lines with aligned columns: numbers to the right, texts to the left.</summary>
/// <param name="heads">A column each; one that begins with <c>&gt;</c> holds numbers.</param>
internal sealed class TextTable(params string[] heads)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [[.. heads.Select(h => h.TrimStart('>'))]];

    /// <summary>A report's table as lines that end in LF; details are left out.</summary>
    public static string Render(Table table)
    {
        var text = new TextTable([.. table.Columns.Select(c => (c.Alignment == Alignment.End ? ">" : "") + c.Header)]);
        foreach (Row row in table.Rows) text.Add([.. row.Cells.Select(cell => Sentences.Printable(cell.Text))]);
        return string.Concat(text.Lines().Select(line => line + "\n"));
    }

    /// <summary>Adds a line.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The lines, the heads first.</summary>
    public IEnumerable<string> Lines()
    {
        int[] widths = [.. heads.Select((_, column) => _rows.Max(row => row[column].Length))];
        return _rows.Select(row => string.Join(Gap, row.Select((cell, column) => heads[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
