using System.Text.Json.Nodes;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary>Folders of lm-evaluation-harness whose files are missing, contradict each other, or say less than they seem to.</summary>
public sealed class LmEvalImportTests : IDisposable
{
    private const string Date = "2026-11-25T21-18-22.847383", Astronomy = $"samples_mmlu_astronomy_{Date}.jsonl", Marketing = $"samples_mmlu_marketing_{Date}.jsonl", Gsm8k = $"samples_gsm8k_cot_zeroshot_{Date}.jsonl";

    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", "lm_eval_output", "smollm2");

    private readonly CompareRuns _runs = new();
    private readonly string _folder;

    public LmEvalImportTests()
    {
        _folder = Directory.CreateDirectory(_runs["theirs"]).FullName;
        foreach (string file in Directory.GetFiles(Golden)) File.Copy(file, At(Path.GetFileName(file)));
    }

    public void Dispose() => _runs.Dispose();

    private string At(string file) => Path.Combine(_folder, file);

    private string Results => At($"results_{Date}.json");

    private void Edit(Action<JsonObject> edit)
    {
        JsonObject results = JsonNode.Parse(File.ReadAllText(Results))!.AsObject();
        edit(results);
        File.WriteAllText(Results, results.ToJsonString());
    }

    private void EditRows(string file, Action<JsonObject> edit) => File.WriteAllLines(At(file), File.ReadAllLines(At(file)).Select(line =>
    {
        JsonObject row = JsonNode.Parse(line)!.AsObject();
        edit(row);
        return row.ToJsonString();
    }));

    private YiResult Import(params string[] options)
    {
        if (Directory.Exists(_runs["out"])) Directory.Delete(_runs["out"], recursive: true);
        return Yi.Run(["eval", "import", _folder, _runs["out"], .. options]);
    }

    private EvaluationReport Imported(params string[] options)
    {
        YiResult result = Import(options);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return EvaluationReport.Read(Path.Combine(_runs["out"], EvaluationReport.FileName));
    }

    private IReadOnlyList<Sample> Samples => Sample.ReadAll(Path.Combine(_runs["out"], Sample.FileName));

