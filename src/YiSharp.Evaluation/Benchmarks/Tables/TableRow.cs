namespace YiSharp.Evaluation;

/// <summary>A row of a table, whatever the file's format: cells by the name of their column, upper and lower case alike.</summary>
/// <param name="place">File and line or row, as a message names them.</param>
/// <param name="cells">Texts, whole numbers as <see cref="long"/>, lists of these, or null; a field <c>b</c> inside <c>a</c> is <c>a.b</c>.</param>
internal sealed class TableRow(string place, IReadOnlyDictionary<string, object?> cells)
{
    /// <summary>File and line or row.</summary>
    public string Place => place;

    /// <summary>Whether the table has a column.</summary>
    public bool Has(string column) => cells.ContainsKey(column);

    /// <summary>A cell that holds text, which may be empty.</summary>
    /// <exception cref="InvalidDataException">There is no such column, or something else is in it.</exception>
    public string Text(string column) => cells.TryGetValue(column, out object? cell)
        ? cell as string ?? throw Wrong($"has {Kind(cell)} in \"{column}\"; expected a text")
        : throw Wrong($"has no \"{column}\"; found {string.Join(", ", cells.Keys.Select(name => $"\"{name}\""))}");

    /// <summary>A cell that holds text with something to read in it.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string FilledText(string column) => Text(column) is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw Wrong($"has nothing in \"{column}\"; expected a text");

    /// <summary>A cell that holds a whole number, or null.</summary>
    public long? Whole(string column) => cells.GetValueOrDefault(column) as long?;

    /// <summary>A cell that holds a list of texts.</summary>
    /// <exception cref="InvalidDataException">There is no such column, or something else is in it.</exception>
    public IReadOnlyList<string> Texts(string column) => List<string>(column, "texts");

    /// <summary>A cell that holds a list of whole numbers.</summary>
    /// <exception cref="InvalidDataException">There is no such column, or something else is in it.</exception>
    public IReadOnlyList<long> Wholes(string column) => List<long>(column, "whole numbers");

    /// <summary>What to throw about this row.</summary>
    /// <param name="clause">What is wrong and what was expected, such as <c>has no "question"</c>.</param>
    public InvalidDataException Wrong(string clause) => new($"{place} {clause}.");

    private T[] List<T>(string column, string what)
    {
        if (!cells.TryGetValue(column, out object? cell)) throw Wrong($"has no \"{column}\"; expected a list of {what}");
        if (cell is not IReadOnlyList<object?> list) throw Wrong($"has {Kind(cell)} in \"{column}\"; expected a list of {what}");
        return [.. list.Select(element => element is T value ? value : throw Wrong($"has {Kind(element)} in the list \"{column}\"; expected {what}"))];
    }

    private static string Kind(object? cell) => cell switch
    {
        null => "nothing",
        string => "a text",
        long or double => "a number",
        bool => "true or false",
        IReadOnlyList<object?> => "a list",
        _ => "an object",
    };
}
