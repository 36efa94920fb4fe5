using System.Text.RegularExpressions;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class RetryFailedTests : IDisposable
{
    private const int Questions = 8;
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-retry-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Fails at some of the questions that it is asked, and is interrupted after a number of them.</summary>
    private sealed class Flaky(Func<string, bool> fails, int limit = int.MaxValue) : IResponder
    {
        public List<string> Asked { get; } = [];

        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = 0; i < prompts.Count; i++)
            {
                if (Asked.Count == limit) throw new OperationCanceledException("interrupted");
                string question = prompts[i].Messages[^1].Content;
                Asked.Add(question);
                onResponse(i, fails(question) ? new Response("", FinishReason.Stop) { Failure = "It was \"too busy\"." } : new Response($"[positive] {question.Length}", FinishReason.Stop));
            }
        }
    }

    private static IEvaluationTask[] Tasks() =>
    [
        AbilityTask.Read("labels", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl")),
        Gsm8kTask.Read(Path.Combine(Repository.Root, "runs", "tiny", "gsm8k.jsonl")),
    ];

    private static bool IsOdd(string question) => question.Length % 2 == 1 || question.Contains("Janet", StringComparison.Ordinal);

    private Flaky Run(string name, Func<string, bool> fails, bool retries = false, int limit = int.MaxValue)
    {
        var responder = new Flaky(fails, limit);
        new Evaluator(new EvaluatedModel("m", "w"), () => responder, new EvaluationProtocol { BatchSize = 2 }) { RetriesFailed = retries }.Run(Path.Combine(_folder, name), Tasks());
        return responder;
    }

    private string Bytes(string name) => File.ReadAllText(Path.Combine(_folder, name, EvaluationReport.FileName)) + File.ReadAllText(Path.Combine(_folder, name, Sample.FileName));

    [Fact]
    public void What_failed_is_asked_again_alone_and_ends_as_if_it_never_had()
    {
        Run("whole", _ => false);
        Run("failed", IsOdd);
        string before = Bytes("failed");
        Assert.Empty(Run("failed", _ => false).Asked);
        Assert.Equal(before, Bytes("failed"));

        string[] failed = [.. Sample.ReadAll(Path.Combine(_folder, "failed", Sample.FileName)).Where(s => s.Failure is not null).Select(s => s.Messages[^1].Content)];
        Assert.InRange(failed.Length, 2, Questions - 1);
        Assert.Equal(failed, Run("failed", _ => false, retries: true).Asked);
        Assert.Equal(Bytes("whole"), Bytes("failed"));
        Assert.Equal(["evaluation.json", "samples.jsonl"], Directory.GetFiles(Path.Combine(_folder, "failed")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Empty(Run("failed", _ => false, retries: true).Asked);
    }

    [Fact]
    public void What_fails_again_stays_a_failure_and_what_is_not_there_yet_is_asked_once()
    {
        Run("all", IsOdd);
        string before = Bytes("all");
        Run("all", IsOdd, retries: true);
        Assert.Equal(before, Bytes("all"));
        Assert.Equal(Questions, Run("new", IsOdd, retries: true).Asked.Count);
        Assert.Equal(before, Bytes("new"));
    }

    [Fact]
    public void Interrupted_while_it_asks_again_it_goes_on_with_or_without_asking_again()
    {
        Run("whole", _ => false);
        Run("failed", IsOdd);
        int failed = Sample.ReadAll(Path.Combine(_folder, "failed", Sample.FileName)).Count(s => s.Failure is not null);
        for (int limit = 0; limit < failed; limit++)
        {
            string name = $"cut-{limit}";
            Run(name, IsOdd);
            Assert.Throws<OperationCanceledException>(() => Run(name, _ => false, retries: true, limit));
            Assert.Empty(Run(name, _ => false).Asked); // without the wish the rest stays as it is
            Assert.Equal(Questions, EvaluationReport.Read(Path.Combine(_folder, name, EvaluationReport.FileName)).Tasks.Sum(task => task.Count));
            Run(name, _ => false, retries: true);
            Assert.Equal(Bytes("whole"), Bytes(name));
        }
    }

    [Fact]
    public void Failures_of_an_unfinished_run_are_asked_again_too()
    {
        Run("whole", _ => false);
        Assert.Throws<OperationCanceledException>(() => Run("cut", IsOdd, limit: 5));
        Run("cut", _ => false, retries: true);
        Assert.Equal(Bytes("whole"), Bytes("cut"));
    }

    [Theory]
    [InlineData("{}", "line 1 has no \"item\"")]
    [InlineData(null, "line 1 is of gsm8k, item 0, which is not the question that the run asked there")]
    public void Samples_that_are_not_the_runs_are_refused_and_nothing_is_lost(string? content, string message)
    {
        Run("run", IsOdd);
        string path = Path.Combine(_folder, "run", Sample.FileName), report = Path.Combine(_folder, "run", EvaluationReport.FileName), before = File.ReadAllText(report);
        File.WriteAllText(path, content ?? string.Join('\n', File.ReadLines(path).Reverse().Order(StringComparer.Ordinal)) + "\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Run("run", _ => false, retries: true)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(report));
    }

    [Fact]
    public void The_command_line_says_how_many_have_no_answer_and_asks_them_again()
    {
        bool isBusy = true;
        using var server = new EndpointsFakeServer(request => isBusy && request.Body.Contains("Kenya", StringComparison.Ordinal) ? FakeReply.Of(422, "{}") : FakeReply.Ok(EndpointsAsking.Chat("B")));
        string[] arguments = ["eval", "--task", Path.Combine(Repository.Root, "tasks", "capitals", "capitals.yaml"), "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--out"];
        string output = Path.Combine(_folder, "out");
        YiResult first = Yi.Run([.. arguments, output]);
        Assert.Contains("1 of 6 questions has no answer; it is ", first.Error, StringComparison.Ordinal);
        isBusy = false;
        int Timed() => BatchTiming.Totals(output, EvaluationReport.Read(Path.Combine(output, EvaluationReport.FileName)).Fingerprint).Sum(batch => batch.Items);
        Assert.Equal(6, Timed());
        YiResult second = Yi.Run([.. arguments, output, "--retry-failed"]), never = Yi.Run([.. arguments, Path.Combine(_folder, "never")]);
        Assert.Equal(7, Timed());
        Assert.DoesNotContain("--retry-failed", second.Error, StringComparison.Ordinal);
        Assert.Matches(new Regex("6 questions in 7 requests \\(1 retry\\), 0 without an answer"), second.Error);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder, "never", EvaluationReport.FileName)), File.ReadAllText(Path.Combine(output, EvaluationReport.FileName)));
    }

    [Fact]
    public void A_run_in_which_no_question_was_answered_has_failed()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Of(422, "{}"));
        string output = Path.Combine(_folder, "out");
        YiResult result = Yi.Run("eval", "--task", Path.Combine(Repository.Root, "tasks", "capitals", "capitals.yaml"), "--limit", "2", "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--out", output);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("2 of 2 questions have no answer; the first is ", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(output, EvaluationReport.FileName)));
    }
}
