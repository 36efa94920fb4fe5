using System.Text.Json.Nodes;

namespace YiSharp.Reports;

/// <summary>What all specifications share: size, typography, scales of the series.</summary>
internal static class VegaLite
{
    private const string FontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";

    /// <summary>A specification without marks: as wide as the page lets it be and <paramref name="height"/> pixels high.</summary>
    public static JsonObject Specification(JsonArray rows, int height) => new()
    {
        ["$schema"] = "https://vega.github.io/schema/vega-lite/v6.json",
        ["width"] = "container",
        ["height"] = height,
        ["autosize"] = new JsonObject { ["type"] = "fit-x", ["contains"] = "padding" },
        ["background"] = null,
        ["data"] = new JsonObject { ["values"] = rows },
        ["config"] = new JsonObject
        {
            ["font"] = FontFamily,
            ["view"] = new JsonObject { ["stroke"] = null },
            ["axis"] = new JsonObject
            {
                ["domain"] = false, ["ticks"] = false, ["labelColor"] = Palette.Label, ["titleColor"] = Palette.Label, ["gridColor"] = Palette.Grid,
                ["labelFontSize"] = 12, ["titleFontSize"] = 12, ["titleFontWeight"] = 400, ["labelPadding"] = 6, ["titlePadding"] = 10,
            },
            ["axisX"] = new JsonObject { ["titleAnchor"] = "end" }, // on a phone the title is wider than the axis, and has room at its other side
        },
    };

    /// <summary>A numeric channel.</summary>
    public static JsonObject Quantitative(string field, string title, double? tickMinStep = null)
    {
        var axis = new JsonObject { ["title"] = title, ["tickCount"] = 6 };
        if (tickMinStep is not null) axis["tickMinStep"] = tickMinStep;
        return new JsonObject { ["field"] = field, ["type"] = "quantitative", ["axis"] = axis };
    }

    /// <summary>The colour channel of series.</summary>
    public static JsonObject SeriesColor(string field, IReadOnlyList<Series> series) => Channel(field, series, series.Select(s => Palette.Series[s.ColorIndex % Palette.Series.Count]));

    /// <summary>The shape channel of series.</summary>
    public static JsonObject SeriesShape(string field, IReadOnlyList<Series> series) => Channel(field, series, series.Select(s => Palette.Shapes[s.ShapeIndex % Palette.Shapes.Count]));

    public static JsonObject Tooltip(string field, string title, string type, string? format = null)
    {
        var tooltip = new JsonObject { ["field"] = field, ["type"] = type, ["title"] = title };
        if (format is not null) tooltip["format"] = format;
        return tooltip;
    }

    public static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => (JsonNode)name)];

    private static JsonObject Channel(string field, IReadOnlyList<Series> series, IEnumerable<string> range) => new()
    {
        ["field"] = field,
        ["type"] = "nominal",
        ["scale"] = new JsonObject { ["domain"] = Names(series.Select(s => s.Name)), ["range"] = Names(range) },
        ["legend"] = null,
    };
}
