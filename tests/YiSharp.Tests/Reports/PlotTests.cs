using System.Text.Json.Nodes;
using YiSharp.Reports;

namespace YiSharp.Tests.Reports;

public sealed class PlotTests
{
    [Fact]
    public void A_loss_curve_is_a_line_per_run_and_a_broken_loss_is_a_gap()
    {
        Plot plot = LossCurve.Create("Loss", [new LossRun("a", [new LossPoint(1, 2.5), new LossPoint(2, double.NaN)]), new LossRun("b", [])]);
        JsonNode specification = JsonNode.Parse(plot.ToJson())!;

        Assert.Equal("https://vega.github.io/schema/vega-lite/v6.json", (string?)specification["$schema"]);
        Assert.Equal(["line", "point"], specification["layer"]!.AsArray().Select(layer => (string?)layer!["mark"]!["type"]));
        Assert.Equal([new Series("a", 0, 0), new Series("b", 1, 1)], plot.Series);
        Assert.Equal("""[{"run":"a","step":1,"loss":2.5},{"run":"a","step":2,"loss":null}]""", specification["data"]!["values"]!.ToJsonString());
        Assert.Equal("""["a","b"]""", specification["encoding"]!["color"]!["scale"]!["domain"]!.ToJsonString());
        Assert.Equal("a: loss 2.500 at update 1, NaN at update 2. b has no updates.", plot.Description);
    }

    [Fact]
    public void A_score_plot_has_a_dot_and_an_interval_for_each_task_and_model()
    {
        Plot plot = ScorePlot.Create("Scores", [new ScorePoint("labels", "base", 0.25, 0.1, 0.5), new ScorePoint("labels", "chat", 1, 0.9, 1)]);
        JsonNode specification = JsonNode.Parse(plot.ToJson())!;

        Assert.Equal(2, specification["data"]!["values"]!.AsArray().Count);
        Assert.Equal(["rule", "point"], specification["layer"]!.AsArray().Select(layer => (string?)layer!["mark"]!["type"]));
        Assert.Equal("low", (string?)specification["layer"]![0]!["encoding"]!["x"]!["field"]);
        Assert.Equal("high", (string?)specification["layer"]![0]!["encoding"]!["x2"]!["field"]);
        Assert.Equal("[0,1]", specification["layer"]![0]!["encoding"]!["x"]!["scale"]!["domain"]!.ToJsonString());
        Assert.Equal("labels: base 25.0 % (10.0 % to 50.0 %), chat 100.0 % (90.0 % to 100.0 %).", plot.Description);
        Assert.Equal(2, plot.Data!.Rows.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_difference_has_the_colour_that_its_candidate_has_among_scores(bool allPairs)
    {
        string[] models = ["base", "chat", "small"];
        Plot scores = ScorePlot.Create("Scores", [.. models.Select(m => new ScorePoint("labels", m, 0.5, 0.4, 0.6))]);
        DifferencePoint[] points = [new("labels", 1, 0, 0.1, 0, 0.2), new("labels", 2, 0, -0.1, -0.2, 0), .. allPairs ? (DifferencePoint[])[new("labels", 2, 1, -0.2, -0.3, -0.1)] : []];
        Plot differences = DifferencePlot.Create("Differences", models, points);
        Assert.Equal(allPairs ? ["chat − base", "small − base", "small − chat"] : ["chat − base", "small − base"], differences.Series.Select(s => s.Name));
        foreach ((Series pair, DifferencePoint point) in differences.Series.Zip(points))
        {
            Series candidate = scores.Series[point.Candidate];
            Assert.Equal((candidate.ColorIndex, allPairs ? point.Baseline : candidate.ShapeIndex), (pair.ColorIndex, pair.ShapeIndex));
        }
        Assert.Equal(differences.Series.Count, differences.Series.Select(s => (s.ColorIndex, s.ShapeIndex)).Distinct().Count());
        JsonNode scale = JsonNode.Parse(differences.ToJson())!["layer"]![2]!["encoding"]!["color"]!["scale"]!;
        Assert.Equal(differences.Series.Select(s => Palette.Series[s.ColorIndex]), scale["range"]!.AsArray().Select(color => (string)color!));
    }

    [Fact]
    public void Data_cannot_end_the_script_that_carries_them() =>
        Assert.DoesNotContain("<", LossCurve.Create("t", [new LossRun("</script><!--", [new LossPoint(1, 1)])]).ToJson());

    [Fact]
    public void More_series_than_colours_begin_again()
    {
        Assert.Equal(Palette.Series.Count, Palette.Shapes.Count);
        Plot plot = ScorePlot.Create("t", [.. Enumerable.Range(0, 9).Select(i => new ScorePoint("t", $"m{i}", 0.5, 0.4, 0.6))]);
        JsonArray range = JsonNode.Parse(plot.ToJson())!["encoding"]!["color"]!["scale"]!["range"]!.AsArray();
        Assert.Equal((string?)range[0], (string?)range[8]);
    }
}
