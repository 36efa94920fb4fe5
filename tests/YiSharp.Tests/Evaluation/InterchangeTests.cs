using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class InterchangeTests : IDisposable
{
    private static readonly string LmEval = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", "lm_eval_output", "smollm2");

    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;

    private static string ResultsOf(string folder) => Directory.GetFiles(folder, "results_*.json").Single();

    private EvaluationReport Import(string source, string name, params string[] options)
    {
        YiResult result = Yi.Run(["eval", "import", source, _runs[name], .. options]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return EvaluationReport.Read(Path.Combine(_runs[name], EvaluationReport.FileName));
    }

    private IReadOnlyList<Sample> SamplesOf(string name) => Sample.ReadAll(Path.Combine(_runs[name], Sample.FileName));

    [Fact]
    public void Results_of_lm_eval_are_read_with_their_scores()
    {
        EvaluationReport report = Import(LmEval, "theirs");
        Assert.Equal(("smollm2", "lm-eval 0.4.13"), (report.Model, report.Protocol.Name));
        JsonElement results = Json(ResultsOf(LmEval)).GetProperty("results");
        IReadOnlyList<Sample> samples = SamplesOf("theirs");
        Assert.Equal(results.GetProperty("mmlu_astronomy").GetProperty("acc,none").GetDouble(), samples.Where(s => s.Subject == "astronomy").Average(s => s.Score), 1e-12);
        Assert.Equal(results.GetProperty("mmlu_marketing").GetProperty("acc,none").GetDouble(), samples.Where(s => s.Subject == "marketing").Average(s => s.Score), 1e-12);
        Assert.Equal(4, samples.Count(s => s.Task == "gsm8k"));

        Sample first = samples.First(s => s is { Subject: "astronomy", Item: 0 });
        Assert.Equal(("mmlu", "A", "A", true), (first.Task, first.Answer, first.Prediction.Extracted, first.Prediction.Correct));
        Assert.Equal([-0.914112389087677, -5.899230480194092, -4.020082950592041, -4.060356616973877], first.LogLikelihoods!);
        Assert.StartsWith("The following are multiple choice questions (with answers) about astronomy.\n\nWhat is true", first.Prompt);
    }

    [Fact]
    public void A_filter_is_taken_and_said()
    {
        Import(LmEval, "strict", "--filter", "strict-match");
        Assert.All(SamplesOf("strict").Where(s => s.Task == "gsm8k"), s => Assert.Null(s.Prediction.Extracted));
        Assert.Contains("flexible-extract is taken", Yi.Run("eval", "import", LmEval, _runs["flexible"]).Output, StringComparison.Ordinal);
        Assert.Contains(SamplesOf("flexible"), s => s is { Task: "gsm8k", Prediction.Rule: "flexible-extract" });
    }

    [Fact]
    public void What_was_exported_is_read_back_as_it_was()
    {
        Import(LmEval, "theirs");
        YiResult exported = Yi.Run("eval", "export", _runs["theirs"], _runs["out"], "--format", "lm-eval");
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Import(Path.Combine(_runs["out"], "smollm2"), "again");
        Dictionary<(string, string?, int), Sample> again = SamplesOf("again").ToDictionary(s => s.Key);
        foreach (Sample sample in SamplesOf("theirs"))
        {
            Sample other = again[sample.Key];
            Assert.Equal((sample.Answer, sample.Prompt, sample.Response.Text, sample.Score, sample.Prediction.Extracted), (other.Answer, other.Prompt, other.Response.Text, other.Score, other.Prediction.Extracted));
            Assert.Equal(sample.LogLikelihoods, other.LogLikelihoods);
        }
        Assert.Equal(0, Yi.Run("compare", _runs["theirs"], _runs["again"]).ExitCode);
        Assert.Equal(0, Yi.Run("compare", LmEval, _runs["again"]).ExitCode); // without importing first
    }

    [Fact]
    public void An_export_has_the_fields_names_errors_and_hashes_of_lm_eval()
    {
        Import(LmEval, "theirs");
        Yi.Run("eval", "export", _runs["theirs"], _runs["out"]);
        string folder = Path.Combine(_runs["out"], "smollm2");
        JsonElement ours = Json(ResultsOf(folder)), theirs = Json(ResultsOf(LmEval));
        JsonElement task = ours.GetProperty("results").GetProperty("mmlu_marketing"), expected = theirs.GetProperty("results").GetProperty("mmlu_marketing");
        Assert.Equal(expected.EnumerateObject().Select(p => p.Name).Order(), task.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(expected.GetProperty("acc_stderr,none").GetDouble(), task.GetProperty("acc_stderr,none").GetDouble(), 1e-12);
        Assert.Equal(theirs.EnumerateObject().Select(p => p.Name), ours.EnumerateObject().Select(p => p.Name).Where(name => name != "groups")); // theirs were run without a group
        Assert.Equal(theirs.GetProperty("config").EnumerateObject().Select(p => p.Name), ours.GetProperty("config").EnumerateObject().Select(p => p.Name));

        JsonElement RowOf(string where) => JsonDocument.Parse(File.ReadLines(Directory.GetFiles(where, "samples_mmlu_astronomy_*.jsonl").Single()).First()).RootElement;
        JsonElement row = RowOf(folder), golden = RowOf(LmEval);
        Assert.Equal([.. golden.EnumerateObject().Select(p => p.Name), "yisharp"], row.EnumerateObject().Select(p => p.Name));
        foreach (string same in new[] { "doc_id", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "prompt_hash", "target_hash" })
            Assert.True(JsonElement.DeepEquals(golden.GetProperty(same), row.GetProperty(same)), $"{same}: {row.GetProperty(same)}");

        // A group's line stands before those of its tasks, in the results and alone; its version and metrics stand with theirs.
        Assert.Equal(["mmlu", "mmlu_astronomy", "mmlu_marketing", "gsm8k"], ours.GetProperty("results").EnumerateObject().Select(p => p.Name));
        Assert.Equal("[\"mmlu_astronomy\",\"mmlu_marketing\"]", JsonSerializer.Serialize(ours.GetProperty("group_subtasks").GetProperty("mmlu")));
        Assert.True(ours.GetProperty("versions").TryGetProperty("mmlu", out _));
        Assert.True(ours.GetProperty("higher_is_better").GetProperty("mmlu").GetProperty("acc").GetBoolean());
        // 0.125 and 0.5 of 8 each: the mean, and the pooled error of two equal tasks.
        JsonElement group = ours.GetProperty("groups").GetProperty("mmlu");
        Assert.True(JsonElement.DeepEquals(group, ours.GetProperty("results").GetProperty("mmlu")));
        Assert.Equal(0.3125, group.GetProperty("acc,none").GetDouble(), 1e-12);
        Assert.Equal(Math.Sqrt((0.125 * 0.125 + 1 / 28.0) * 7 * 8 / 14 / 16), group.GetProperty("acc_stderr,none").GetDouble(), 1e-12);
    }

    [Fact]
    public void Options_that_are_texts_are_exported_as_texts_and_read_back()
    {
        YiResult asked = Yi.Run("eval", "--suite", "truthfulqa", "--limit", "3", "--protocol", "lm-eval-0.4", "--data", Path.Combine(Repository.Root, "benchmarks"), "--out", _runs["ours"]);
        Assert.True(asked.ExitCode == 0, asked.Error);
        Assert.Equal(0, Yi.Run("eval", "export", _runs["ours"], _runs["out"]).ExitCode);
        string folder = Path.Combine(_runs["out"], "smollm2-135m-instruct");
        foreach ((string task, string targets) in new[] { ("truthfulqa_mc1", "mc1_targets"), ("truthfulqa_mc2", "mc2_targets") })
        {
            Sample[] samples = [.. SamplesOf("ours").Where(s => s.Task == task)];
            JsonElement[] rows = [.. File.ReadLines(Directory.GetFiles(folder, $"samples_{task}_*.jsonl").Single()).Select(line => JsonDocument.Parse(line).RootElement)];
            foreach ((Sample sample, JsonElement row) in samples.Zip(rows))
            {
                JsonElement doc = row.GetProperty("doc").GetProperty(targets);
                string[] choices = [.. doc.GetProperty("choices").EnumerateArray().Select(c => c.GetString()!)];
                Assert.Equal(sample.LogLikelihoods!.Count, choices.Length);
                Assert.Equal(choices.Select(c => " " + c), row.GetProperty("arguments").EnumerateObject().Select(a => a.Value.GetProperty("arg_1").GetString()));
                Assert.All(row.GetProperty("arguments").EnumerateObject(), a => Assert.Equal(sample.Prompt, a.Value.GetProperty("arg_0").GetString()));
                Assert.Equal(sample.Answer, string.Join(',', doc.GetProperty("labels").EnumerateArray().Select((label, i) => (label.GetInt32(), i)).Where(l => l.Item1 == 1).Select(l => l.i)));
                Assert.Equal(("0", sample.Score), (row.GetProperty("target").GetString(), row.GetProperty("acc").GetDouble()));
                Assert.Contains(choices, choice => choice.Contains(' ', StringComparison.Ordinal));
            }
        }
        Import(folder, "again");
        Dictionary<(string, string?, int), Sample> again = SamplesOf("again").ToDictionary(s => s.Key);
        foreach (Sample sample in SamplesOf("ours"))
        {
            Sample other = again[sample.Key];
            Assert.Equal((sample.Answer, sample.Score, sample.Prediction.Extracted, sample.Prediction.Correct), (other.Answer, other.Score, other.Prediction.Extracted, other.Prediction.Correct));
            Assert.Equal(sample.Options, other.Options);
        }
        Assert.Equal(0, Yi.Run("compare", _runs["ours"], folder).ExitCode);
    }

    [Fact]
    public void Further_metrics_of_texts_are_exported_with_their_errors()
    {
        Sample Of(int item, double norm) => CompareRuns.Sample("opposites", null, item, true) with
        {
            Answer = "1",
            LogLikelihoods = [-2, -1],
            Options = [" long one", " short"],
            Prediction = new Prediction("1", "likeliest", true),
            Metrics = new Dictionary<string, double> { ["acc_norm"] = norm },
        };
        string run = _runs.Write("m", [Of(0, 1), Of(1, 0)]), folder = Path.GetDirectoryName(Yi.Run("eval", "export", run, _runs["out"]).Lines[0])!;
        JsonElement row = JsonDocument.Parse(File.ReadLines(Directory.GetFiles(folder, "samples_*.jsonl").Single()).First()).RootElement, result = Json(ResultsOf(folder)).GetProperty("results").GetProperty("opposites");
        Assert.Equal(["acc", "acc_norm"], row.GetProperty("metrics").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal((1, "[\"long one\",\"short\"]"), (row.GetProperty("acc_norm").GetInt32(), row.GetProperty("doc").GetProperty("choices").GetRawText()));
        Assert.Equal((1, 0.5, 0.5), (result.GetProperty("acc,none").GetDouble(), result.GetProperty("acc_norm,none").GetDouble(), result.GetProperty("acc_norm_stderr,none").GetDouble()));
        JsonElement configured = Json(ResultsOf(folder)).GetProperty("configs").GetProperty("opposites").GetProperty("metric_list");
        Assert.Equal(["acc", "acc_norm"], configured.EnumerateArray().Select(m => m.GetProperty("metric").GetString()));

        MetricScore norm = Assert.Single(Assert.Single(Import(folder, "again").Tasks).Metrics!), before = Assert.Single(Assert.Single(EvaluationReport.Read(Path.Combine(run, EvaluationReport.FileName)).Tasks).Metrics!);
        Assert.Equal(before, norm);
        Assert.Equal([1.0, 0.0], SamplesOf("again").Select(s => s.Metrics!["acc_norm"]));
    }

    [Fact]
    public void A_group_with_a_task_of_one_item_has_no_error_as_in_lm_eval()
    {
        string folder = Path.GetDirectoryName(Yi.Run("eval", "export", _runs.Write("m", CompareRuns.Samples("bbh", "101", "navigate"), CompareRuns.Samples("bbh", "1", "snarks")), _runs["out"]).Lines[0])!;
        JsonElement group = Json(ResultsOf(folder)).GetProperty("results").GetProperty("bbh");
        Assert.Equal((0.75, "N/A"), (group.GetProperty("exact_match,flexible-extract").GetDouble(), group.GetProperty("exact_match_stderr,flexible-extract").GetString()));
    }

    [Fact]
    public void Options_that_are_not_one_for_each_log_likelihood_are_refused()
    {
        string run = _runs.Write("m", [CompareRuns.Sample("t", null, 0, true) with { LogLikelihoods = [-2, -1], Options = [" a"] }]);
        Assert.Contains("has 1 \"options\" and 2 \"loglikelihoods\"; expected one for each", Yi.Run("compare", run, _runs.Write("n", CompareRuns.Samples("t", "1"))).Error, StringComparison.Ordinal);
    }

    private string OpenCompass(string? details)
    {
        string root = _runs["opencompass"], run = Path.Combine(root, "20240601_120000");
        void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(run, path))!);
            File.WriteAllText(Path.Combine(run, path), text);
        }
        Write("predictions/yi/gsm8k_0.json", """{"0": {"origin_prompt": [{"role": "HUMAN", "prompt": "1+1?"}], "prediction": "It is 2.", "gold": "#### 2"}}""");
        Write("predictions/yi/gsm8k_1.json", """{"0": {"origin_prompt": [{"role": "HUMAN", "prompt": "1+2?"}], "prediction": "Hm.", "gold": "#### 3"}}""");
        if (details is not null) Write("results/yi/gsm8k.json", $$"""{"accuracy": 50.0, "details": {{details}}}""");
        Write("predictions/yi/lukaemon_mmlu_anatomy.json", """{"0": {"origin_prompt": "Q", "label: A": {"testing input": "Q", "prompt": "Q A", "PPL": 1.2}, "label: B": {"testing input": "Q", "prompt": "Q B", "PPL": 1.5}, "prediction": "A", "gold": "B"}}""");
        return root;
    }

    [Theory]
    [InlineData("""[{"pred": "2", "answer": "2", "correct": true}, {"pred": "", "answer": "3", "correct": false}]""")]
    [InlineData("""{"type": "GEN", "0": {"prompt": "1+1?", "predictions": "2", "references": "2"}, "1": {"prompt": "1+2?", "predictions": "", "references": "3"}}""")]
    public void Results_of_OpenCompass_are_read_with_their_judgements(string details)
    {
        Import(OpenCompass(details), "theirs");
        IReadOnlyList<Sample> samples = SamplesOf("theirs");
        Assert.Equal([("gsm8k", null, 0, true), ("gsm8k", null, 1, false), ("mmlu", "anatomy", 0, false)], samples.Select(s => (s.Task, s.Subject, s.Item, s.Prediction.Correct)));
        Assert.Equal(("It is 2.", "2", "1+1?"), (samples[0].Response.Text, samples[0].Prediction.Extracted, samples[0].Messages[0].Content));
        Assert.Null(samples[1].Prediction.Extracted);
    }

    private string OpenCompassRun(params (string Path, string Text)[] files)
    {
        string root = _runs["opencompass"];
        if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        foreach ((string path, string text) in files)
        {
            string file = Path.Combine(root, "run", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        return root;
    }

    [Fact]
    public void Results_of_OpenCompass_that_lack_a_part_or_contradict_each_other_are_refused()
    {
        const string Item = """{"0": {"origin_prompt": "q", "prediction": "It is 2.", "gold": "2"}}""", Right = """{"accuracy": 100.0, "details": [{"pred": "2", "answer": "2", "correct": true}]}""";
        const string Answers = "predictions/yi/gsm8k.json", Judgements = "results/yi/gsm8k.json";
        void Refuses(string why, params (string Path, string Text)[] files)
        {
            YiResult result = Yi.Run("eval", "import", OpenCompassRun(files), _runs["x"]);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains(why, result.Error, StringComparison.Ordinal);
        }
        Refuses("holds gsm8k_2.json and not gsm8k_1.json; expected every part", ("predictions/yi/gsm8k_0.json", Item), ("predictions/yi/gsm8k_2.json", Item), (Judgements, Right));
        Refuses("holds gsm8k.json and gsm8k_0.json; expected a set's answers whole or in parts", (Answers, Item), ("predictions/yi/gsm8k_0.json", Item), (Judgements, Right));
        Refuses("math.json judges answers, and there is no", (Answers, Item), (Judgements, Right), ("results/yi/math.json", Right));
        Refuses(Path.Combine("results", "other") + " judges answers, and there is no", (Answers, Item), (Judgements, Right), ("results/other/gsm8k.json", Right));
        Refuses("gsm8k.json holds no item; expected an object with the keys 0, 1, ….", (Answers, "{}"), (Judgements, Right));
        Refuses("has the accuracy 50, and what it says of single answers to gsm8k makes 100", (Answers, Item), (Judgements, Right.Replace("100.0", "50.0", StringComparison.Ordinal)));
        Refuses("has the accuracy 100, and what it says of single answers to gsm8k makes 0", (Answers, Item), (Judgements, """{"accuracy": 100.0, "details": {"0": {"pred": "2.0", "references": "2"}}}""")); // right by a rule of its own
        Refuses("does not say which answers to gsm8k were right", (Answers, Item), (Judgements, """{"details": [{"pred": "2", "correct": 0.5}]}"""));
        string whole = OpenCompassRun((Answers, Item), (Judgements, Right));
        Assert.Contains("--filter is 'strict-match'", Yi.Run("eval", "import", whole, _runs["x"], "--filter", "strict-match").Error, StringComparison.Ordinal);
        YiResult imported = Yi.Run("eval", "import", whole, _runs["y"]);
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        Assert.StartsWith("OpenCompass does not say which answers the limit of tokens cut off; none counts as cut off.", imported.Output, StringComparison.Ordinal);
        Assert.Contains("yi; protocol OpenCompass 1, 0 exemplars, unknown decoding", Yi.Run("eval", "report", _runs["y"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_told_in_a_sentence()
    {
        string Refused(params string[] args)
        {
            YiResult result = Yi.Run(args);
            Assert.Equal(2, result.ExitCode);
            return result.Error;
        }
        Assert.Contains("--dump-eval-details", Refused("eval", "import", OpenCompass(null), _runs["x"]), StringComparison.Ordinal);
        Assert.Contains("judges 1 items", Refused("eval", "import", OpenCompass("""[{"correct": true}]"""), _runs["x"]), StringComparison.Ordinal);
        Assert.Contains("holds no results", Refused("eval", "import", Directory.CreateDirectory(_runs["empty"]).FullName, _runs["x"]), StringComparison.Ordinal);
        Assert.Contains("is no folder", Refused("eval", "import", _runs["none"], _runs["x"]), StringComparison.Ordinal);
        Assert.Contains("--format", Refused("eval", "export", _runs["x"], _runs["y"], "--format", "csv"), StringComparison.Ordinal);

        string broken = Directory.CreateDirectory(_runs["broken"]).FullName;
        File.WriteAllText(Path.Combine(broken, "results_1.json"), """{"results": {"t": {"acc,none": 1}}}""");
        Assert.Contains("--log_samples", Refused("eval", "import", broken, _runs["x"]), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(broken, "samples_t_1.jsonl"), "{\"doc_id\": 0, \"arguments\": {\"a\": {\"arg_0\": \"q\"}}, \"filtered_resps\": [\"x\"]}\n{\"doc_id\": -1}\n");
        string error = Refused("eval", "import", broken, _runs["x"]);
        Assert.Contains("has no score", error, StringComparison.Ordinal);
        Assert.Contains("has no \"doc_id\"", error, StringComparison.Ordinal);

        Import(LmEval, "theirs");
        Assert.Contains("holds an evaluation already", Refused("eval", "import", LmEval, _runs["theirs"]), StringComparison.Ordinal);
        Assert.Contains("holds an evaluation of ours already, which needs no import", Refused("eval", "import", _runs["theirs"], _runs["x"]), StringComparison.Ordinal);
        File.WriteAllText(_runs["file"], "");
        Assert.Contains($"OUT {_runs["file"]} is a file; a folder was expected", Refused("eval", "export", _runs["theirs"], _runs["file"]), StringComparison.Ordinal);
        string below = Path.Combine(_runs["file"], "below");
        Assert.Contains($"OUT {below} lies in {_runs["file"]}, which is a file; a folder was expected", Refused("eval", "import", LmEval, below), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_prompts_are_compared_only_on_request()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "10")), b = _runs.Write("b", CompareRuns.Samples("t", "11").Select(s => s with { Prompt = "other" }));
        Assert.Contains("another prompt", Yi.Run("compare", a, b).Error, StringComparison.Ordinal);
        Assert.Equal(0, Yi.Run("compare", a, b, "--any-prompt").ExitCode);
    }
}
