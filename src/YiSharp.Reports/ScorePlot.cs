using System.Globalization;
using System.Text.Json.Nodes;

namespace YiSharp.Reports;

/// <summary>Scores with their intervals: a group per task, in it a dot and a line per model.</summary>
public static class ScorePlot
{
    private const int RowHeight = 22; // pixels per model within a task

    /// <summary>The plot of <paramref name="scores"/>; tasks and models stand in the order in which they first come.</summary>
    /// <param name="title">What it shows, plain text.</param>
    /// <param name="scores">One for each task and model.</param>
    public static Plot Create(string title, IReadOnlyList<ScorePoint> scores)
    {
        string[] tasks = [.. scores.Select(s => s.Task).Distinct(StringComparer.Ordinal)];
        string[] models = [.. scores.Select(s => s.Model).Distinct(StringComparer.Ordinal)];
        IReadOnlyList<Series> series = Series.InOrder(models);
        var rows = new JsonArray();
        foreach (ScorePoint score in scores)
        {
            rows.Add(new JsonObject
            {
                ["task"] = score.Task, ["model"] = score.Model, ["score"] = Plot.Number(score.Score), ["low"] = Plot.Number(score.Low), ["high"] = Plot.Number(score.High),
                ["interval"] = $"{Percent(score.Low)} to {Percent(score.High)}",
            });
        }

        JsonObject specification = VegaLite.Specification(rows, height: Math.Max(1, tasks.Length) * (models.Length * RowHeight + 18));
        JsonObject x = VegaLite.Quantitative("low", "share of right answers, with 95 % interval");
        x["scale"] = new JsonObject { ["domain"] = new JsonArray(0, 1) };
        x["axis"]!["format"] = ".0%";
        x["axis"]!["grid"] = true;
        specification["encoding"] = new JsonObject
        {
            ["y"] = new JsonObject
            {
                ["field"] = "task", ["type"] = "nominal", ["sort"] = VegaLite.Names(tasks), ["title"] = null,
                ["axis"] = new JsonObject { ["labelFontSize"] = 14, ["labelFontWeight"] = 600, ["labelColor"] = Palette.Ink, ["labelLimit"] = 130, ["labelPadding"] = 10 },
                ["scale"] = new JsonObject { ["paddingInner"] = 0.2, ["paddingOuter"] = 0.08 },
            },
            ["yOffset"] = new JsonObject { ["field"] = "model", ["type"] = "nominal", ["sort"] = VegaLite.Names(models), ["scale"] = new JsonObject { ["paddingOuter"] = 0.1 } },
            ["color"] = VegaLite.SeriesColor("model", series),
            ["tooltip"] = new JsonArray(
                VegaLite.Tooltip("task", "task", "nominal"), VegaLite.Tooltip("model", "model", "nominal"), VegaLite.Tooltip("score", "score", "quantitative", ".1%"),
                VegaLite.Tooltip("interval", "95 % interval", "nominal")),
        };
        specification["layer"] = new JsonArray(
            new JsonObject
            {
                ["mark"] = new JsonObject { ["type"] = "rule", ["strokeWidth"] = 3, ["opacity"] = 0.45, ["strokeCap"] = "round" },
                ["encoding"] = new JsonObject { ["x"] = x, ["x2"] = new JsonObject { ["field"] = "high" } },
            },
            new JsonObject
            {
                ["mark"] = new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 90, ["opacity"] = 1 },
                ["encoding"] = new JsonObject
                {
                    ["x"] = new JsonObject { ["field"] = "score", ["type"] = "quantitative" },
                    ["shape"] = VegaLite.SeriesShape("model", series),
                },
            });
        return new Plot(title, Describe(tasks, scores), specification) { Series = series, Data = DataTable(title, scores) };
    }

    private static string Describe(string[] tasks, IReadOnlyList<ScorePoint> scores) => string.Join(" ", tasks.Select(task =>
        $"{task}: {string.Join(", ", scores.Where(s => s.Task == task).Select(s => $"{s.Model} {Percent(s.Score)} ({Percent(s.Low)} to {Percent(s.High)})"))}."));

    private static Table DataTable(string title, IReadOnlyList<ScorePoint> scores) => new(
        [new Column("task"), new Column("model"), new Column("score", Alignment.End), new Column("95 % interval", Alignment.End)],
        [.. scores.Select(s => new Row([s.Task, s.Model, Percent(s.Score), $"{Percent(s.Low)} to {Percent(s.High)}"]))])
    { Caption = title };

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}

/// <summary>One model's score in one task.</summary>
/// <param name="Task">The task's name, plain text.</param>
/// <param name="Model">The model's name, plain text.</param>
/// <param name="Score">Share of right answers, 0 to 1.</param>
/// <param name="Low">Lower end of its interval, 0 to 1.</param>
/// <param name="High">Upper end of its interval, 0 to 1.</param>
public sealed record ScorePoint(string Task, string Model, double Score, double Low, double High);
