namespace YiSharp.Cli;

/// <summary>Lines with aligned columns: numbers to the right, texts to the left.</summary>
/// <param name="heads">A column each; one that begins with <c>&gt;</c> holds numbers.</param>
internal sealed class TextTable(params string[] heads)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [[.. heads.Select(h => h.TrimStart('>'))]];

    /// <summary>Adds a line.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The lines, the heads first.</summary>
    public IEnumerable<string> Lines()
    {
        int[] widths = [.. heads.Select((_, column) => _rows.Max(row => row[column].Length))];
        return _rows.Select(row => string.Join(Gap, row.Select((cell, column) => heads[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
