using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace YiSharp.Reports;

/// <summary>A plot: data and a Vega-Lite 6 specification, drawn as SVG where the page is read.</summary>
/// <param name="Title">What it shows, plain text; stands above the plot.</param>
/// <param name="Description">What there is to see in it, for readers who do not see it; plain text.</param>
/// <param name="Specification">The specification, data included; nothing in it may be loaded from elsewhere.</param>
public sealed record Plot(string Title, string Description, JsonObject Specification) : Block
{
    /// <summary>Its series, in the order of the legend; the page writes it, so that it wraps with the page.</summary>
    public IReadOnlyList<Series> Series { get; init; } = [];

    /// <summary>How to read it, under the plot; Markdown.</summary>
    public string? Note { get; init; }

    /// <summary>The plotted numbers as a table, for readers and printers that cannot draw; null where the page shows them elsewhere.</summary>
    public Table? Data { get; init; }

    // Escapes <, >, & and quotes, so that no text in the data can end the script element that carries it.
    private static readonly JsonSerializerOptions Safe = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>The specification as JSON on one line, safe inside a script element.</summary>
    public string ToJson() => Specification.ToJsonString(Safe);

    /// <summary>A number that JSON can hold: null instead of NaN and the infinities, which leave a gap in a line.</summary>
    internal static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
