using nietras.SeparatedValues;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Comma-separated values: cells may stand in double quotes, with commas, line ends and doubled quotes in them.</summary>
internal static class CsvTable
{
    /// <summary>A column that these files have where they name their columns at all.</summary>
    private const string Telltale = "question";

    /// <summary>What the library holds of a row at most.</summary>
    private const int MaxRowLength = 1 << 24;

    /// <summary>Reads the rows of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="columns">The columns of a file that does not name them in its first line; null where it must.</param>
    /// <exception cref="InvalidDataException">A row has more or fewer cells than columns, or a quote is not closed.</exception>
    public static IReadOnlyList<TableRow> Read(string path, string text, IReadOnlyList<string>? columns)
    {
        if (text.AsSpan().Count('"') % 2 != 0) throw new InvalidDataException($"{path} has a double quote that is never closed; expected quotes in pairs, or the file is cut off.");
        try
        {
            return [.. Rows(path, text, columns)];
        }
        catch (NotSupportedException e) // The library's word for a row that its buffer cannot hold.
        {
            throw new InvalidDataException($"{path} has a row of more than {MaxRowLength:N0} characters; expected a question with its options in each.", e);
        }
    }

    private static IEnumerable<TableRow> Rows(string path, string text, IReadOnlyList<string>? columns)
    {
        using SepReader reader = Sep.New(',').Reader(o => o with { HasHeader = false, Unescape = true, DisableColCountCheck = true }).FromText(text);
        IReadOnlyList<string>? names = null;
        foreach (SepReader.Row row in reader)
        {
            var cells = new string[row.ColCount];
            for (int i = 0; i < cells.Length; i++) cells[i] = row[i].ToString();
            if (cells is [""]) continue;
            if (names is null)
            {
                bool isHead = cells.Contains(Telltale, StringComparer.OrdinalIgnoreCase);
                if (!isHead && columns is null) throw new InvalidDataException($"{path} does not name its columns; expected a first line with \"{Telltale}\" in it.");
                names = isHead ? cells : columns!;
                if (isHead) continue;
            }
            string place = $"{path}, line {row.LineNumberFrom},";
            if (cells.Length != names.Count) throw new InvalidDataException($"{place} has {Sizes.Of(cells.Length, "cell", "cells")}; expected {names.Count}: {string.Join(", ", names.Select(name => $"\"{name}\""))}.");
            yield return new TableRow(place, Cells(names, cells));
        }
    }

    private static Dictionary<string, object?> Cells(IReadOnlyList<string> names, string[] cells)
    {
        var byName = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < cells.Length; i++) byName[names[i]] = cells[i];
        return byName;
    }
}
