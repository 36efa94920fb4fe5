using System.Globalization;
using System.Text.Json.Nodes;

namespace YiSharp.Reports;

/// <summary>Loss over optimizer updates, a line per run.</summary>
public static class LossCurve
{
    /// <summary>The plot of <paramref name="runs"/>; a loss that is not a number leaves a gap.</summary>
    /// <param name="title">What it shows, plain text.</param>
    /// <param name="runs">The runs, in the order of the legend.</param>
    public static Plot Create(string title, IReadOnlyList<LossRun> runs)
    {
        var rows = new JsonArray();
        foreach (LossRun run in runs)
        {
            foreach (LossPoint point in run.Points)
                rows.Add(new JsonObject { ["run"] = run.Name, ["step"] = point.Step, ["loss"] = Plot.Number(point.Loss) });
        }

        JsonObject specification = VegaLite.Specification(rows, height: 300);
        IReadOnlyList<Series> series = Series.InOrder(runs.Select(run => run.Name));
        specification["encoding"] = new JsonObject
        {
            ["x"] = VegaLite.Quantitative("step", "optimizer updates", tickMinStep: 1),
            ["y"] = VegaLite.Quantitative("loss", "loss, nats per target token"),
            ["color"] = VegaLite.SeriesColor("run", series),
            ["tooltip"] = new JsonArray(
                VegaLite.Tooltip("run", "run", "nominal"), VegaLite.Tooltip("step", "update", "quantitative"), VegaLite.Tooltip("loss", "loss", "quantitative", ".4f")),
        };
        specification["layer"] = new JsonArray(
            new JsonObject { ["mark"] = new JsonObject { ["type"] = "line", ["strokeWidth"] = 2 } },
            new JsonObject
            {
                ["mark"] = new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 26, ["opacity"] = 1 },
                ["encoding"] = new JsonObject { ["shape"] = VegaLite.SeriesShape("run", series) },
            });
        return new Plot(title, Describe(runs), specification) { Series = series, Data = DataTable(title, runs) };
    }

    private static string Describe(IReadOnlyList<LossRun> runs) => string.Join(" ", runs.Select(run => run.Points.Count == 0
        ? $"{run.Name} has no updates."
        : $"{run.Name}: loss {Format(run.Points[0].Loss)} at update {run.Points[0].Step}, {Format(run.Points[^1].Loss)} at update {run.Points[^1].Step}."));

    private static Table DataTable(string title, IReadOnlyList<LossRun> runs) => new(
        [new Column("run"), new Column("updates", Alignment.End), new Column("first loss", Alignment.End), new Column("lowest", Alignment.End), new Column("last", Alignment.End)],
        [.. runs.Where(run => run.Points.Count > 0).Select(run => new Row(
        [
            run.Name, run.Points.Count.ToString(CultureInfo.InvariantCulture), Format(run.Points[0].Loss), Format(run.Points.Min(p => p.Loss)), Format(run.Points[^1].Loss),
        ]))])
    { Caption = title };

    private static string Format(double loss) => loss.ToString("0.000", CultureInfo.InvariantCulture);
}

/// <summary>The losses of one training run.</summary>
/// <param name="Name">The run's name, plain text.</param>
/// <param name="Points">Its losses in order.</param>
public sealed record LossRun(string Name, IReadOnlyList<LossPoint> Points);

/// <summary>One loss.</summary>
/// <param name="Step">Optimizer updates done, 1-based.</param>
/// <param name="Loss">Nats per target token.</param>
public readonly record struct LossPoint(int Step, double Loss);
