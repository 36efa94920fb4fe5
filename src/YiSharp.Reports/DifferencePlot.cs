using System.Text.Json.Nodes;

namespace YiSharp.Reports;

/// <summary>Differences with their intervals around zero: a group per task, in it a dot and a line per pair of models.</summary>
public static class DifferencePlot
{
    private const int RowHeight = 22; // pixels per pair within a task

    /// <summary>
    /// The plot of <paramref name="differences"/>; tasks and pairs stand in the order in which they first come. A pair looks like its candidate does in a <see cref="ScorePlot"/>
    /// of the same models; where there are several baselines, it has its candidate's colour and its baseline's shape.
    /// </summary>
    /// <param name="title">What it shows, plain text.</param>
    /// <param name="models">All models, in the order of the page's other plots.</param>
    /// <param name="differences">One for each task and pair.</param>
    public static Plot Create(string title, IReadOnlyList<string> models, IReadOnlyList<DifferencePoint> differences)
    {
        string[] tasks = [.. differences.Select(d => d.Task).Distinct(StringComparer.Ordinal)];
        int[] baselines = [.. differences.Select(d => d.Baseline).Distinct()];
        Series[] pairs = [.. differences.DistinctBy(d => (d.Candidate, d.Baseline)).Select(d => new Series(d.Pair(models), d.Candidate, baselines.Length > 1 ? d.Baseline : d.Candidate))];
        var rows = new JsonArray();
        foreach (DifferencePoint difference in differences)
        {
            rows.Add(new JsonObject
            {
                ["task"] = difference.Task, ["pair"] = difference.Pair(models), ["difference"] = Plot.Number(100 * difference.Difference),
                ["low"] = Plot.Number(100 * difference.Low), ["high"] = Plot.Number(100 * difference.High), ["interval"] = $"{Points(difference.Low)} to {Points(difference.High)}",
            });
        }

        JsonObject specification = VegaLite.Specification(rows, height: Math.Max(1, tasks.Length) * (pairs.Length * RowHeight + 18));
        JsonObject x = VegaLite.Quantitative("low", "points of difference, with 95 % interval");
        x["axis"]!["grid"] = true;
        specification["encoding"] = new JsonObject
        {
            ["y"] = new JsonObject
            {
                ["field"] = "task", ["type"] = "nominal", ["sort"] = VegaLite.Names(tasks), ["title"] = null,
                ["axis"] = new JsonObject { ["labelFontSize"] = 14, ["labelFontWeight"] = 600, ["labelColor"] = Palette.Ink, ["labelLimit"] = 160, ["labelPadding"] = 10 },
                ["scale"] = new JsonObject { ["paddingInner"] = 0.2, ["paddingOuter"] = 0.08 },
            },
        };
        specification["layer"] = new JsonArray(
            new JsonObject
            {
                ["data"] = new JsonObject { ["values"] = new JsonArray(new JsonObject()) },
                ["mark"] = new JsonObject { ["type"] = "rule", ["color"] = Palette.Label, ["strokeDash"] = new JsonArray(4, 3) },
                ["encoding"] = new JsonObject { ["x"] = new JsonObject { ["datum"] = 0, ["type"] = "quantitative" }, ["y"] = null },
            },
            Layer(pairs, new JsonObject { ["type"] = "rule", ["strokeWidth"] = 3, ["opacity"] = 0.45, ["strokeCap"] = "round" }, ("x", x), ("x2", new JsonObject { ["field"] = "high" })),
            Layer(pairs, new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 90, ["opacity"] = 1 },
                ("x", new JsonObject { ["field"] = "difference", ["type"] = "quantitative" }), ("shape", VegaLite.SeriesShape("pair", pairs))));
        return new Plot(title, Describe(models, differences), specification) { Series = pairs, Data = DataTable(title, models, differences) };
    }

    /// <summary>What a difference is between, such as "chat − base".</summary>
    /// <param name="candidate">The model in question.</param>
    /// <param name="baseline">The model compared with.</param>
    public static string Pair(string candidate, string baseline) => $"{candidate} − {baseline}";

    private static JsonObject Layer(Series[] pairs, JsonObject mark, params (string Channel, JsonObject Encoding)[] channels)
    {
        var encoding = new JsonObject
        {
            ["yOffset"] = new JsonObject { ["field"] = "pair", ["type"] = "nominal", ["sort"] = VegaLite.Names(pairs.Select(pair => pair.Name)), ["scale"] = new JsonObject { ["paddingOuter"] = 0.1 } },
            ["color"] = VegaLite.SeriesColor("pair", pairs),
            ["tooltip"] = new JsonArray(
                VegaLite.Tooltip("task", "task", "nominal"), VegaLite.Tooltip("pair", "models", "nominal"), VegaLite.Tooltip("difference", "points", "quantitative", "+.1f"),
                VegaLite.Tooltip("interval", "95 % interval", "nominal")),
        };
        foreach ((string channel, JsonObject value) in channels) encoding[channel] = value;
        return new JsonObject { ["mark"] = mark, ["encoding"] = encoding };
    }

    private static string Describe(IReadOnlyList<string> models, IReadOnlyList<DifferencePoint> differences) =>
        string.Join(" ", differences.Select(d => $"{d.Task}: {d.Pair(models)} {Points(d.Difference)} points ({Points(d.Low)} to {Points(d.High)})."));

    private static Table DataTable(string title, IReadOnlyList<string> models, IReadOnlyList<DifferencePoint> differences) => new(
        [new Column("task"), new Column("models"), new Column("points", Alignment.End), new Column("95 % interval", Alignment.End)],
        [.. differences.Select(d => new Row([d.Task, d.Pair(models), Points(d.Difference), $"{Points(d.Low)} to {Points(d.High)}"]))])
    { Caption = title };

    private static string Points(double share) => SignedPoints.Of(100 * share, digits: 1);
}

/// <summary>One pair's difference in one task.</summary>
/// <param name="Task">The task's name, plain text.</param>
/// <param name="Candidate">Place of the one among the models.</param>
/// <param name="Baseline">Place of the other.</param>
/// <param name="Difference">Score of the one less that of the other, −1 to 1.</param>
/// <param name="Low">Lower end of its interval, −1 to 1.</param>
/// <param name="High">Upper end of its interval, −1 to 1.</param>
public sealed record DifferencePoint(string Task, int Candidate, int Baseline, double Difference, double Low, double High)
{
    /// <summary>The two models, such as "chat − base".</summary>
    internal string Pair(IReadOnlyList<string> models) => DifferencePlot.Pair(models[Candidate], models[Baseline]);
}
