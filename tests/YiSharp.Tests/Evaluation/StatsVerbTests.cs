using System.Text.Json;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class StatsVerbTests
{
    private const int Many = 1_000_000;

    [Fact]
    public void Names_and_fields_are_listed_and_each_shown_line_works()
    {
        YiResult list = Yi.Run("stats");
        Assert.Equal((0, 19), (list.ExitCode, list.Lines.Length));
        foreach (string name in list.Lines.Select(line => line.Split(' ')[0]))
        {
            string[] shown = Yi.Run("stats", name).Lines;
            Assert.StartsWith("Fields: ", shown[1], StringComparison.Ordinal);
            string example = shown[2]["echo '".Length..shown[2].LastIndexOf('\'')];
            YiResult answer = Yi.RunLines([example], "stats", name, "--jsonl");
            Assert.Equal((0, 1, false), (answer.ExitCode, answer.Lines.Length, answer.Objects[0].TryGetProperty("error", out _)));
        }
        Assert.Contains("yi stats mcnemar --jsonl", Yi.Run("stats", "--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_nearest()
    {
        YiResult result = Yi.RunLines(["{}"], "stats", "mc_nemar", "--jsonl");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("did you mean 'mcnemar'?", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, Yi.Run("stats", "something").ExitCode);
        Assert.Equal(2, Yi.Run("stats", "--jsonl").ExitCode);
    }

    [Fact]
    public void A_bad_line_is_answered_in_its_place_and_the_rest_goes_on()
    {
        YiResult result = Yi.RunLines(["""{"b": 1, "c": 0}""", "nonsense", """{"b": -1, "c": 0}""", """{"b": 10, "c": 2}"""], "stats", "mcnemar", "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        JsonElement[] answers = result.Objects;
        Assert.Equal(4, answers.Length);
        Assert.Equal([2, 3], answers[1..3].Select(answer => answer.GetProperty("line").GetInt32()));
        Assert.Equal(0.03857421875, answers[3].GetProperty("p_exact").GetDouble(), 1e-12);
    }

    [Theory]
    [InlineData("binomial", """{"successes": 3, "n": 2}""", "\"successes\" is 3; at most 2")]
    [InlineData("binomial", """{"successes": -1, "n": 2}""", "\"successes\" is -1")]
    [InlineData("binomial", """{"successes": 1, "n": 1e10}""", "at most 32 bits")]
    [InlineData("binomial", """{"n": 2}""", "\"successes\" is missing")]
    [InlineData("binomial", """{"successes": 1, "n": 2, "level": 1}""", "\"level\" is 1")]
    [InlineData("mean_se", """{"values": [NaN]}""", "no JSON object")]
    [InlineData("mean_se", """{"values": [1, null]}""", "null at index 1")]
    [InlineData("mean_se", """{"values": [1e300]}""", "1e300 at index 0")]
    [InlineData("mean_se", """{"values": 3}""", "a list was expected")]
    [InlineData("mean_se", """{"value": []}""", "did you mean \"values\"")]
    [InlineData("clustered_se", """{"values": [1], "clusters": []}""", "found 1 value and 0 clusters")]
    [InlineData("clustered_se", """{"values": [1], "clusters": [null]}""", "null at index 0")]
    [InlineData("clustered_se", """{"values": [1], "clusters": ["\ud800"]}""", "half a surrogate pair")]
    [InlineData("paired_difference", """{"a": [1], "b": []}""", "found 1 and 0")]
    [InlineData("bootstrap", """{"values": []}""", "found 0")]
    [InlineData("bootstrap", """{"values": [1, 2], "statistic": "mode"}""", "\"mode\"")]
    [InlineData("p_adjust", """{"p": [1.5]}""", "1.5")]
    [InlineData("non_inferiority", """{"b": 1, "c": 1, "n": 1, "margin": 0.1, "alpha": 0.05}""", "1 and 1 of 1 item;")]
    [InlineData("non_inferiority", """{"b": 0, "c": 0, "n": 0, "margin": 0.1, "alpha": 0.05}""", "\"n\" is 0")]
    [InlineData("non_inferiority", """{"b": 0, "c": 0, "n": 9, "margin": 0.1, "alpha": 0.5}""", "\"alpha\" is 0.5")]
    [InlineData("power", """{"p10": 0.7, "p01": 0.7, "n": 9, "alpha": 0.05, "target_power": 0.8}""", "sum to 1.4")]
    [InlineData("power", """{"p10": 0.1, "p01": 0.06, "n": 9, "alpha": 0.05, "target_power": 0.01}""", "\"target_power\" is 0.01 and \"alpha\" 0.05; a larger power was expected")]
    [InlineData("power", """{"p10": 0.1, "p01": 0.06, "n": 9, "alpha": 0.9, "target_power": 0.9}""", "a larger power was expected")]
    [InlineData("cohen_kappa", """{"a": [1], "b": []}""", "found 1 and 0")]
    [InlineData("krippendorff_alpha", """{"raters_by_items": [[1, 2], [1]]}""", "found 2 and 1")]
    [InlineData("krippendorff_alpha", """{"raters_by_items": [1]}""", "1 at index 0; a list")]
    [InlineData("bradley_terry", """{"wins": []}""", "found none")]
    [InlineData("bradley_terry", """{"wins": [[0, 1], [1]]}""", "Row 1")]
    [InlineData("bradley_terry", """{"wins": [[0, -1], [1, 0]]}""", "-1 wins")]
    [InlineData("bradley_terry", """{"wins": [[0, 5], [0, 0]], "ridge": 1e-300}""", "larger ridge")]
    [InlineData("rank_correlation", """{"x": [1], "y": [1, 2]}""", "found 1 and 2")]
    [InlineData("isotonic", """{"y": [1, 2], "weights": [0, 1]}""", "Weight 0 is 0")]
    [InlineData("knee", """{"doses": [1], "scores": [[1]]}""", "found 1")]
    [InlineData("knee", """{"doses": [1, 2], "scores": [[1], []]}""", "Dose 2 has no score")]
    [InlineData("calibration", """{"confidence": [1.1], "correct": [1]}""", "1.1 at index 0")]
    [InlineData("calibration", """{"confidence": [1], "correct": [1], "bins": 2000000000}""", "at most 100000")]
    [InlineData("group", """{"means": [0.5], "sizes": [1.5], "ses": [0.1]}""", "1.5 at index 0")]
    [InlineData("group", """{"means": [0.5], "sizes": [-1], "ses": [0.1]}""", "-1")]
    [InlineData("published_unpaired_z", """{"first": 101, "second": 1, "n": 5}""", "\"first\" is 101")]
    [InlineData("p_adjust", """{"p": [0.1], "p": [0.2]}""", "field \"p\" is a duplicate")]
    public void What_cannot_be_computed_is_said_in_one_sentence(string name, string line, string part)
    {
        YiResult result = Yi.RunLines([line], "stats", name, "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        string error = Assert.Single(result.Objects).GetProperty("error").GetString()!;
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.DoesNotContain("program itself", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mean_se", """{"values": []}""")]
    [InlineData("group", """{"means": [], "sizes": [], "ses": []}""")]
    [InlineData("calibration", """{"confidence": [], "correct": []}""")]
    [InlineData("isotonic", """{"y": []}""")]
    [InlineData("krippendorff_alpha", """{"raters_by_items": []}""")]
    [InlineData("cohen_kappa", """{"a": [], "b": []}""")]
    [InlineData("clustered_se", """{"values": [], "clusters": []}""")]
    [InlineData("p_adjust", """{"p": []}""")]
    [InlineData("rank_correlation", """{"x": [], "y": []}""")]
    [InlineData("clustered_se", """{"values": [1], "clusters": ["a"]}""")]
    [InlineData("paired_difference", """{"a": [], "b": []}""")]
    [InlineData("paired_difference", """{"a": [], "b": [], "clusters": []}""")]
    [InlineData("paired_permutation", """{"differences": []}""")]
    [InlineData("bradley_terry", """{"wins": [[0]]}""")]
    [InlineData("mcnemar", """{"b": 2147483647, "c": 2147483647}""")]
    [InlineData("mcnemar", """{"b": 2147483647, "c": 2147400000}""")]
    [InlineData("binomial", """{"successes": 2000000000, "n": 2147483647}""")]
    [InlineData("power", """{"p10": 1, "p01": 0, "n": 2147483647, "alpha": 1e-12, "target_power": 0.999999}""")]
    [InlineData("bootstrap", """{"values": [1, 1, 1]}""")]
    public void Little_or_extreme_input_has_an_answer(string name, string line)
    {
        YiResult result = Yi.RunLines([line], "stats", name, "--jsonl");
        Assert.Equal((0, 1), (result.ExitCode, result.Objects.Length));
    }

    [Theory]
    [InlineData("[[0.5], [0.5], [0.5], [0.5]]", true, "There is no knee: the scores do not change with the dose.")]
    [InlineData("[[0.4, 0.6], [0.5], [0.5], [0.3, 0.7]]", false, "There is no knee: the scores do not change with the dose.")]
    [InlineData("[[0.1], [0.2], [0.3], [0.4]]", true, "There is no knee: the scores change with the dose in a straight line.")]
    [InlineData("[[0.9], [0.7], [0.5], [0.3]]", false, "There is no knee: the scores change with the dose in a straight line.")]
    [InlineData("[[0.1], [0.2], [0.3], [0.4000001]]", false, null)]
    [InlineData("[[0.1], [0.5], [0.5], [0.5]]", true, null)]
    public void A_curve_without_a_knee_has_none_and_a_reason(string scores, bool plateau, string? reason)
    {
        JsonElement answer = Assert.Single(Yi.RunLines([$$"""{"doses": [0, 1, 2, 3], "scores": {{scores}}, "plateau": {{(plateau ? "true" : "false")}}}"""], "stats", "knee", "--jsonl").Objects);
        Assert.Equal(reason is null ? JsonValueKind.Number : JsonValueKind.Null, answer.GetProperty("knee").ValueKind);
        Assert.Equal(reason, answer.TryGetProperty("reason", out JsonElement said) ? said.GetString() : null);
        Assert.Equal(JsonValueKind.Number, answer.GetProperty("sse").ValueKind);
    }

    [Fact]
    public void A_group_without_standard_errors_has_averages_and_says_why_no_more()
    {
        JsonElement answer = Assert.Single(Yi.RunLines(["""{"means": [0.5, 0.8], "sizes": [100, 200]}"""], "stats", "group", "--jsonl").Objects);
        Assert.Equal((0.7, 0.65), (answer.GetProperty("micro").GetDouble(), Math.Round(answer.GetProperty("macro").GetDouble(), 12)));
        foreach (string error in (string[])["stderr_pooled_lm_eval", "stderr_micro", "stderr_macro"]) Assert.Equal(JsonValueKind.Null, answer.GetProperty(error).ValueKind);
        Assert.Equal("There are no standard errors: field \"ses\", those of the tasks, is not given.", answer.GetProperty("reason").GetString());
    }

    [Fact]
    public void A_million_values_are_computed_with_or_refused()
    {
        string zeroOne = string.Join(',', Enumerable.Range(0, Many).Select(i => i % 3 == 0 ? '1' : '0'));
        string unequal = string.Join(',', Enumerable.Range(0, Many).Select(i => $"0.{i:d7}9"));
        Assert.Equal(0, Yi.RunLines([$$"""{"values": [{{zeroOne}}]}"""], "stats", "mean_se", "--jsonl").ExitCode);
        Assert.Equal(0, Yi.RunLines([$$"""{"differences": [{{zeroOne}}]}"""], "stats", "paired_permutation", "--jsonl").ExitCode);
        Assert.Equal(1, Yi.RunLines([$$"""{"differences": [{{unequal}}]}"""], "stats", "paired_permutation", "--jsonl").ExitCode);
        Assert.Equal(1, Yi.RunLines([$$"""{"values": [{{unequal}}]}"""], "stats", "bootstrap", "--jsonl").ExitCode);
    }

    [Fact]
    public void The_same_sample_has_the_same_bootstrap_interval_whenever_it_is_asked()
    {
        const string Line = """{"values": [0.2, 0.9, 0.4, 0.7, 0.1], "statistic": "median"}""";
        string[] answers = Yi.RunLines([Line, Line], "stats", "bootstrap", "--jsonl").Lines;
        Assert.Equal(answers[0], answers[1]);
    }
}
