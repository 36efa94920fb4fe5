using CsCheck;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Reports;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class RunReportTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private static Sample Options(int item, string answer, params double[] logLikelihoods)
    {
        int best = Array.IndexOf(logLikelihoods, logLikelihoods.Max());
        string chosen = ((char)('A' + best)).ToString();
        return CompareRuns.Sample("choices", null, item, false) with
        {
            Answer = answer,
            LogLikelihoods = logLikelihoods,
            Response = new Response("", FinishReason.Stop),
            Prediction = new Prediction(chosen, "likeliest", chosen == answer),
            Score = chosen == answer ? 1 : 0,
        };
    }

    private string Run() => _runs.Write("m", CompareRuns.Samples("knowledge", "1100", "law"), CompareRuns.Samples("knowledge", "10", "logic_1"),
    [
        CompareRuns.Sample("written", null, 0, false) with { Response = new Response("I <b>cannot</b> say.", FinishReason.Stop), Prediction = Prediction.NothingFound },
        CompareRuns.Sample("written", null, 1, false),
        Options(0, "A", -1, -2), Options(1, "B", -1, -3.5), Options(2, "B", -1, -9.25), Options(3, "B", -1, -1.25),
    ]);

    [Fact]
    public void The_table_names_micro_and_macro_averages_with_intervals_and_failures()
    {
        YiResult result = Yi.Run("eval", "report", Run());
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("m; protocol yisharp-chat 1, 0 exemplars, greedy\n", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^knowledge \(micro\) +50\.0 % +18\.8 to 81\.2 .* 6 +3 +0 +0 +0$", result.Output);
        Assert.Matches(@"(?m)^knowledge \(macro\) +50\.0 % +\d+\.\d to \d+\.\d +\d+\.\d stratified +2 subjects$", result.Output);
        Assert.Matches(@"(?m)^written +0\.0 % +0\.0 to 65\.8 +0\.0 independent +2 +0 +1 +0 +0$", result.Output);
    }

    [Theory]
    [InlineData(3, "10", "independent", 22.4)] // every subject half right: three of them say nothing about how subjects differ
    [InlineData(12, "10", "clustered", 2.1)] // twelve do
    [InlineData(12, "1", "independent", 0)] // of one item each there is nothing to share
    public void Errors_of_few_subjects_are_the_larger_of_clustered_and_independent_and_named(int subjects, string right, string kind, double points)
    {
        string run = Write("m"), other = Write("n");
        string Write(string name) => _runs.Write(name, [.. Enumerable.Range(0, subjects).Select(s => CompareRuns.Samples("t", right, $"s{s}"))]);
        TaskScore score = EvaluationReport.Read(Path.Combine(run, EvaluationReport.FileName)).Tasks[0];
        Assert.Equal((kind, points), (ErrorEstimate.Name(score.StandardErrorKind!.Value), Math.Round(100 * score.StandardError!.Value, 1)));
        string named = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{points:0.0} {kind}"), file = _runs["page.html"];
        Assert.Contains($" {named} ", Yi.Run("eval", "report", run, "--html", file).Output, StringComparison.Ordinal);
        Assert.Contains($"| {named} |", Yi.Run("eval", "report", run, "--markdown").Output, StringComparison.Ordinal);
        Assert.Contains($"& {named} &", Yi.Run("eval", "report", run, "--latex").Output, StringComparison.Ordinal);
        Assert.Contains($">{named}</td>", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Contains($"\"standard_error_kind\": \"{kind}\"", Yi.Run("eval", "report", run, "--json").Output, StringComparison.Ordinal);
        Assert.Contains($" {named} ", Yi.Run("compare", run, other).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Subjects_that_go_together_make_the_error_clustered_however_few_they_are()
    {
        IEnumerable<Sample>[] samples = [CompareRuns.Samples("t", "1111", "a"), CompareRuns.Samples("t", "0000", "b"), CompareRuns.Samples("t", "1111", "c"), CompareRuns.Samples("t", "01").Select(s => s with { Item = s.Item + 4 })];
        TaskScore score = TaskScore.Of("t", samples.SelectMany(s => s));
        var expected = ClusteredEstimate.Of([.. samples.SelectMany(s => s).Select(s => s.Score)], [.. "aaaabbbbccccde".Select(c => $"{c}")]);
        Assert.Equal(ErrorKind.Clustered, score.StandardErrorKind);
        Assert.Equal(expected.MillerError!.Value, score.StandardError!.Value, 1e-12);
        Assert.True(expected.MillerError > expected.StandardError);
    }

    [Fact]
    public void Errors_from_sums_are_those_of_all_items() => Gen.Select(Gen.Int[0, 14], Gen.OneOf(Gen.Const(0.0), Gen.Const(1.0), Gen.Double[0, 1])).Array[1, 60].Sample(items =>
    {
        Sample[] samples = [.. items.Select((item, i) => CompareRuns.Sample("t", item.Item1 == 0 ? null : $"s{item.Item1}", i, item.Item2 == 1) with { Score = item.Item2 })];
        var expected = ErrorEstimate.Of(ClusteredEstimate.Of([.. items.Select(item => item.Item2)], [.. samples.Select(sample => SampleOutcome.Of(sample).Cluster)]));
        TaskScore score = TaskScore.Of("t", samples);
        Assert.Equal(expected.Value is null, score.StandardError is null);
        Assert.Equal(expected.Value ?? 0, score.StandardError ?? 0, 1e-7); // the root of a sum that may cancel to nothing
        if (expected.Value > 1e-6) Assert.Equal(expected.Kind, score.StandardErrorKind);
    });

    [Fact]
    public void Reports_that_do_not_name_their_error_are_read()
    {
        string run = _runs.Write("m", CompareRuns.Samples("t", "10", "a"), CompareRuns.Samples("t", "10", "b")), path = Path.Combine(run, EvaluationReport.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"standard_error_kind\": \"independent\",", "", StringComparison.Ordinal));
        Assert.Matches(@"(?m)^t \(micro\) .* 28\.9 +4 +2 ", Yi.Run("eval", "report", run).Output);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"standard_error\":", "\"standard_error_kind\": \"other\", \"standard_error\":", StringComparison.Ordinal));
        YiResult unknown = Yi.Run("eval", "report", run);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("standard_error_kind", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_is_printed_as_markdown_latex_and_json()
    {
        string run = Run();
        Assert.StartsWith("| task | score | 95 % interval |", Yi.Run("eval", "report", run, "--markdown").Output, StringComparison.Ordinal);
        string latex = Yi.Run("eval", "report", run, "--latex").Output;
        Assert.StartsWith("\\begin{tabular}{lrrrrrrrr}\n\\toprule\ntask & score & 95 \\% interval", latex, StringComparison.Ordinal);
        Assert.Contains("\\bottomrule", latex, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(run, EvaluationReport.FileName)), Yi.Run("eval", "report", run, "--json").Output);
        YiResult both = Yi.Run("eval", "report", run, "--json", "--latex");
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("give one", both.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_shows_scores_subjects_the_hardest_questions_and_what_the_run_was()
    {
        string run = Run(), file = _runs["page.html"];
        new BatchTiming("f", "written", 2, 4, 100).Append(run);
        Assert.Equal(0, Yi.Run("eval", "report", run, "--html", file).ExitCode);
        string page = File.ReadAllText(file);
        Assert.Contains("script-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        foreach (string heading in (string[])["Scores", "Subjects", "The hardest questions", "Nothing found in a whole answer", "The run"]) Assert.Contains($">{heading}</h2>", page, StringComparison.Ordinal);
        Assert.Contains("logic_<wbr>1</th>", page, StringComparison.Ordinal);
        Assert.Contains("<line class=\"filled\" x1=\"0%\" y1=\"50%\" x2=\"50%\" y2=\"50%\"/>", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("choices, item 2: 8.25 nats", StringComparison.Ordinal) < page.IndexOf("choices, item 1: 2.50 nats", StringComparison.Ordinal));
        Assert.Contains("A: -1.000 nats, the likeliest\nB: -9.250 nats, right", page, StringComparison.Ordinal);
        Assert.DoesNotContain("choices, item 0", page, StringComparison.Ordinal); // right
        Assert.Contains("I &lt;b&gt;cannot&lt;/b&gt; say.", page, StringComparison.Ordinal);
        Assert.Contains("yisharp-chat, version 1", page, StringComparison.Ordinal);
        Assert.Matches("written</th><td class=\"end\"[^>]*>2</td><td class=\"end\"[^>]*>4\\.0</td><td class=\"end\"[^>]*>0\\.50</td><td class=\"end\"[^>]*>100</td><td class=\"end\"[^>]*>25</td>", page);

        Yi.Run("eval", "report", run, "--html", file);
        Assert.Equal(page, File.ReadAllText(file));
    }

    [Fact]
    public void A_run_leaves_its_page_and_times_and_started_again_the_same_page()
    {
        string folder = _runs["run"];
        string[] command = ["eval", "--data", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl"), "--max-new-tokens", "2", "--out", folder];
        YiResult result = Yi.Run(command);
        Assert.Equal(0, result.ExitCode);
        string page = File.ReadAllText(Path.Combine(folder, RunPage.FileName));
        Assert.Contains(RunPage.FileName, result.Error, StringComparison.Ordinal);
        BatchTiming time = Assert.Single(BatchTiming.Totals(folder, EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName)).Fingerprint));
        Assert.Equal(("labels", EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName)).Tasks[0].Count), (time.Task, time.Items));
        Assert.InRange(time.CompletionTokens!.Value, time.Items, 2 * time.Items);
        File.Delete(Path.Combine(folder, RunPage.FileName));
        Assert.Equal(0, Yi.Run(command).ExitCode);
        Assert.Equal(page, File.ReadAllText(Path.Combine(folder, RunPage.FileName)));
    }

    [Fact]
    public void A_page_of_many_samples_shows_few()
    {
        string run = _runs.Write("many", CompareRuns.Samples("t", new string('0', 3000)), Enumerable.Range(3000, 3000).Select(i => CompareRuns.Sample("t", null, i, false) with { Prediction = Prediction.NothingFound }));
        Yi.Run("eval", "report", run, "--html", _runs["page.html"]);
        Assert.Equal(24, File.ReadAllText(_runs["page.html"]).Split("<article").Length - 1);
    }

    [Fact]
    public void Of_a_long_question_the_end_is_shown()
    {
        string run = _runs.Write("long", [CompareRuns.Sample("t", null, 0, false) with { Prompt = "begin" + new string('x', 4000) + "end?" }]);
        Yi.Run("eval", "report", run, "--html", _runs["page.html"]);
        string page = File.ReadAllText(_runs["page.html"]);
        Assert.Contains("<blockquote>… xxx", page, StringComparison.Ordinal);
        Assert.Contains("xend?</blockquote>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_judge_said_stands_beside_the_answer()
    {
        var verdict = new Judgement("Grade it.", new Response("Score: 2", FinishReason.Stop)) { Span = (7, 8) };
        string run = _runs.Write("judged", [CompareRuns.Sample("t", null, 0, false) with { Judgement = verdict, Prediction = new Prediction("2", "score", false) { Span = (7, 8) } }]);
        Yi.Run("eval", "report", run, "--html", _runs["page.html"]);
        string page = File.ReadAllText(_runs["page.html"]);
        Assert.Contains("<pre>It is A.</pre>", page, StringComparison.Ordinal);
        Assert.Contains("<pre>Score: »2«</pre>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_samples_a_shortlist_keeps_those_of_least_rank() =>
        Gen.Select(Gen.Int[0, 9].Array[0, 40], Gen.Int[1, 6]).Sample((ranks, size) =>
        {
            var list = new Shortlist(size);
            for (int i = 0; i < ranks.Length; i++) list.Add(CompareRuns.Sample("t", null, i, false), ranks[i]);
            int[] expected = [.. Enumerable.Range(0, ranks.Length).OrderBy(i => ranks[i]).Take(size)];
            Assert.Equal(expected, list.ByRank().Select(s => s.Item));
            Assert.Equal(expected.Order(), list.InOrder().Select(s => s.Item));
            Assert.Equal(ranks.Length, list.Count);
        });

    [Fact]
    public void The_margin_is_to_the_likeliest_right_option()
    {
        Assert.Equal(3, HardestItems.Margin(Options(0, "2,3", -1, -9, -8, -4)));
        Assert.Equal(0, HardestItems.Margin(Options(0, "0,3", -1, -9, -8, -4)));
        Assert.Null(HardestItems.Margin(Options(0, "a text", -1, -2)));
        Assert.Null(HardestItems.Margin(Options(0, "Z", -1, -2)));
        Assert.Null(HardestItems.Margin(CompareRuns.Sample("t", null, 0, false)));
    }

    [Fact]
    public void Samples_stream_as_they_are_read_whole_and_a_bad_row_is_named()
    {
        string path = Path.Combine(Run(), Sample.FileName);
        EvaluationReport report = EvaluationReport.Read(Path.Combine(Path.GetDirectoryName(path)!, EvaluationReport.FileName));
        IEnumerable<Sample> stream = Sample.Stream(Path.GetDirectoryName(path)!, report);
        Assert.Equal(Sample.ReadAll(path).Select(s => s.ToJson()), stream.Select(s => s.ToJson()));
        File.AppendAllText(path, "\n{\"task\": \"t\"}\n");
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => stream.Count());
        Assert.Contains($"{Sample.FileName}: line {File.ReadLines(path).Count()} has no \"item\"", e.Message, StringComparison.Ordinal);
        YiResult missing = Yi.Run("eval", "report", _runs["nowhere"]);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("cannot be read; expected the evaluation.json", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_add_up_over_starts_and_leave_out_other_runs_and_torn_lines()
    {
        string folder = Directory.CreateDirectory(_runs["times"]).FullName;
        Assert.Empty(BatchTiming.Totals(folder, "f"));
        new BatchTiming("f", "a", 64, 2, 10).Append(folder);
        new BatchTiming("other", "a", 64, 9, 10).Append(folder);
        new BatchTiming("f", "b", 3, 1, null).Append(folder);
        new BatchTiming("f", "a", 6, 1.5, 5).Append(folder);
        File.AppendAllText(Path.Combine(folder, BatchTiming.FileName), "{\"run\":\"f\",\"task\":\"a\",\"items\"");
        Assert.Equal([new BatchTiming("f", "a", 70, 3.5, 15), new BatchTiming("f", "b", 3, 1, null)], BatchTiming.Totals(folder, "f"));
    }

    [Fact]
    public void Macro_averages_from_counts_are_those_from_scores() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 20]).Array[1, 8].Sample(pairs =>
        {
            (int Count, int Correct)[] strata = [.. pairs.Select(p => (p.Item1, Math.Min(p.Item1, p.Item2)))];
            var scores = StratifiedMean.OfScores([.. strata.Select(s => Enumerable.Range(0, s.Count).Select(i => i < s.Correct ? 1.0 : 0).ToArray())]);
            Assert.Equal(scores, StratifiedMean.OfCounts(strata));
        });

    [Fact]
    public void A_task_whose_scores_are_shares_has_no_count_of_right_answers()
    {
        Sample[] shares = [.. Enumerable.Range(0, 4).Select(i => CompareRuns.Sample("mc2", null, i, i > 1) with { Score = 0.25 + i / 10.0 })];
        Table table = RunTables.Scores(new EvaluationReport("m", "f", new EvaluationProtocol(), "f", [TaskScore.Of("mc2", shares)]));
        Assert.Equal(["mc2", "40.0 %", "4", "–"], ((int[])[0, 1, 4, 5]).Select(column => table.Rows[0].Cells[column].Text));
    }
}
