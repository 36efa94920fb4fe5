using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class JudgeTests : IDisposable
{
    private static readonly string Explanations = Path.Combine(Repository.Root, "tasks", "explanations", "explanations.yaml");
    private static readonly EvaluatedModel Model = new("m", "w"), JudgeModel = new("judge", "j") { TemplateSha256 = "t" };
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-judge-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Says what a function says, in reverse order, and is interrupted after a number of answers.</summary>
    private sealed class Speaker(Func<string, Response> say, int limit = int.MaxValue) : IResponder
    {
        public int Asked { get; private set; }

        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = prompts.Count - 1; i >= 0; i--)
            {
                if (Asked++ == limit) throw new OperationCanceledException("interrupted");
                onResponse(i, say(prompts[i].Messages[^1].Content));
            }
        }
    }

    private static Response Says(string words) => new(words, FinishReason.Stop);

    private static Response Answer(string question) => question.Contains("boats", StringComparison.Ordinal) ? Says("") with { Failure = "refused" } : Says($"about {question.Length} 🙂");

    private static Response Verdict(string prompt) =>
        prompt.Contains("sky", StringComparison.Ordinal) ? Says("It agrees. Score: 4") : prompt.Contains("seasons", StringComparison.Ordinal) ? Says("Well done!") : Says("") with { Failure = "too busy" };

    private EvaluationReport Run(string name, int answers = int.MaxValue, int verdicts = int.MaxValue, EvaluatedModel? judge = null, string? task = null)
    {
        var evaluator = new Evaluator(Model, () => new Speaker(Answer, answers), new EvaluationProtocol { BatchSize = 3 }) { Judge = new EvaluationJudge(judge ?? JudgeModel, () => new Speaker(Verdict, verdicts)) };
        return evaluator.Run(Path.Combine(_folder, name), [TaskFile.Read(task ?? Explanations)]);
    }

    private string Bytes(string name) => File.ReadAllText(Path.Combine(_folder, name, EvaluationReport.FileName)) + File.ReadAllText(Path.Combine(_folder, name, Sample.FileName));

    [Theory]
    [InlineData("It names both reasons.\nScore: 4", "4", 0.75)]
    [InlineData("**Score:** 5/5", "5", 1.0)]
    [InlineData("Score (1-5): **2**", "2", 0.25)]
    [InlineData("On a scale of 1 to 5, I give it a score of 3.5 out of 5.", "3.5", 0.625)]
    [InlineData("Score: 2. No, wait. Score: 4.", "4", 0.75)]
    [InlineData("评分：4分", "4", 0.75)]
    [InlineData("3", "3", 0.5)]
    [InlineData("[[5]]", "5", 1.0)]
    [InlineData("I would give this answer a 4.", "4", 0.75)]
    [InlineData("Score: 4 (on a scale with a score of 1 to 5)", "4", 0.75)]
    [InlineData("I am to give a score (1-5", null, 0.0)]
    [InlineData("Score: 4-5", null, 0.0)]
    [InlineData("Score: 0", null, 0.0)]
    [InlineData("Score: 7", null, 0.0)]
    [InlineData("Score: 4/10", null, 0.0)]
    [InlineData("Score: 80%, I think", null, 0.0)]
    [InlineData("A fine answer.", null, 0.0)]
    [InlineData("", null, 0.0)]
    public void A_score_is_read_where_it_lies_on_the_scale(string words, string? verdict, double score)
    {
        (Prediction found, double worth) = TaskFile.Read(Explanations).Rubric!.Read(words);
        Assert.Equal((verdict, score), (found.Extracted, worth));
        Assert.Equal(verdict is not null && score >= 0.75, found.Correct);
        if (found.Span is (int from, int to)) Assert.Equal(verdict, words[from..to]);
    }

    [Fact]
    public void Long_words_are_read_from_their_end()
    {
        string words = string.Concat(Enumerable.Repeat("score ", 100_000)) + "Score: 4";
        (Prediction found, double worth) = TaskFile.Read(Explanations).Rubric!.Read(words);
        Assert.Equal(("4", 0.75, (words.Length - 1, words.Length)), (found.Extracted, worth, found.Span!.Value));
    }

    [Theory]
    [InlineData("Yes.", true)]
    [InlineData("The answer leaves the tilt out. Verdict: no", false)]
    [InlineData("It says the same in other words.\n\nYes", true)]
    [InlineData("It could be.", null)]
    public void Yes_or_no_is_read_by_the_rules_that_hold_for_answers(string words, bool? expected)
    {
        (Prediction found, double score) = new Rubric { Prompt = "{answer}", MaxNewTokens = 8 }.Read(words);
        Assert.Equal(expected, found.Extracted is null ? null : found.Correct);
        Assert.Equal(expected == true ? 1 : 0, score);
    }

    [Fact]
    public void What_the_judge_was_asked_and_said_stands_in_the_sample_and_who_it_was_in_the_report()
    {
        EvaluationReport report = Run("run");
        Sample[] samples = [.. Sample.ReadAll(Path.Combine(_folder, "run", Sample.FileName))];
        Assert.Equal(("It agrees. Score: 4", "4", true, 0.75), (samples[0].Judgement!.Response.Text, samples[0].Prediction.Extracted, samples[0].Prediction.Correct, samples[0].Score));
        Assert.Equal("4", samples[0].Judgement!.Response.Text[samples[0].Judgement!.Span!.Value.From..samples[0].Judgement!.Span!.Value.To]);
        Assert.Contains("A right answer says: Air scatters short, blue waves of sunlight more than long, red ones.\nAnswer: about", samples[0].Judgement!.Prompt, StringComparison.Ordinal);
        Assert.Contains("Question: Why is the sky blue by day? Explain it in two sentences.\n", samples[0].Judgement!.Prompt, StringComparison.Ordinal);
        Assert.Equal(("refused", null), (samples[1].Failure, samples[1].Judgement)); // there is nothing to judge
        Assert.Equal((null, null, 0), (samples[2].Prediction.Extracted, samples[2].Failure, samples[2].Score));
        Assert.Equal("too busy", samples[3].Failure);

        TaskScore score = report["explanations"];
        Assert.Equal((4, 1, 0.75 / 4, 1, 2), (score.Count, score.Correct, score.Accuracy, score.ExtractionFailures, score.Failures));
        Assert.Equal(new JudgeDescription("judge", "j", "yisharp") { TemplateSha256 = "t" }, EvaluationReport.Read(Path.Combine(_folder, "run", EvaluationReport.FileName)).Judge);
        Assert.Equal(TaskFile.Read(Explanations).Rubric!.Sha256, score.RubricSha256);
    }

    [Fact]
    public void Interrupted_after_any_answer_or_verdict_a_run_ends_with_the_same_bytes()
    {
        Run("whole");
        for (int limit = 0; limit < 4; limit++)
        {
            Assert.Throws<OperationCanceledException>(() => Run($"answer-{limit}", answers: limit));
            Run($"answer-{limit}");
            Assert.Equal(Bytes("whole"), Bytes($"answer-{limit}"));
            if (limit == 3) break; // one answer failed, so three are judged
            Assert.Throws<OperationCanceledException>(() => Run($"verdict-{limit}", verdicts: limit));
            Run($"verdict-{limit}");
            Assert.Equal(Bytes("whole"), Bytes($"verdict-{limit}"));
        }
    }

    [Fact]
    public void Another_judge_template_or_rubric_is_another_run()
    {
        string copy = Path.Combine(_folder, "explanations.yaml");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Explanations)!)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.WriteAllText(copy, File.ReadAllText(copy).Replace("does not count", "doesn't count", StringComparison.Ordinal));
        string[] fingerprints = [.. new[] { Run("a"), Run("b", judge: JudgeModel with { Fingerprint = "k" }), Run("c", judge: JudgeModel with { TemplateSha256 = "u" }), Run("d", task: copy) }.Select(r => r.Fingerprint)];
        Assert.Equal(4, fingerprints.Distinct().Count());
        Assert.Throws<ArgumentException>(() => new Evaluator(Model, () => new Speaker(Answer), new EvaluationProtocol()).Run(Path.Combine(_folder, "e"), [TaskFile.Read(Explanations)]));
    }

    [Fact]
    public void Model_and_judge_may_both_be_behind_addresses_and_each_has_a_log()
    {
        using var server = new EndpointsFakeServer(request => FakeReply.Ok(EndpointsAsking.Chat(request.Body.Contains("\"model\":\"j\"", StringComparison.Ordinal) ? "Score: 5" : "Because.")));
        string output = Path.Combine(_folder, "out");
        string[] arguments = ["eval", "--task", Explanations, "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--judge-endpoint", server.Address.ToString(), "--judge-endpoint-model", "j", "--out", output, "--json"];
        YiResult result = Yi.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("judge: 4 questions in 4 requests", result.Error, StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(("j", 4), (report.GetProperty("judge").GetProperty("model").GetString(), report.GetProperty("tasks")[0].GetProperty("correct").GetInt32()));
        Assert.Equal(["evaluation.json", "judge.requests.jsonl", "report.html", "requests.jsonl", "samples.jsonl", "timings.jsonl"], Directory.GetFiles(output).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Equal(8, server.Requests.Count);
        Assert.Equal(0, Yi.Run(arguments).ExitCode);
        Assert.Equal(8, server.Requests.Count);
    }

    [Theory]
    [InlineData("explanations", "", "name it with --judge MODEL")]
    [InlineData("explanations", "--judge-endpoint http://x/v1", "--judge-endpoint needs --judge-endpoint-model")]
    [InlineData("explanations", "--judge m --judge-endpoint http://x/v1 --judge-endpoint-model j", "give one")]
    [InlineData("explanations", "--judge nosuch", "--judge 'nosuch' is neither")]
    [InlineData("dates", "--judge-endpoint http://x/v1 --judge-endpoint-model j", "no task asks for one")]
    [InlineData("dates", "--judge-retries 3", "--judge-retries is given without --judge-endpoint")]
    public void A_judge_that_is_missing_or_too_many_is_a_sentence(string task, string arguments, string message)
    {
        YiResult result = Yi.Run(["eval", "--task", Path.Combine(Repository.Root, "tasks", task, task + ".yaml"), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
