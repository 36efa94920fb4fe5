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
    public void A_margin_is_a_number_with_a_point_and_is_shown_as_it_was_given()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "1100")), b = _runs.Write("b", CompareRuns.Samples("t", "1010"));
        Assert.Contains("--margin is '2,5'; a number was expected", Yi.Run("compare", a, b, "--margin", "2,5").Error, StringComparison.Ordinal);
        Assert.Contains("loses less than 1.75", Yi.Run("compare", a, b, "--margin", "1.75").Output, StringComparison.Ordinal);
        Assert.Contains("loses less than 0.05", Yi.Run("compare", a, b, "--margin", "0.05").Output, StringComparison.Ordinal);
    }

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

    [Theory]
    [InlineData(7, 0, 30, "better", "better")] // p = 0.016, adjusted 0.031
    [InlineData(6, 0, 30, "alone only", "alone_only")] // p = 0.031, adjusted 0.0625
    [InlineData(5, 0, 30, "interval only", "interval_only")] // p = 0.0625, but the score interval leaves out 0
    [InlineData(3, 0, 30, "cannot tell apart", "cannot_tell_apart")]
    public void A_line_whose_interval_seems_to_say_more_than_its_finding_is_marked(int won, int lost, int agreeing, string words, string name)
    {
        string Row(bool candidate) => new string(candidate ? '1' : '0', won) + new string(candidate ? '0' : '1', lost) + new string('1', agreeing);
        // Of three models the baseline and the third agree on all, so that Holm doubles the p of the second.
        string[] folders = [_runs.Write("a", CompareRuns.Samples("t", Row(false))), _runs.Write("b", CompareRuns.Samples("t", Row(true))), _runs.Write("c", CompareRuns.Samples("t", Row(false)))];
        JsonElement row = Json(Yi.Run(["compare", .. folders, "--json"])).GetProperty("comparisons")[0];
        Assert.Equal((name, name == "better" ? "better" : "cannot_tell_apart"), (row.GetProperty("finding").GetString(), row.GetProperty("verdict").GetString()));
        Assert.Equal(words == "cannot tell apart", row.GetProperty("interval")[0].GetDouble() <= 0);
        string file = _runs["page.html"], text = Yi.Run(["compare", .. folders, "--html", file]).Output;
        Assert.Matches($@"t +b − a .* {words} ", text);
        Assert.Contains($"| {words} |", Yi.Run(["compare", .. folders, "--markdown"]).Output, StringComparison.Ordinal);
        Assert.Contains($"& {words} &", Yi.Run(["compare", .. folders, "--latex"]).Output, StringComparison.Ordinal);
        Assert.Contains($">{words} <small ", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(words == "alone only", text.Contains("b differs by more than chance if the line stood alone, but not among so many, from a on t.", StringComparison.Ordinal));
        Assert.Equal(words == "interval only", text.Contains("On t the interval leaves out 0, but the exact test, which decides, does not reach 0.05.", StringComparison.Ordinal));
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
        Assert.Matches(@"labels +chat − base +\+87\.5 +\+71\.\d to \+94\.\d +better +35 +0 +< 0\.0001 +\d+\.\d", plain);
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
        Assert.EndsWith("1 item that not all models were asked is left out.\n", Yi.Run("compare", a, b, "--common", "--html", _runs["page.html"]).Output, StringComparison.Ordinal);
        Assert.Contains("2 questions of 1 task, the same for every model; 1 question that not all were asked is left out.", File.ReadAllText(_runs["page.html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, 25, 618, 1.48, 1.49)] // the published interval at 90 %: −0.0148 to 0.0247
    [InlineData(48, 41, 549, 1.56, 1.58)] // −0.0157 to 0.0414
    [InlineData(0, 0, 40, 6.3, 6.4)] // no pair disagrees: the Wald form would pass at any margin
    public void A_margin_is_tested_by_the_score_test(int won, int lost, int count, double tooSmall, double enough)
    {
        string Row(bool candidate) => new string(candidate ? '1' : '0', won) + new string(candidate ? '0' : '1', lost) + new string('1', count - won - lost);
        string a = _runs.Write("old", CompareRuns.Samples("t", Row(false))), b = _runs.Write("new", CompareRuns.Samples("t", Row(true)));
        bool Holds(double margin) => Json(Yi.Run("compare", a, b, "--json", "--margin", margin.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            .GetProperty("comparisons")[0].GetProperty("non_inferiority").GetProperty("holds").GetBoolean();
        Assert.Equal((false, true), (Holds(tooSmall), Holds(enough)));
    }

    [Fact]
    public void A_margin_that_holds_by_items_alone_is_not_shown_where_questions_of_a_subject_go_together()
    {
        // Ten questions of one of twelve subjects are lost: of 120 independent ones 8.3 points, give or take 2.5; of twelve subjects 8.3.
        string Write(string name, char last, bool subjects) => _runs.Write(name, [.. Enumerable.Range(0, 12).Select(s => CompareRuns.Samples("t", new string(s == 11 ? last : '1', 10), subjects ? $"s{s}" : null).Select(sample => subjects ? sample : sample with { Item = sample.Item + 10 * s }))]);
        bool Holds(bool subjects) => Json(Yi.Run("compare", Write($"old{subjects}", '1', subjects), Write($"new{subjects}", '0', subjects), "--json", "--margin", "15"))
            .GetProperty("comparisons")[0].GetProperty("non_inferiority").GetProperty("holds").GetBoolean();
        Assert.Equal((true, false), (Holds(false), Holds(true)));
    }

    [Fact]
    public void What_is_detectable_of_shares_follows_their_own_error()
    {
        Sample[] Shares(Func<int, double> score) => [.. Enumerable.Range(0, 200).Select(i => CompareRuns.Sample("t", null, i, false) with { Score = score(i) })];
        ComparedPair pair = ComparisonTable.Of(PairedRuns.Align([new ComparedRun("a", Shares(_ => 0.5)), new ComparedRun("b", Shares(i => i % 2 == 0 ? 0.51 : 0.49))])).Pairs[0];
        Assert.Equal((Student.CentralQuantile(0.95, 199) + Student.CentralQuantile(0.6, 199)) * 0.01 / Math.Sqrt(199), pair.Detectable!.Value, 1e-9);
    }

    [Fact]
    public void The_error_of_a_difference_is_clustered_where_items_share_a_subject_and_says_so()
    {
        // Every question of a subject goes alike: twelve subjects of four, eight of which only the second model knows and one only the first.
        IEnumerable<Sample>[] Subjects(Func<int, char> right) => [.. Enumerable.Range(0, 12).Select(s => CompareRuns.Samples("t", new string(right(s), 4), $"s{s}"))];
        string a = _runs.Write("a", [.. Subjects(s => s is 8 ? '1' : '0'), CompareRuns.Samples("u", "0011")]), b = _runs.Write("b", [.. Subjects(s => s < 3 ? '1' : '0'), CompareRuns.Samples("u", "1001")]);
        JsonElement[] rows = [.. Json(Yi.Run("compare", a, b, "--json")).GetProperty("comparisons").EnumerateArray()];
        JsonElement Row(string task, string average) => rows.First(r => r.GetProperty("task").GetString() == task && r.GetProperty("average").GetString() == average);
        double[] differences = [.. Enumerable.Range(0, 48).Select(i => i / 4 < 3 ? 1.0 : i / 4 == 8 ? -1 : 0)];
        var expected = ClusteredEstimate.Of(differences, [.. Enumerable.Range(0, 48).Select(i => $"{i / 4}")]);
        Assert.Equal(("clustered", expected.MillerError), (Row("t", "micro").GetProperty("standard_error_kind").GetString(), Row("t", "micro").GetProperty("standard_error").GetDouble()));
        Assert.True(expected.MillerError > 1.5 * expected.StandardError);
        Assert.Equal("stratified", Row("t", "macro").GetProperty("standard_error_kind").GetString());
        Assert.Equal(("independent", PairedDifference.Of([1, 0, 0, 1], [0, 0, 1, 1]).StandardError), (Row("u", "micro").GetProperty("standard_error_kind").GetString(), Row("u", "micro").GetProperty("standard_error").GetDouble()));

        YiResult text = Yi.Run("compare", a, b);
        Assert.Matches(@"t +b − a +\+16\.7 .* \d+\.\d clustered\n", text.Output);
        // Twelve items won and four lost are few enough to be chance already; of twenty-four and none the items say more than the subjects do.
        Assert.DoesNotContain("went together", text.Output, StringComparison.Ordinal);
        string c = _runs.Write("c", Subjects(s => s is 9 or 10 ? '1' : '0')), none = _runs.Write("none", Subjects(_ => '0'));
        string together = Yi.Run("compare", none, c).Output;
        Assert.Contains("On t questions of a subject went together: by the clustered standard error the difference is within chance.", together, StringComparison.Ordinal);
        Assert.Matches(@"t +c − none .* better by items only ", together);
        JsonElement json = Of(Json(Yi.Run("compare", none, c, "--json")), "comparisons", "t", "micro");
        Assert.Equal(("better", true), (json.GetProperty("verdict").GetString(), json.GetProperty("by_items_only").GetBoolean()));
        Assert.False(Row("t", "micro").GetProperty("by_items_only").GetBoolean());
    }

    [Fact]
    public void Shares_of_items_that_share_a_subject_have_clustered_intervals()
    {
        Sample[] Shares(params double[] scores) => [.. scores.Select((score, i) => CompareRuns.Sample("t", $"s{i / 3}", i, false) with { Score = score })];
        double[] own = [0.1, 0.2, 0.1, 0.9, 0.8, 0.9, 0.5, 0.4, 0.5], other = [0.3, 0.4, 0.35, 0.8, 0.7, 0.85, 0.6, 0.5, 0.55];
        PairedComparison paired = PairedComparison.Compare("a", Shares(own), "b", Shares(other))[0];
        var error = ClusteredEstimate.Of([.. other.Zip(own, (b, a) => b - a)], ["0", "0", "0", "1", "1", "1", "2", "2", "2"]);
        Assert.Equal(error.Mean!.Value - 0.95 * Math.Sqrt(2 / (1 - 0.95 * 0.95)) * error.MillerError!.Value, paired.Interval.Low, 1e-12); // t of two degrees of freedom, as there are three subjects
        Assert.Equal(Student.TwoSidedTail(error.Mean.Value / error.MillerError.Value, 2), paired.P, 1e-12);
    }

    /// <summary>Sixteen right or wrong answers on which models agree do not say that they always would, whatever is beside them.</summary>
    [Fact]
    public void A_few_shares_do_not_make_agreement_on_right_or_wrong_answers_a_certainty()
    {
        Sample[] Samples(double difference) =>
        [
            .. Enumerable.Range(0, 16).Select(i => CompareRuns.Sample("t", null, i, false) with { Score = i % 2 }),
            .. Enumerable.Range(16, 16).Select(i => CompareRuns.Sample("t", null, i, false) with { Score = 0.25 + (i % 3 - 1) * difference }),
        ];
        double Half(double difference) => PairedComparison.Compare("a", Samples(0), "b", Samples(difference))[0].Interval is var interval ? (interval.High - interval.Low) / 2 : 0;
        double alone = 0.5 * StratifiedMean.OfDifferences([new double[16]]).StandardError;
        Assert.InRange(Half(0.001), 2 * alone, 0.2);
        Assert.True(Half(0.1) > Half(0.001));
    }

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(1, 1)]
    public void Shares_that_all_differ_alike_are_told_apart_by_their_signs_alone(int count, double p)
    {
        Sample[] Shares(double score) => [.. Enumerable.Range(0, count).Select(i => CompareRuns.Sample("t", null, i, false) with { Score = score })];
        PairedComparison paired = PairedComparison.Compare("a", Shares(0.5), "b", Shares(0.75))[0];
        Assert.Equal(p, paired.P, 1e-12);
        Assert.Equal(0.25, paired.Difference);
        Assert.True(paired.Interval.Contains(0));
    }

    [Theory]
    [InlineData("--models belongs to --published, which is not given", "--models", "Yi-34B-Chat")]
    [InlineData("--models and --blind belong to --published and --prompts, which are not given", "--models", "x", "--blind")]
    [InlineData("--threads belongs to --prompts", "--threads", "2")]
    [InlineData("--margin has no meaning with --published; leave it out", "--published", "--margin", "2")]
    [InlineData("--all-pairs and --seed have no meaning with --published; leave them out", "--published", "--all-pairs", "--seed", "2")]
    [InlineData("--prompts has no meaning with --published", "--published", "--prompts", "runs/showcase.yaml")]
    [InlineData("--json has no meaning with --prompts", "--prompts", "runs/showcase.yaml", "--json")]
    public void What_belongs_to_another_way_of_comparing_is_refused(string expected, params string[] options)
    {
        YiResult result = Yi.Run(["compare", .. options]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void The_detectable_difference_is_found_four_times_of_five()
    {
        // Equal chances to win and to lose 15 % of 500 items each, and a true difference of what was called detectable for such data.
        string half = new string('1', 75) + new string('0', 75) + new string('1', 350), other = new string('0', 75) + new string('1', 75) + new string('1', 350);
        double detectable = Json(Yi.Run("compare", _runs.Write("a", CompareRuns.Samples("t", half)), _runs.Write("b", CompareRuns.Samples("t", other)), "--json"))
            .GetProperty("comparisons")[0].GetProperty("detectable").GetDouble();
        var random = new Random(5);
        int found = Enumerable.Range(0, 2000).Count(_ =>
        {
            int won = 0, lost = 0;
            for (int i = 0; i < 500; i++)
            {
                double draw = random.NextDouble();
                if (draw < 0.15 + detectable / 2) won++;
                else if (draw < 0.3) lost++;
            }
            return McNemar.ExactP(won, lost) <= 0.05;
        });
        Assert.InRange(found / 2000.0, 0.75, 0.85);
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

    [Theory]
    [InlineData(0, 4, null)] // four wins are no finding
    [InlineData(0, 5, null)]
    [InlineData(0, 20, 0.367)]
    [InlineData(0, 2000, 0.004)]
    public void No_less_is_called_detectable_than_the_exact_test_finds(double losing, int count, double? expected)
    {
        double? found = PairedPower.ExactlyDetectable(losing, count, 0.05, 0.8);
        Assert.Equal(expected is null, found is null);
        if (found is not { } difference) return;
        Assert.Equal(expected!.Value, difference, 0.001);
        if (count <= PairedPower.MaxExactCount) Assert.InRange(PairedPower.Of(difference, losing, count, 0.05, 0.8).ExactPower!.Value, 0.8, 0.801);
    }

    [Theory]
    [InlineData("\"score\":1", "\"score\":7", "score")]
    [InlineData("\"correct\":true", "\"correct\":false", "expected them to agree")]
    public void A_score_that_cannot_be_is_refused(string sound, string damaged, string expected)
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "110")), b = _runs.Write("b", CompareRuns.Samples("t", "101")), path = Path.Combine(b, Sample.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace(sound, damaged, StringComparison.Ordinal));
        YiResult result = Yi.Run("compare", a, b);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains(Sample.FileName, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_are_fewer_than_the_report_counts_are_refused()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "110")), b = _runs.Write("b", CompareRuns.Samples("t", "101"));
        foreach (string path in new[] { a, b }.Select(folder => Path.Combine(folder, Sample.FileName))) File.WriteAllLines(path, File.ReadAllLines(path)[..2]);
        YiResult result = Yi.Run("compare", a, b);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("2 samples of t, and evaluation.json beside it counts 3", result.Error, StringComparison.Ordinal);
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
