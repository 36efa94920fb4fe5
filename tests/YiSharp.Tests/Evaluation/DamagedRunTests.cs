using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary>A finished run whose files were cut off or overwritten: nothing is printed of it, and its own command mends it.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private string Samples(string run) => Path.Combine(_runs[run], Sample.FileName);

    private string Report(string run) => Path.Combine(_runs[run], EvaluationReport.FileName);

    public static TheoryData<string> Readers => ["report --html page.html", "audit", "export out", "compare"];

    private YiResult Read(string reader, string run)
    {
        string folder = _runs[run];
        return reader switch
        {
            "audit" => Yi.Run("eval", "audit", folder),
            "export out" => Yi.Run("eval", "export", folder, _runs["out"]),
            "compare" => Yi.Run("compare", _runs.Write("whole", CompareRuns.Samples("t", "1101")), folder),
            _ => Yi.Run("eval", "report", folder, "--html", _runs["page.html"]),
        };
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Cut_off_samples_are_named_by_line_with_what_to_do_and_nothing_is_printed(string reader)
    {
        string run = _runs.Write("m", CompareRuns.Samples("t", "1101")), text = File.ReadAllText(Samples("m"));
        File.WriteAllText(Samples("m"), text[..(text.IndexOf("\"item\":2", StringComparison.Ordinal) + 30)]);
        YiResult result = Read(reader, "m");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{Path.Combine(run, Sample.FileName)}: line 3 is not valid JSON: it ends in the middle of a value (byte", result.Error, StringComparison.Ordinal);
        Assert.Contains("Give the command that wrote the folder again: the answers before the damage are kept", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Samples_cut_off_at_a_line_end_are_counted(string reader)
    {
        _runs.Write("m", CompareRuns.Samples("t", "1101"));
        File.WriteAllLines(Samples("m"), File.ReadAllLines(Samples("m"))[..3]);
        YiResult result = Read(reader, "m");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("holds 3 samples of t, and evaluation.json beside it counts 4. Give the command", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\0\0\0", "a byte 0x00 cannot stand there (byte 0)")]
    [InlineData("{\"model\": \"m\"", "it ends in the middle of a value (byte 13)")]
    [InlineData("{\"model\": 3}", "\"model\" is of another kind than expected, or lacks a field")]
    [InlineData("{\"model\": \"m\", \"tasks\": [{\"name\": \"t\"}]}", "\"tasks[0]\" is of another kind than expected, or lacks a field")]
    [InlineData("null", "it lacks a field that is expected there, or is no object")]
    [InlineData("", "it is empty")]
    public void Damaged_scores_are_told_in_words_of_our_own(string content, string reason)
    {
        _runs.Write("m", CompareRuns.Samples("t", "1101"));
        File.WriteAllText(Report("m"), content);
        YiResult result = Yi.Run("eval", "report", _runs["m"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"is not an evaluation: {reason}. Delete it and give the command that wrote it again.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Answers, and counts what it was asked.</summary>
    private sealed class Counting : IResponder
    {
        public int Asked { get; private set; }

        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = 0; i < prompts.Count; i++)
            {
                Asked++;
                onResponse(i, new Response($"[positive] {prompts[i].Messages[^1].Content.Length}", YiSharp.Inference.FinishReason.Stop));
            }
        }
    }

    private (int Asked, int? Damage) Ask(string run)
    {
        var responder = new Counting();
        int? damage = null;
        new Evaluator(new EvaluatedModel("m", "w"), () => responder, new EvaluationProtocol { BatchSize = 2 }) { OnDamage = count => damage = count }.Run(_runs[run],
            [AbilityTask.Read("labels", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl")), Gsm8kTask.Read(Path.Combine(Repository.Root, "runs", "tiny", "gsm8k.jsonl"))]);
        return (responder.Asked, damage);
    }

    [Fact]
    public void The_same_run_again_keeps_what_stands_before_the_damage_and_ends_with_the_same_bytes()
    {
        (int all, _) = Ask("run");
        string samples = File.ReadAllText(Samples("run")), report = File.ReadAllText(Report("run"));
        int first = EvaluationReport.Read(Report("run")).Tasks[0].Count;
        Assert.Equal((0, null), Ask("run"));
        string[] lines = samples.Split('\n')[..^1];
        for (int kept = 0; kept < all; kept++)
        {
            string before = string.Concat(lines[..kept].Select(line => line + "\n"));
            foreach (string damaged in (string[])[before, before + lines[kept][..20], before + "\0\0\n" + string.Join('\n', lines[kept..])])
            {
                File.WriteAllText(Samples("run"), damaged);
                int whole = kept < first ? kept / 2 * 2 : first + (kept - first) / 2 * 2;
                Assert.Equal((all - whole, kept), Ask("run"));
                Assert.Equal((samples, report), (File.ReadAllText(Samples("run")), File.ReadAllText(Report("run"))));
            }
        }
        File.WriteAllText(Samples("run"), samples + "{\"task");
        Assert.Equal((0, all), Ask("run"));
        Assert.Equal(samples, File.ReadAllText(Samples("run")));
    }

    [Fact]
    public void The_command_line_says_that_it_asks_what_is_missing()
    {
        string[] command = ["eval", "--data", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl"), "--max-new-tokens", "2", "--out", _runs["run"]];
        Assert.Equal(0, Yi.Run(command).ExitCode);
        string samples = File.ReadAllText(Samples("run"));
        File.WriteAllText(Samples("run"), samples[..^7]);
        YiResult again = Yi.Run(command);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains($"samples.jsonl is damaged or cut off behind line {samples.Split('\n').Length - 2}; what is missing is asked again.", again.Error, StringComparison.Ordinal);
        Assert.Equal(samples, File.ReadAllText(Samples("run")));
    }
}
