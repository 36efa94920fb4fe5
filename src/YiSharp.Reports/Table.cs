namespace YiSharp.Reports;

/// <summary>Rows and columns; the first column names the row.</summary>
/// <param name="Columns">The columns, left to right.</param>
/// <param name="Rows">The rows, top to bottom, each with a cell for every column.</param>
public sealed record Table(IReadOnlyList<Column> Columns, IReadOnlyList<Row> Rows) : Block
{
    /// <summary>What the table shows, plain text; screen readers announce it.</summary>
    public string? Caption { get; init; }

    /// <summary>How to read it, under the table; Markdown.</summary>
    public string? Note { get; init; }

    /// <exception cref="ArgumentException">A row has more or fewer cells than there are columns.</exception>
    internal void Validate()
    {
        foreach (Column column in Columns)
        {
            if (column.Under is { } header && !Columns.Any(other => other.Header == header && other.Under is null))
                throw new ArgumentException($"Column \"{column.Header}\" of the table \"{Caption}\" stands under \"{header}\", which is no column of its own; the columns are {string.Join(", ", Columns.Select(c => c.Header))}.");
        }
        for (int i = 0; i < Rows.Count; i++)
        {
            if (Rows[i].Cells.Count != Columns.Count)
                throw new ArgumentException($"Row {i + 1} of the table \"{Caption}\" has {Rows[i].Cells.Count} cells; it needs one for each of the {Columns.Count} columns.");
        }
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Header">Its name, plain text.</param>
/// <param name="Alignment">Numbers stand at the end, words at the start.</param>
/// <param name="Detail">A second, smaller line of the header, such as a unit or a count; plain text.</param>
public sealed record Column(string Header, Alignment Alignment = Alignment.Start, string? Detail = null)
{
    /// <summary>On a page, which is narrow: the header of the column under whose cells its own stand, in small print; null for a column of its own.</summary>
    public string? Under { get; init; }

    /// <summary>Whether a page may break its cells into lines where the table would be wider than the page.</summary>
    public bool Wraps { get; init; }
}

/// <summary>A row of a table.</summary>
/// <param name="Cells">One for each column.</param>
/// <param name="Highlighted">Whether this is the row that the table is about.</param>
public sealed record Row(IReadOnlyList<Cell> Cells, bool Highlighted = false);

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says, plain text.</param>
/// <param name="Detail">Smaller lines under it, such as an interval; plain text, its line ends kept.</param>
/// <param name="Tone">How it is to be read.</param>
public sealed record Cell(string Text, string? Detail = null, Tone Tone = Tone.Plain)
{
    /// <summary>A value with its interval, drawn as a small bar under the text; null draws none.</summary>
    public IntervalBar? Bar { get; init; }

    /// <summary>A cell that says <paramref name="text"/> and nothing else.</summary>
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>A value with its interval on a scale from 0 to 1.</summary>
/// <param name="Low">Lower end, 0 to 1.</param>
/// <param name="Value">The value, 0 to 1.</param>
/// <param name="High">Upper end, 0 to 1.</param>
public readonly record struct IntervalBar(double Low, double Value, double High)
{
    /// <summary>Whether the way from 0 to the value is filled, as for many rows to be compared at a glance.</summary>
    public bool IsFilled { get; init; }
}

/// <summary>Where the text of a column stands.</summary>
public enum Alignment
{
    /// <summary>At the side where reading starts.</summary>
    Start,

    /// <summary>At the other side, figures under figures.</summary>
    End,
}
