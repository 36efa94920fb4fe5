namespace YiSharp.Reports;

/// <summary>The colours of a plot's series. page.css maps each to its counterpart for dark pages, by this very value.</summary>
public static class Palette
{
    /// <summary>Colours in the order in which series take them; after the last the first comes again.</summary>
    public static IReadOnlyList<string> Series { get; } = ["#66707f", "#b8560f", "#0a7362", "#3659c4", "#93399a", "#a62b45", "#6d6a10", "#1a6b96"];

    /// <summary>Vega's shapes in the same order, so that series differ without colour.</summary>
    public static IReadOnlyList<string> Shapes { get; } = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "triangle-right", "triangle-left"];

    /// <summary>The shapes as SVG paths in a box from −6 to 6, for the legend.</summary>
    internal static IReadOnlyList<string> ShapePaths { get; } =
    [
        "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z", "M-4.4-4.4H4.4V4.4H-4.4Z", "M0-5.8L4.4 0L0 5.8L-4.4 0Z", "M0-5L5.4 4.4H-5.4Z", "M0 5L5.4-4.4H-5.4Z",
        "M-5.4-1.8H-1.8V-5.4H1.8V-1.8H5.4V1.8H1.8V5.4H-1.8V1.8H-5.4Z", "M5 0L-4.4 5.4V-5.4Z", "M-5 0L4.4 5.4V-5.4Z",
    ];

    /// <summary>Axis labels.</summary>
    internal const string Label = "#5b626d";

    /// <summary>Titles and legends.</summary>
    internal const string Ink = "#1c2127";

    /// <summary>Grid lines.</summary>
    internal const string Grid = "#e4e0d6";
}
