using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class EvalRunTests : IDisposable
{
    private static readonly string Capitals = Path.Combine(Repository.Root, "tasks", "capitals", "capitals.yaml");
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Out(string name) => Path.Combine(_folder, name);

    private static string[] Ask(string folder, params string[] others) => ["eval", "--task", Capitals, "--limit", "1", "--max-new-tokens", "1", "--out", folder, .. others];

    private string Set(params string[] questions)
    {
        string path = Path.Combine(_folder, "set.jsonl");
        File.WriteAllLines(path, questions.Select(question => JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = question }, new { role = "assistant", content = "yes" } }, answer = "yes", check = "exact" })));
        return path;
    }

    [Fact]
    public void A_run_says_how_its_model_computed_and_another_arithmetic_is_another_run()
    {
        Assert.Equal(0, Yi.Run(Ask(Out("usual"))).ExitCode);
        Assert.Equal(0, Yi.Run(Ask(Out("exact"), "--precision", "f32")).ExitCode);
        EvaluationReport usual = EvaluationReport.Read(Path.Combine(Out("usual"), EvaluationReport.FileName)), exact = EvaluationReport.Read(Path.Combine(Out("exact"), EvaluationReport.FileName));
        Assert.Equal(new Arithmetic("Q4_1", "default", "f16"), usual.Arithmetic);
        Assert.Equal(new Arithmetic("Q4_1", "f32", "f32"), exact.Arithmetic);
        Assert.Equal(usual.ModelFingerprint, exact.ModelFingerprint);
        Assert.NotEqual(usual.Fingerprint, exact.Fingerprint);
        Assert.Contains("keys and values", File.ReadAllText(Path.Combine(Out("exact"), RunPage.FileName)), StringComparison.Ordinal);

        YiResult same = Yi.Run(Ask(Out("usual"), "--kv-cache", "f16")); // what is taken when nothing is given
        Assert.Contains("1 question was answered by an earlier start: nothing is left to ask.", same.Error, StringComparison.Ordinal);
        YiResult other = Yi.Run(Ask(Out("usual"), "--kv-cache", "q8"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("--kv-cache was f16 and is q8", other.Error, StringComparison.Ordinal);
        Assert.Contains("f32 precision − default precision", Yi.Run("compare", Out("usual"), Out("exact")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_that_are_too_long_are_counted_and_the_reason_is_said()
    {
        string endless = string.Concat(Enumerable.Repeat("word ", 9000));
        YiResult some = Yi.Run("eval", "--data", Set("Is it so?", endless), "--max-new-tokens", "1", "--out", Out("some"));
        Assert.Equal(0, some.ExitCode);
        Assert.Contains("1 of 2 questions has no answer; it is set, item 1: The prompt has ", some.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--retry-failed", some.Error, StringComparison.Ordinal);

        YiResult none = Yi.Run("eval", "--data", Set(endless), "--task", Capitals, "--limit", "1", "--max-new-tokens", "1", "--out", Out("none"));
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("1 of 2 questions has no answer", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_says_that_its_command_goes_on()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Sends a POSIX signal.");
        bool answers = false;
        var asked = new TaskCompletionSource();
        using var server = new EndpointsFakeServer(request =>
        {
            if (answers || request.Body.Contains("France", StringComparison.Ordinal)) return FakeReply.Ok(EndpointsAsking.Chat("B"));
            asked.TrySetResult();
            return FakeReply.Silence;
        });
        string[] command = ["eval", "--task", Capitals, "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--concurrency", "1", "--out", Out("run")];
        using (Process process = ProgramProcess.Start(command))
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(130, process.ExitCode);
            Assert.EndsWith("yi: interrupted. What is finished is kept; the same command goes on from there.", error.TrimEnd(), StringComparison.Ordinal);
        }
        answers = true;
        YiResult second = Yi.Run(command);
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(6, EvaluationReport.Read(Path.Combine(Out("run"), EvaluationReport.FileName)).Tasks[0].Count);
    }

    [Fact]
    public async Task Answers_of_an_endpoint_are_not_taken_over_by_a_command_with_other_options()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Sends a POSIX signal.");
        bool answers = false;
        var asked = new TaskCompletionSource();
        using var server = new EndpointsFakeServer(request =>
        {
            if (answers || request.Body.Contains("France", StringComparison.Ordinal)) return FakeReply.Ok(EndpointsAsking.Chat("B"));
            asked.TrySetResult();
            return FakeReply.Silence;
        });
        string[] command = ["eval", "--task", Capitals, "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--concurrency", "1", "--out", Out("run")];
        using (Process process = ProgramProcess.Start(command))
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        answers = true;
        YiResult other = Yi.Run([.. command, "--max-new-tokens", "5"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("holds an evaluation that was interrupted, of another model, other options or other questions", other.Error, StringComparison.Ordinal);
        foreach (string[] reader in (string[][])[["eval", "report", Out("run")], ["eval", "audit", Out("run")], ["compare", Out("run"), Out("other")]])
        {
            YiResult result = Yi.Run(reader);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains("holds an evaluation that is not finished: it was interrupted, or still goes on. Give its own command again", result.Error, StringComparison.Ordinal);
        }
        YiResult same = Yi.Run(command);
        Assert.Equal(0, same.ExitCode);
        Assert.Contains("1 answer of an earlier start stands in requests.jsonl and is not asked for again.", same.Error, StringComparison.Ordinal);
        Assert.Contains("6 questions in 6 requests", same.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_which_nothing_can_be_written_is_refused_before_the_model_is_loaded()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Takes /proc for a folder in which nobody can make a file.");
        YiResult result = Yi.Run(Ask("/proc/yi-evaluation"));
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("--out /proc/yi-evaluation cannot be written to", result.Error, StringComparison.Ordinal);
        Assert.Contains("--out is empty", Yi.Run(Ask("")).Error, StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Combine(Out("taken"), "samples.partial.db"));
        YiResult taken = Yi.Run(Ask(Out("taken")));
        Assert.Equal(2, taken.ExitCode);
        Assert.Contains("samples.partial.db cannot be opened or written to", taken.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--precision is 'f33'", "--precision", "f33")]
    [InlineData("--precision says how a model of this machine computes", "--endpoint", "http://127.0.0.1:9/v1", "--endpoint-model", "m", "--precision", "f32")]
    [InlineData("--limit is 99999999999999; 2147483647 at most was expected", "--limit", "99999999999999")]
    public void Options_without_meaning_are_refused(string expected, params string[] options)
    {
        YiResult result = Yi.Run(["eval", "--task", Capitals, "--out", Out("x"), .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }
}
