using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

/// <summary>What <c>yi eval export</c> wrote and <c>yi eval import</c> reads is the run that it was, whatever its answers.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<string> Words = Gen.OneOf(Gen.String[Gen.Char['\u0000', '\u00ff'], 0, 12], OneOf("", "[invalid]", "[{\"role\": \"user\", \"content\": \"x\"}]", "7", "A", "\u2028你好 🙂", "Q: why?\nA: because"));

    private static readonly Gen<double> Share = Gen.OneOf(OneOf(0.0, 1.0), Gen.Double[0, 1]);

    private static readonly Gen<(int, int)?> Spans = Gen.Select(Gen.Bool, Gen.Int[0, 9], Gen.Int[0, 9], (isKnown, from, length) => isKnown ? (from, from + length) : ((int, int)?)null);

    private static readonly Gen<Response> Responses = Gen.Select(Words, Gen.Bool, (text, isCut) => new Response(text, isCut ? FinishReason.Length : FinishReason.Stop));

    private static readonly Gen<Response> NoResponse = Words.Select(why => new Response("", FinishReason.Stop) { Failure = "No answer: " + why });

    /// <summary>A chat of several turns, one turn, or a text without a template.</summary>
    private static readonly Gen<(string? Prompt, ChatMessage[] Messages)> Prompts = Gen.OneOf(
        Words.Select(text => ((string?)text, (ChatMessage[])[new("user", text)])),
        Words.Select(text => ((string?)null, (ChatMessage[])[new("user", text)])),
        Gen.Select(Words, Words, (a, b) => ((string?)null, (ChatMessage[])[new("system", a), new("user", b)])),
        Gen.Select(Words, Words, (a, b) => ((string?)a, (ChatMessage[])[new("user", b)])));

    private static readonly Gen<IReadOnlyDictionary<string, double>?> Metrics = Gen.Select(Gen.Bool, Share, Share, (areThere, a, b) => areThere ? new SortedDictionary<string, double> { ["acc_bytes"] = a, ["acc_norm"] = b } : (IReadOnlyDictionary<string, double>?)null);

    private static Sample New(string answer, Response response, Prediction prediction) => new("?", 0, [], answer, response, prediction);

    private static readonly Gen<Sample> Letters = Gen.Select(Gen.Double[-50, 0].Array[2, 5], Gen.Int[0, 1], (values, right) =>
    {
        int best = Array.IndexOf(values, values.Max());
        return New($"{(char)('A' + right)}", new Response("", FinishReason.Stop), new Prediction($"{(char)('A' + best)}", "likeliest", best == right)) with { LogLikelihoods = values };
    });

    private static readonly Gen<Sample> Texts = Gen.Select(Gen.Select(Gen.Double[-50, 0], Words).Array[2, 5], Gen.Bool, Share, Metrics, (options, areTwoRight, score, metrics) =>
    {
        double[] values = [.. options.Select(o => o.Item1)];
        int best = Array.IndexOf(values, values.Max());
        bool isRight = best == 0 || areTwoRight && best == 1;
        return New(areTwoRight ? "0,1" : "0", new Response("", FinishReason.Stop), new Prediction($"{best}", "likeliest", isRight)) with { LogLikelihoods = values, Options = [.. options.Select(o => " the " + o.Item2)], Score = score, Metrics = metrics };
    });

    private static readonly Gen<Sample> Written = Gen.Select(Responses, Words, Words, Gen.Bool, Gen.Bool, Spans, (response, answer, extracted, isFound, isRight, span) =>
        New(answer, response, isFound ? new Prediction(extracted, "declared", isRight) { Span = span, IsLowConfidence = !isRight } : Prediction.NothingFound));

    private static readonly Gen<Sample> Judged = Gen.Select(Responses, Words, Gen.OneOf(Responses, NoResponse), Share, Spans, (response, prompt, words, score, span) =>
        New("", response, words.Failure is null ? new Prediction("4", "score", score == 1) : Prediction.NothingFound) with { Judgement = new Judgement(prompt, words) { Span = span }, Score = words.Failure is null ? score : 0 });

    private static readonly Gen<Sample> Failed = Gen.Select(NoResponse, Words, (response, answer) => New(answer, response, Prediction.NothingFound));

    // Of each task: name, subject, what its answers are.
    private static readonly (string Task, string? Subject, Gen<Sample> Samples)[] Tasks =
    [
        ("mmlu", "astronomy", Gen.OneOf(Letters, Failed)), ("mmlu", "law", Letters), ("ceval", "law", Letters), ("truthfulqa_mc1", null, Gen.OneOf(Texts, Failed)), ("truthfulqa_mc2", null, Texts), ("opposites", null, Gen.OneOf(Failed, Texts)),
        ("gsm8k", null, Gen.OneOf(Written, Failed)), ("gsm8k_cot", null, Written), ("bbh", "navigate", Written), ("own task", "a_b", Gen.OneOf(Written, Judged, Failed)), ("essays", null, Gen.OneOf(Judged, Failed)),
    ];

    private static readonly Gen<Sample[]> AllTasks = Tasks.Select(task => Gen.Select(task.Samples, Prompts).Array[1, 4].Select(rows =>
            rows.Select((row, i) => row.Item1 with { Task = task.Task, Subject = task.Subject, Item = 3 * i, Prompt = row.Item2.Prompt, Messages = row.Item2.Messages }).ToArray()))
        .Aggregate((some, others) => Gen.Select(some, others, (a, b) => (Sample[])[.. a, .. b]));

    [Fact]
    public void What_was_exported_is_imported_as_it_was() => AllTasks.Sample(samples =>
    {
        string folder = _runs.Write("m", samples), output = _runs["out"];
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        var protocol = new EvaluationProtocol { Name = "lm-eval-0.4", Version = 3, Shots = 2, MaxNewTokens = 40, BatchSize = 8, Limit = 5, Seed = 7 };
        EvaluationReport report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName)) with
        {
            Protocol = protocol,
            Arithmetic = new Arithmetic("Q4_K", "default", "f16"),
            TemplateSha256 = "12",
            StopIds = [7, 2],
            Judge = new JudgeDescription("a judge", "j", "yi") { TemplateSha256 = "34" },
        };
        report = report with { Tasks = [.. report.Tasks.Select(task => task with { DataSha256 = task.Name == "mmlu" ? "56" : null, RubricSha256 = task.Name == "essays" ? "78" : null, RulesVersion = task.Name == "bbh" ? 9 : null, MaxNewTokens = task.Name == "gsm8k" ? 40 : null, Stops = task.Name == "gsm8k" ? ["Q:", "\n"] : null })] };
        report.Write(Path.Combine(folder, EvaluationReport.FileName));

        ImportedRun again = Assert.Single(RunFolder.Import(Path.GetDirectoryName(LmEvalExport.Write(folder, output))!));
        Dictionary<(string, string?, int), string> lines = again.Samples.ToDictionary(sample => sample.Key, sample => sample.ToJson());
        Assert.Equal(samples.Length, lines.Count);
        foreach (Sample sample in samples) Assert.Equal(sample.ToJson(), lines[sample.Key]);
        // All but the hash of what was asked, which an import has of its answers, and the order of tasks, which is that of the results.
        EvaluationReport same = again.Report with { Fingerprint = report.Fingerprint, Tasks = [.. report.Tasks.Select(task => again.Report[task.Name])] };
        Assert.Equal(JsonSerializer.Serialize(report), JsonSerializer.Serialize(same));
        Assert.Empty(again.Remarks);
    }, iter: 25, threads: 1);

    private string Exported(params IEnumerable<Sample>[] samples) => Path.GetDirectoryName(Yi.Run("eval", "export", _runs.Write("m", samples), _runs["out"]).Lines[0])!;

    private static string FileOf(string folder, string task) => Directory.GetFiles(folder, $"samples_{task}_*.jsonl").Single();

    [Fact]
    public void A_run_is_exported_with_how_its_answers_were_written_and_the_tables_of_both_are_the_same()
    {
        string data = Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl");
        Assert.Equal(0, Yi.Run("eval", "--data", data, "--max-new-tokens", "2", "--out", _runs["ours"]).ExitCode);
        string results = Yi.Run("eval", "export", _runs["ours"], _runs["out"]).Lines[0], folder = Path.GetDirectoryName(results)!;
        JsonElement row = JsonDocument.Parse(File.ReadLines(FileOf(folder, "labels")).First()).RootElement, arguments = row.GetProperty("arguments").GetProperty("gen_args_0").GetProperty("arg_1");
        Assert.Equal("{\"until\":[],\"do_sample\":false,\"temperature\":0,\"max_gen_toks\":2}", arguments.GetRawText());
        Assert.Equal("length", row.GetProperty("yisharp").GetProperty("finish_reason").GetString());
        Assert.True(JsonElement.DeepEquals(arguments, JsonDocument.Parse(File.ReadAllText(results)).RootElement.GetProperty("configs").GetProperty("labels").GetProperty("generation_kwargs")));
        Assert.Equal(0, Yi.Run("eval", "import", folder, _runs["again"]).ExitCode);
        Assert.Equal(Yi.Run("eval", "report", _runs["ours"]).Output, Yi.Run("eval", "report", _runs["again"]).Output);
        Assert.Equal(Yi.Run("eval", "audit", _runs["ours"]).Output, Yi.Run("eval", "audit", _runs["again"]).Output);
    }

    [Fact]
    public void The_first_answer_of_options_may_have_failed()
    {
        Sample failed = CompareRuns.Sample("mmlu", "law", 0, false) with { Response = new Response("", FinishReason.Stop) { Failure = "The question is too long." }, Prediction = Prediction.NothingFound };
        string folder = Exported([failed, CompareRuns.Sample("mmlu", "law", 1, true) with { LogLikelihoods = [-2, -1], Response = new Response("", FinishReason.Stop) }]);
        JsonElement result = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(folder, "results_*.json").Single())).RootElement.GetProperty("results").GetProperty("mmlu_law");
        Assert.Equal(0.5, result.GetProperty("acc,none").GetDouble());
        JsonElement row = JsonDocument.Parse(File.ReadLines(FileOf(folder, "mmlu_law")).First()).RootElement;
        Assert.Equal(("none", "[]", 0), (row.GetProperty("filter").GetString(), row.GetProperty("filtered_resps").GetRawText(), row.GetProperty("acc").GetInt32()));
    }

    [Theory]
    [InlineData("[]", "is a list")]
    [InlineData("""{"protocol": 3}""", "is no evaluation.json without its scores")]
    public void Results_whose_field_of_ours_is_of_no_evaluation_are_refused(string field, string why)
    {
        string folder = Exported(CompareRuns.Samples("t", "11")), file = Directory.GetFiles(folder, "results_*.json").Single();
        JsonObject results = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        results["configs"]!["t"]!["metadata"]!["yisharp"] = JsonNode.Parse(field);
        File.WriteAllText(file, results.ToJsonString());
        YiResult result = Yi.Run("eval", "import", folder, _runs["x"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{file}: \"yisharp\" in the \"metadata\" of a task {why}; get the file again", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("correct", "false", "says \"correct\": false and \"score\": 1")]
    [InlineData("extracted", "\"C\"", "has other words in \"filtered_resps\" than in \"extracted\" of \"yisharp\"")]
    [InlineData("subject", "\"law\"", "is of t, law by \"yisharp\"; expected t, as its file is")]
    [InlineData("finish_reason", "\"why\"", "has the finish_reason \"why\"")]
    [InlineData("judge", "3", "has a number as \"judge\"")]
    [InlineData(null, "[]", "has a list as \"yisharp\"; expected an object")]
    public void Rows_whose_fields_of_ours_contradict_them_are_refused(string? field, string value, string why)
    {
        string folder = Exported(CompareRuns.Samples("t", "11")), file = FileOf(folder, "t");
        JsonObject row = JsonNode.Parse(File.ReadLines(file).First())!.AsObject();
        if (field is null) row["yisharp"] = JsonNode.Parse(value);
        else row["yisharp"]![field] = JsonNode.Parse(value);
        File.WriteAllLines(file, [row.ToJsonString(), .. File.ReadLines(file).Skip(1)]);
        YiResult result = Yi.Run("eval", "import", folder, _runs["x"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tasks_that_would_be_one_of_lm_eval_are_not_exported()
    {
        YiResult result = Yi.Run("eval", "export", _runs.Write("m", CompareRuns.Samples("a", "1", "b"), CompareRuns.Samples("a_b", "0")), _runs["out"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("a, b and a_b would both be exported as a_b; evaluate one of them under another name.", result.Error, StringComparison.Ordinal);
    }
}
