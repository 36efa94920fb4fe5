using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Tests.Evaluation;

public sealed class EvaluatorTests : IDisposable
{
    private static readonly EvaluationProtocol Protocol = new() { BatchSize = 4 };
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Knows half of the answers, answers in reverse order, and stops after a number of answers.</summary>
    private sealed class FakeResponder(int limit = int.MaxValue) : IResponder
    {
        public int Answered { get; private set; }

        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = prompts.Count - 1; i >= 0; i--)
            {
                if (Answered == limit) throw new OperationCanceledException("interrupted");
                Answered++;
                string question = prompts[i].Messages[^1].Content;
                string text = question.Length % 2 == 0 ? "[positive]" : question.Length % 3 == 0 ? "无\ud800法 </script>" : "The answer is 18.";
                onResponse(i, new Response(text, question.Length % 5 == 0 ? FinishReason.Length : FinishReason.Stop));
            }
        }
    }

    private static IEvaluationTask[] Tasks() =>
    [
        AbilityTask.Read("labels", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl")),
        Gsm8kTask.Read(Path.Combine(Repository.Root, "runs", "tiny", "gsm8k.jsonl")),
    ];

    private static Evaluator Create(IResponder responder, string model = "m", string weights = "w") => new(new EvaluatedModel(model, weights), () => responder, Protocol);

    private string[] Files(string name) => [.. Directory.GetFiles(Path.Combine(_folder, name)).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private (string Report, string Samples) Bytes(string name) =>
        (File.ReadAllText(Path.Combine(_folder, name, "evaluation.json")), File.ReadAllText(Path.Combine(_folder, name, "samples.jsonl")));

    private sealed class Saying(string text, FinishReason reason) : IResponder
    {
        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = 0; i < prompts.Count; i++) onResponse(i, new Response(text, reason));
        }
    }

    [Theory]
    [InlineData("The answer is 18.", FinishReason.Length, true)]
    [InlineData("The answer is 18.", FinishReason.Stop, false)]
    [InlineData("The answer is 18. Let me tell you why: she has", FinishReason.Length, false)]
    public void An_answer_at_the_place_where_the_limit_cut_the_text_is_of_low_confidence(string text, FinishReason reason, bool isLow)
    {
        string folder = Path.Combine(_folder, "cut");
        Create(new Saying(text, reason)).Run(folder, [Gsm8kTask.Read(Path.Combine(Repository.Root, "runs", "tiny", "gsm8k.jsonl"))]);
        Assert.All(Sample.ReadAll(Path.Combine(folder, Sample.FileName)), sample => Assert.Equal(("18", isLow), (sample.Prediction.Extracted, sample.Prediction.IsLowConfidence)));
    }

    [Fact]
    public void Scores_count_right_answers_and_failures_and_the_samples_say_why()
    {
        string folder = Path.Combine(_folder, "run");
        EvaluationReport report = Create(new FakeResponder()).Run(folder, Tasks());
        IReadOnlyList<Sample> samples = Sample.ReadAll(Path.Combine(folder, "samples.jsonl"));

        Assert.Equal(["evaluation.json", "samples.jsonl"], Files("run"));
        Assert.Equal(8, samples.Count);
        Assert.Equal(["labels", "gsm8k"], report.Tasks.Select(t => t.Name));
        foreach (TaskScore score in report.Tasks)
        {
            Sample[] own = [.. samples.Where(s => s.Task == score.Name)];
            Assert.Equal(Enumerable.Range(0, own.Length), own.Select(s => s.Item));
            Assert.Equal(own.Length, score.Count);
            Assert.Equal(own.Count(s => s.Prediction.Correct), score.Correct);
            Assert.Equal(own.Count(s => s.Prediction.Rule is null), score.ExtractionFailures);
            Assert.Equal(own.Count(s => s.Response.FinishReason == FinishReason.Length), score.Truncated);
            Assert.Equal(Proportion.Wilson(score.Correct, score.Count), score.Interval);
        }
        Assert.True(report["labels"].ExtractionFailures > 0);
        Assert.True(report["labels"].Correct > 0);
        EvaluationReport read = EvaluationReport.Read(Path.Combine(folder, "evaluation.json"));
        Assert.Equal(report.Tasks, read.Tasks);
        Assert.Equal(report with { Tasks = read.Tasks }, read);
        Assert.Throws<ArgumentException>(() => report["mmlu"]);
    }

    [Fact]
    public void Interrupted_after_any_answer_it_goes_on_and_ends_with_the_same_bytes()
    {
        Create(new FakeResponder()).Run(Path.Combine(_folder, "whole"), Tasks());
        for (int limit = 0; limit < 8; limit++)
        {
            string name = $"cut-{limit}", folder = Path.Combine(_folder, name);
            Assert.Throws<OperationCanceledException>(() => Create(new FakeResponder(limit)).Run(folder, Tasks()));
            Assert.False(File.Exists(Path.Combine(folder, "evaluation.json")));

            var second = new FakeResponder();
            Create(second).Run(folder, Tasks());

            // Batches of labels are 4 and 2, the one of gsm8k is 2: what whole batches answered is not asked again.
            int kept = limit < 4 ? 0 : limit < 6 ? 4 : 6;
            Assert.Equal(8 - kept, second.Answered);
            Assert.Equal(Bytes("whole"), Bytes(name));
            Assert.Equal(["evaluation.json", "samples.jsonl"], Files(name));
        }
    }

    [Fact]
    public void A_ledger_torn_at_any_byte_still_ends_with_the_same_bytes()
    {
        Create(new FakeResponder()).Run(Path.Combine(_folder, "whole"), Tasks());
        string folder = Path.Combine(_folder, "torn"), partial = Path.Combine(folder, "samples.partial.db");
        Assert.Throws<OperationCanceledException>(() => Create(new FakeResponder(6)).Run(folder, Tasks()));
        byte[] ledger = File.ReadAllBytes(partial);
        for (int length = 0; length <= ledger.Length; length += 509)
        {
            File.Delete(Path.Combine(folder, "evaluation.json"));
            File.WriteAllBytes(partial, ledger[..length]);
            Create(new FakeResponder()).Run(folder, Tasks());
            Assert.Equal(Bytes("whole"), Bytes("torn"));
        }
    }

    [Fact]
    public void A_finished_run_is_not_asked_again_and_another_model_or_limit_starts_from_nothing()
    {
        string folder = Path.Combine(_folder, "run");
        EvaluationReport report = Create(new FakeResponder()).Run(folder, Tasks());

        var again = new Evaluator(new EvaluatedModel("m", "w"), () => throw new InvalidOperationException("nothing is left to ask"), Protocol);
        Assert.Equal(report.Fingerprint, again.Run(folder, Tasks()).Fingerprint);

        var other = new FakeResponder();
        Assert.NotEqual(report.Fingerprint, Create(other, weights: "w2").Run(folder, Tasks()).Fingerprint);
        Assert.Equal(8, other.Answered);

        Assert.Throws<OperationCanceledException>(() => Create(new FakeResponder(6), weights: "w3").Run(folder, Tasks()));
        Assert.False(File.Exists(Path.Combine(folder, "evaluation.json")));
        var limited = new FakeResponder();
        new Evaluator(new EvaluatedModel("m", "w3"), () => limited, Protocol with { MaxNewTokens = 7 }).Run(folder, Tasks());
        Assert.Equal(8, limited.Answered);

        File.WriteAllText(Path.Combine(folder, "evaluation.json"), "{\"model\": 3}");
        var repaired = new FakeResponder();
        Create(repaired).Run(folder, Tasks());
        Assert.Equal(8, repaired.Answered);
    }

    [Fact]
    public void Progress_counts_every_answer_and_names_must_differ()
    {
        var seen = new List<EvaluationProgress>();
        EvaluationReport report = Create(new FakeResponder()).Run(Path.Combine(_folder, "run"), Tasks(), seen.Add);
        Assert.Equal(8, seen.Count);
        Assert.Equal(new EvaluationProgress("labels", 6, 6, report["labels"].Correct), seen[5]);
        Assert.Equal(new EvaluationProgress("gsm8k", 2, 2, report["gsm8k"].Correct), seen[7]);

        IEvaluationTask task = Tasks()[0];
        Assert.Throws<ArgumentException>(() => Create(new FakeResponder()).Run(Path.Combine(_folder, "twice"), [task, task]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Evaluator(new EvaluatedModel("m", "w"), () => new FakeResponder(), new EvaluationProtocol { BatchSize = 0 }).Run(_folder, [task]));
    }

    [Fact]
    public void Files_that_are_no_results_are_refused_in_words()
    {
        string path = Path.Combine(_folder, "x");
        Assert.Contains("cannot be read", Assert.Throws<InvalidDataException>(() => EvaluationReport.Read(path)).Message);
        foreach (string content in new[] { "", "null", "[]", "{}", "{\"model\": \"m\", \"model_fingerprint\": null}" })
        {
            File.WriteAllText(path, content);
            Assert.Throws<InvalidDataException>(() => EvaluationReport.Read(path));
            Assert.Throws<InvalidDataException>(() => Sample.ReadAll(path));
        }
    }

    [Fact]
    public void The_showcase_is_asked_once_and_read_afterwards()
    {
        IReadOnlyList<ShowcasePrompt> prompts = ShowcasePrompt.ReadAll(Path.Combine(Repository.Root, "runs", "showcase.yaml"));
        var model = new EvaluatedModel("m", "w");
        var responder = new FakeResponder();
        IReadOnlyList<Response> first = Showcase.Answer(_folder, model, () => responder, prompts, 64);
        Assert.Equal(6, responder.Answered);
        string bytes = File.ReadAllText(Path.Combine(_folder, "showcase.jsonl"));
        Assert.Equal(first, Showcase.Answer(_folder, model, () => throw new InvalidOperationException("asked again"), prompts, 64));
        Showcase.Answer(_folder, model, () => responder, prompts, 32);
        Assert.Equal(12, responder.Answered);
        Assert.NotEqual(bytes, File.ReadAllText(Path.Combine(_folder, "showcase.jsonl")));
    }
}
