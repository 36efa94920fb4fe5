using System.Text.Json;
using CsCheck;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class CompareTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private static string Right(int count, int right) => new string('1', right) + new string('0', count - right);

    private (string Base, string Chat) TwoRuns() => (
        _runs.Write("base", CompareRuns.Samples("labels", Right(40, 4)), CompareRuns.Samples("mmlu", "1100", "anatomy"), CompareRuns.Samples("mmlu", "0000111100", "astronomy")),
        _runs.Write("chat", CompareRuns.Samples("labels", Right(40, 39)), CompareRuns.Samples("mmlu", "1101", "anatomy"), CompareRuns.Samples("mmlu", "0000111110", "astronomy")));

    private static JsonElement Json(YiResult result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private static JsonElement Of(JsonElement table, string list, string? task, string average) =>
        table.GetProperty(list).EnumerateArray().First(row => row.GetProperty("task").GetString() == task && row.GetProperty("average").GetString() == average);

    [Fact]
    public void Scores_and_differences_of_tasks_and_of_all_stand_in_one_table()
    {
        (string a, string b) = TwoRuns();
        JsonElement table = Json(Yi.Run("compare", a, b, "--json"));

        JsonElement labels = Of(table, "comparisons", "labels", "micro");
        Assert.Equal((0, 35, 0.875), (labels.GetProperty("only_baseline").GetInt32(), labels.GetProperty("only_candidate").GetInt32(), labels.GetProperty("difference").GetDouble()));
        Assert.Equal(Math.Pow(2, -34), labels.GetProperty("p").GetDouble(), 1e-20);
        Assert.Equal("better", labels.GetProperty("verdict").GetString());
        Assert.Equal("cannot_tell_apart", Of(table, "comparisons", "mmlu", "micro").GetProperty("verdict").GetString());

        // (2/4 + 4/10) / 2 against (2 + 4) / 14
        Assert.Equal(0.45, Of(table, "scores", "mmlu", "macro").GetProperty("score").GetDouble(), 1e-12);
        Assert.Equal(6.0 / 14, Of(table, "scores", "mmlu", "micro").GetProperty("score").GetDouble(), 1e-12);
        Assert.Equal(10.0 / 54, Of(table, "scores", null, "micro").GetProperty("score").GetDouble(), 1e-12);
        Assert.Equal((0.1 + 6.0 / 14) / 2, Of(table, "scores", null, "macro").GetProperty("score").GetDouble(), 1e-12);
    }

    [Fact]
    public void P_values_are_adjusted_for_the_whole_table()
    {
        (string a, string b) = TwoRuns();
        JsonElement[] pairs = [.. Json(Yi.Run("compare", a, b, "--json")).GetProperty("comparisons").EnumerateArray()];
        Assert.Equal(Holm.Adjust([.. pairs.Select(p => p.GetProperty("p").GetDouble())]), pairs.Select(p => p.GetProperty("adjusted_p").GetDouble()));
        Assert.Equal(5, pairs.Length);
    }

    [Fact]
    public void The_first_run_is_the_baseline_unless_all_pairs_are_asked_for()
    {
        string[] folders = [_runs.Write("a", CompareRuns.Samples("t", "1100")), _runs.Write("b", CompareRuns.Samples("t", "1000")), _runs.Write("c", CompareRuns.Samples("t", "1110"))];
        string[] Pairs(params string[] options) => [.. Json(Yi.Run(["compare", .. folders, "--json", .. options])).GetProperty("comparisons").EnumerateArray().Select(p => $"{p.GetProperty("candidate")} − {p.GetProperty("baseline")}")];
        Assert.Equal(["b − a", "c − a"], Pairs());
        Assert.Equal(["b − a", "c − a", "c − b"], Pairs("--all-pairs"));
    }

    [Fact]
    public void Terminal_Markdown_and_LaTeX_show_the_same_rows()
    {
        (string a, string b) = TwoRuns();
        string plain = Yi.Run("compare", a, b).Output, markdown = Yi.Run("compare", a, b, "--markdown").Output, latex = Yi.Run("compare", a, b, "--latex").Output;
        Assert.Matches(@"labels +chat − base +\+87\.5 +\+71\.\d to \+94\.\d +35 +0 +< 0\.0001 +better", plain);
        Assert.Matches(@"mmlu \(macro\) .*cannot tell apart", plain);
        Assert.Contains("| labels | chat − base | +87.5 |", markdown, StringComparison.Ordinal);
        Assert.Contains("labels & chat $-$ base & +87.5 &", latex, StringComparison.Ordinal);
        Assert.Contains("10.0 \\%", latex, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_draws_tables_subjects_hard_questions_and_failures()
    {
        (string a, string b) = TwoRuns();
        Assert.Equal(0, Yi.Run("compare", a, b, "--html", _runs["page.html"]).ExitCode);
        string page = File.ReadAllText(_runs["page.html"]);
        Assert.Contains("The hardest questions", page, StringComparison.Ordinal);
        Assert.Contains("question 39 of labels", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">anatomy", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org", "", StringComparison.Ordinal)[..2000], StringComparison.Ordinal);
    }

    [Fact]
    public void Items_of_one_run_alone_are_refused_unless_the_common_ones_are_asked_for()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "110")), b = _runs.Write("b", CompareRuns.Samples("t", "11"));
        YiResult refused = Yi.Run("compare", a, b);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Item 2 of t was answered by a alone and not by b", refused.Error, StringComparison.Ordinal);
        JsonElement table = Json(Yi.Run("compare", a, b, "--common", "--json"));
        Assert.Equal((1, 2), (table.GetProperty("left_out").GetInt32(), table.GetProperty("scores")[0].GetProperty("count").GetInt32()));
    }

    [Fact]
    public void Requests_that_make_no_sense_are_told_in_a_sentence()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "110")), b = _runs.Write("b", CompareRuns.Samples("u", "11"));
        Assert.Contains("two evaluations or more", Yi.Run("compare", a).Error, StringComparison.Ordinal);
        Assert.Contains("share no question", Yi.Run("compare", a, b, "--common").Error, StringComparison.Ordinal);
        Assert.Contains("forms of the same", Yi.Run("compare", a, b, "--json", "--latex").Error, StringComparison.Ordinal);
        Assert.Contains("--margin", Yi.Run("compare", a, b, "--margin", "0").Error, StringComparison.Ordinal);
        Assert.Contains("evaluation.json", Yi.Run("compare", a, _runs["none"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Macro_intervals_hold_the_mean_and_shrink_with_items() =>
        Gen.Select(Gen.Double[0, 1].Array[1, 20].Array[1, 6], Gen.Int[2, 5]).Sample((strata, times) =>
        {
            StratifiedMean few = StratifiedMean.OfScores(strata), many = StratifiedMean.OfScores([.. strata.Select(s => Enumerable.Repeat(s, times * times).SelectMany(v => v).ToArray())]);
            Assert.Equal(strata.Average(s => s.Average()), few.Mean, 1e-12);
            Assert.True(few.Interval(0, 1).Contains(few.Mean));
            Assert.InRange(many.StandardError, 0, few.StandardError);
            Assert.Equal(few.StandardError, StratifiedMean.OfScores([.. strata.Select(s => s.Select(v => 1 - v).ToArray())]).StandardError, 1e-9);
        });

    [Fact]
    public void One_stratum_of_right_and_wrong_answers_is_as_sure_as_wilson_nearly()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i < 300 ? 1.0 : 0)];
        Interval macro = StratifiedMean.OfScores([values]).Interval(0, 1), wilson = Proportion.Wilson(300, 400);
        Assert.Equal(wilson.Low, macro.Low, 0.004);
        Assert.Equal(wilson.High, macro.High, 0.004);
    }
}