    private void Refuses(string why, params string[] options)
    {
        YiResult result = Import(options);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_runs["out"]));
    }

    [Fact]
    public void A_task_whose_samples_are_missing_is_named_with_the_file_expected()
    {
        File.Delete(At(Marketing));
        Refuses($"has the task mmlu_marketing, and beside it there is no {Marketing} with its answers; get what is missing");
        Edit(r => r["n-samples"]!.AsObject().Remove("mmlu_marketing")); // its scores are still there
        Refuses($"has the task mmlu_marketing, and beside it there is no {Marketing}");
        File.Delete(At(Gsm8k));
        Refuses($"has the task mmlu_marketing, and beside it there is no {Marketing} with its answers (nor those of 1 other tasks, such as gsm8k_cot_zeroshot); get what is missing");
        Assert.Contains($"there is no {Marketing}", Yi.Run("compare", _folder, _folder).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_of_which_results_say_that_nothing_was_asked_needs_no_samples()
    {
        File.Delete(At(Marketing));
        Edit(r => r["n-samples"]!["mmlu_marketing"]!["effective"] = 0);
        Assert.Equal(["mmlu", "gsm8k"], Imported().Tasks.Select(t => t.Name));
        Assert.All(Samples.Where(s => s.Task == "mmlu"), s => Assert.Equal("astronomy", s.Subject));
    }

    [Fact]
    public void Lines_of_groups_need_no_samples()
    {
        Edit(r =>
        {
            foreach (string group in (string[])["mmlu", "mmlu_stem", "mmlu_other"]) r["results"]![group] = new JsonObject { ["alias"] = group, ["sample_len"] = 16, ["acc,none"] = 0.3125, ["acc_stderr,none"] = 0.1 };
            r["results"]!["suite"] = new JsonObject { [" "] = " ", ["alias"] = "suite" }; // a group that sums up nothing
            r["groups"] = new JsonObject { ["mmlu"] = r["results"]!["mmlu"]!.DeepClone() };
            r["group_subtasks"] = new JsonObject { ["mmlu_stem"] = new JsonArray("mmlu_astronomy"), ["mmlu_other"] = new JsonArray("mmlu_marketing"), ["mmlu"] = new JsonArray("mmlu_stem", "mmlu_other"), ["gsm8k_cot_zeroshot"] = new JsonArray(), ["suite"] = new JsonArray() };
        });
        Assert.Equal([("mmlu", 16), ("gsm8k", 4)], Imported().Tasks.Select(t => (t.Name, t.Count)));
        Edit(r => r.Remove("n-samples")); // as before 0.4.3
        Assert.Equal([("mmlu", 16), ("gsm8k", 4)], Imported().Tasks.Select(t => (t.Name, t.Count)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"results": {}}""")]
    [InlineData("""{"results": []}""")]
    [InlineData("""{"results": null, "n-samples": {"mmlu_astronomy": {"effective": 8}}}""")]
    public void Results_without_scores_are_refused(string content)
    {
        File.WriteAllText(Results, content);
        Refuses($"{Results} has no \"results\"; expected an object with an entry for each task");
    }

    [Fact]
    public void Samples_of_a_task_that_the_results_do_not_name_are_refused()
    {
        File.Copy(At(Marketing), At($"samples_mmlu_anatomy_{Date}.jsonl"));
        Refuses($"samples_mmlu_anatomy_{Date}.jsonl holds answers to a task of which results_{Date}.json beside it says nothing");
    }

    [Fact]
    public void A_filter_that_no_task_has_is_refused_with_those_that_there_are()
    {
        Refuses($"--filter is 'strict', by which no task of {_folder} was read; there are none, strict-match, flexible-extract.", "--filter", "strict");
        Imported("--filter", "strict-match"); // which one of the tasks has
        Imported("--filter", "none");
    }

    [Theory]
    [InlineData("effective", 7)] // fewer than there are
    [InlineData("effective", 9)] // more than the task has
    public void Answers_are_held_to_the_number_that_the_results_count(string field, int count)
    {
        Edit(r => r["n-samples"]!["mmlu_marketing"]![field] = count);
        Refuses($"{Marketing} holds 8 answers read by the filter none, and the results beside it count {count} of mmlu_marketing");
    }

    [Fact]
    public void Answers_that_were_lost_are_missed_by_either_count()
    {
        File.WriteAllLines(At(Gsm8k), File.ReadAllLines(At(Gsm8k))[..^1]);
        Refuses($"{Gsm8k} holds 3 answers read by the filter flexible-extract, and the results beside it count 4 of gsm8k_cot_zeroshot");
        Edit(r => r["results"]!["gsm8k_cot_zeroshot"]!.AsObject().Remove("sample_len"));
        Refuses($"{Gsm8k} holds 3 answers read by the filter flexible-extract");
        Imported("--filter", "strict-match"); // of which none is lost
    }

    [Fact]
    public void A_run_of_part_of_the_questions_is_read_and_says_so()
    {
        Edit(r =>
        {
            r["n-samples"]!["mmlu_marketing"] = new JsonObject { ["original"] = 234, ["effective"] = 8 }; // --limit 8
            r["n-samples"]!["mmlu_astronomy"] = new JsonObject { ["original"] = 152, ["effective"] = 152 }; // --samples, which "effective" does not know of
        });
        YiResult result = Import();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("mmlu_marketing was asked in part: 8 of its 234 questions.", result.Output, StringComparison.Ordinal);
        Assert.Contains("mmlu_astronomy was asked in part: 8 of its 152 questions.", result.Output, StringComparison.Ordinal);
        Assert.Contains("at most 8 questions of each task", Yi.Run("eval", "report", _runs["out"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_that_is_there_twice_is_refused_by_its_line()
    {
        string[] lines = File.ReadAllLines(At(Marketing));
        File.WriteAllLines(At(Marketing), [.. lines[..7], lines[2]]);
        Refuses("row 8: has the doc_id 2 with the filter none for the second time");
    }

    [Fact]
    public void Scores_that_single_answers_do_not_give_are_refused()
    {
        Edit(r => r["results"]!["mmlu_marketing"]!["acc,none"] = 0.75);
        Refuses($"{Marketing} gives 0.5 as the mean of acc by the filter none, and the results beside it say 0.75 of mmlu_marketing");
        Edit(r => r["configs"]!["mmlu_marketing"]!["metric_list"]![0]!["aggregation"] = "f1"); // which is no mean
        Imported();
    }

    [Fact]
    public void How_answers_were_written_is_read_and_what_is_not_known_is_not_said()
    {
        EvaluationReport report = Imported();
        Assert.Equal(("greedy", 96, null), (report.Protocol.Generation, report.Protocol.MaxNewTokens, report.Protocol.Limit));
        Assert.Equal((96, "Q: </s> <|im_end|>"), (report["gsm8k"].MaxNewTokens, string.Join(' ', report["gsm8k"].Stops!)));
        Assert.Null(report["mmlu"].MaxNewTokens);
        Assert.Contains("does not say which answers the limit of tokens cut off; of gsm8k_cot_zeroshot none counts as cut off.", Import().Output, StringComparison.Ordinal);

        EditRows(Gsm8k, row => row["arguments"]!["gen_args_0"]!["arg_1"] = new JsonObject { ["until"] = "\n", ["temperature"] = 0.7, ["max_new_tokens"] = 20 });
        report = Imported();
        Assert.Equal(("sampled at temperature 0.7", 20, "\n"), (report.Protocol.Generation, report.Protocol.MaxNewTokens, Assert.Single(report["gsm8k"].Stops!)));
        EditRows(Gsm8k, row => row["arguments"]!["gen_args_0"]!["arg_1"] = new JsonObject());
        report = Imported();
        Assert.Equal(("unknown decoding", 0, null), (report.Protocol.Generation, report.Protocol.MaxNewTokens, report["gsm8k"].Stops));
        Assert.Equal(0, Yi.Run("eval", "report", _runs["out"], "--html", _runs["page.html"]).ExitCode);
        Assert.DoesNotContain("most tokens of an answer", File.ReadAllText(_runs["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_without_any_likelihood_are_options_and_two_numbers_that_were_written_are_none()
    {
        EditRows(Marketing, row => row["filtered_resps"]![3]![0] = "-inf");
        EditRows(Gsm8k, row => row["filtered_resps"] = new JsonArray(new JsonArray("3", "4")));
        Imported();
        Assert.All(Samples.Where(s => s.Subject == "marketing"), s => Assert.Equal(("likeliest", true, ""), (s.Prediction.Rule, s.Prediction.Extracted is "A" or "B" or "C", s.Response.Text)));
        Assert.All(Samples.Where(s => s.Task == "gsm8k"), s => Assert.Equal(("3", null), (s.Prediction.Extracted, s.LogLikelihoods)));
    }

    [Fact]
    public void The_newest_results_are_read_and_older_ones_told()
    {
        File.WriteAllText(At("results_2025-01-01T00-00-00.000000.json"), "{}");
        Assert.Contains($"results_{Date}.json is read; older results beside it (1) are not.", Import().Output, StringComparison.Ordinal);
    }
}
