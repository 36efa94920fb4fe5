namespace YiSharp.Reports;

/// <summary>The colours of a plot's series. page.css maps each to its counterpart for dark pages, by this very value.</summary>
public static class Palette
{
    /// <summary>Colours in the order in which series take them; after the last the first comes again.</summary>
    public static IReadOnlyList<string> Series { get; } = ["#66707f", "#b8560f", "#0a7362", "#3659c4", "#93399a", "#a62b45", "#6d6a10", "#1a6b96"];

    /// <summary>Vega's shapes in the same order, so that series differ without colour.</summary>
    public static IReadOnlyList<string> Shapes { get; } = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "triangle-right", "triangle-left"];

    /// <summary>Axis labels.</summary>
    internal const string Label = "#5b626d";

    /// <summary>Titles and legends.</summary>
    internal const string Ink = "#1c2127";

    /// <summary>Grid lines.</summary>
    internal const string Grid = "#e4e0d6";
}
