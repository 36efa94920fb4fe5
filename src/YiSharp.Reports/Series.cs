namespace YiSharp.Reports;

/// <summary>A named series of a plot and what it looks like.</summary>
/// <param name="Name">Its name in the legend, plain text.</param>
/// <param name="ColorIndex">Place of its colour in <see cref="Palette.Series"/>; after the last the first comes again.</param>
/// <param name="ShapeIndex">Place of its shape in <see cref="Palette.Shapes"/>, likewise.</param>
public sealed record Series(string Name, int ColorIndex, int ShapeIndex)
{
    /// <summary>Series that look as their places do, so that the same names in the same order look alike in every plot of a page.</summary>
    /// <param name="names">Their names.</param>
    public static IReadOnlyList<Series> InOrder(IEnumerable<string> names) => [.. names.Select((name, i) => new Series(name, i, i))];
}
