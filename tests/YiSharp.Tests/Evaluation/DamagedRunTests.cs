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

    public static TheoryData<string> Readers => ["report", "report --json", "report --markdown", "report --latex", "report --html page.html", "audit", "export out", "compare"];

    private YiResult Read(string reader, string run)
    {
        string folder = _runs[run];
        return reader switch
        {
            "audit" => Yi.Run("eval", "audit", folder),
            "export out" => Yi.Run("eval", "export", folder, _runs["out"]),
            "compare" => Yi.Run("compare", _runs.Write("whole", CompareRuns.Samples("t", "1101")), folder),
            "report --html page.html" => Yi.Run("eval", "report", folder, "--html", _runs["page.html"]),
            _ => Yi.Run(["eval", "report", folder, .. reader.Split(' ')[1..]]),
        };
    }

    private void Refuses(string reader, string run, string why)
    {
        YiResult result = Read(reader, run);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Samples_that_are_missing_empty_or_there_twice_are_told_in_a_sentence(string reader)
    {
        string run = _runs.Write("m", CompareRuns.Samples("t", "1101"));
        string[] lines = File.ReadAllLines(Samples("m"));
        File.Delete(Samples("m"));
        Refuses(reader, "m", $"{Path.Combine(run, Sample.FileName)} cannot be read: there is no such file, and evaluation.json beside it has scores of its answers. Give the command");
        File.WriteAllText(Samples("m"), "");
        Refuses(reader, "m", "holds 0 samples of t, and evaluation.json beside it counts 4. Give the command");
        File.WriteAllLines(Samples("m"), [.. lines, lines[1]]);
        Refuses(reader, "m", $"{Sample.FileName}: line 5 is t, item 1 for the second time. Give the command");
        File.WriteAllLines(Samples("m"), [lines[0], lines[1], lines[1], lines[3]]);
        Refuses(reader, "m", $"{Sample.FileName}: line 3 is t, item 1 for the second time. Give the command");
        File.WriteAllLines(Samples("m"), [.. lines[..3], CompareRuns.Sample("u", null, 3, true).ToJson()]);
        Refuses(reader, "m", "holds 3 samples of t, and evaluation.json beside it counts 4");
        File.WriteAllLines(Samples("m"), [.. lines, CompareRuns.Sample("u", null, 3, true).ToJson()]);
        Refuses(reader, "m", "holds samples of u, and evaluation.json beside it does not name this task");
        File.WriteAllLines(Samples("m"), lines);
        Assert.Equal(0, Read(reader, "m").ExitCode);
    }

    [Theory]
    [InlineData("\"count\": 6", "\"count\": 7", "holds 6 samples of t, and evaluation.json beside it counts 7")]
    [InlineData("\"correct\": 4", "\"correct\": 5", "gives 4 as \"correct\" of t, and evaluation.json beside it says 5")]
    [InlineData("\"accuracy\": 0.6666666666666666", "\"accuracy\": 0.9", "gives 0.666667 as \"accuracy\" of t, and evaluation.json beside it says 0.9")]
    [InlineData("\"low\": 0.2", "\"low\": 0.4", "as \"interval.low\" of t")]
    [InlineData("\"extraction_failures\": 1", "\"extraction_failures\": 0", "gives 1 as \"extraction_failures\" of t")]
    [InlineData("\"truncated\": 1", "\"truncated\": 0", "gives 1 as \"truncated\" of t")]
    [InlineData("\"failures\": 1", "\"failures\": 0", "gives 1 as \"failures\" of t")]
    [InlineData("\"standard_error\": 0.2", "\"standard_error\": 0.1", "as \"standard_error\" of t")]
    [InlineData("\"macro_accuracy\": 0.6", "\"macro_accuracy\": 0.5", "as \"macro_accuracy\" of t")]
    [InlineData("\"name\": \"law\"", "\"name\": \"art\"", "holds nothing of art of t, and evaluation.json beside it has a score of that")]
    [InlineData("\"correct\": 2", "\"correct\": 3", "as \"correct\" of t, ")]
    [InlineData("\"value\": 0.5", "\"value\": 0.6", "gives 0.5 as \"value\" of t, acc_norm")]
    [InlineData("\"name\": \"acc_norm\"", "\"name\": \"acc_best\"", "holds nothing of acc_best of t")]
    [InlineData("\"tasks\": [", "\"tasks\": [{\"name\":\"x\",\"count\":0,\"correct\":0,\"accuracy\":1,\"interval\":{\"low\":0,\"high\":1},\"extraction_failures\":0,\"truncated\":0},", "gives 0 as \"accuracy\" of x, and evaluation.json beside it says 1")]
    [InlineData("\"tasks\": [", "\"tasks\": [null,", "is not an evaluation: null stands among its tasks")]
    [InlineData("\"tasks\": [", "\"tasks\": [{\"name\":\"t\",\"count\":0,\"correct\":0,\"accuracy\":0,\"interval\":{\"low\":0,\"high\":1},\"extraction_failures\":0,\"truncated\":0},", "is not an evaluation: it has 2 scores of t.")]
    public void Scores_that_do_not_follow_from_the_samples_are_refused_by_field(string written, string edited, string why)
    {
        Sample Of(int item, bool correct) => CompareRuns.Sample("t", item < 3 ? "law" : "logic", item, correct) with { Metrics = new Dictionary<string, double> { ["acc_norm"] = item % 2 } };
        string run = _runs.Write("m", [
            Of(0, true), Of(1, true), Of(2, false) with { Response = new Response("", YiSharp.Inference.FinishReason.Stop) { Failure = "too long" }, Prediction = Prediction.NothingFound },
            Of(3, true), Of(4, true), Of(5, false) with { Response = new Response("Well", YiSharp.Inference.FinishReason.Length), Prediction = Prediction.NothingFound },
        ]);
        string report = File.ReadAllText(Report("m"));
        Assert.Contains(written, report, StringComparison.Ordinal);
        Assert.Equal(0, Read("report", "m").ExitCode);
        int at = report.IndexOf(written, StringComparison.Ordinal);
        File.WriteAllText(Report("m"), report[..at] + edited + report[(at + written.Length)..]);
        foreach (string reader in (string[])["report", "report --json", "report --html page.html", "audit", "export out", "compare"]) Refuses(reader, "m", why);
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
        foreach (string behind in (string[])["{\"task", lines[0] + "\n", lines[^1] + "\n"])
        {
            File.WriteAllText(Samples("run"), samples + behind);
            Assert.Equal((0, all), Ask("run"));
            Assert.Equal(samples, File.ReadAllText(Samples("run")));
        }
        File.WriteAllText(Report("run"), report.Replace("\"correct\": 0", "\"correct\": 1", StringComparison.Ordinal));
        Assert.Equal((0, null), Ask("run"));
        Assert.Equal((samples, report), (File.ReadAllText(Samples("run")), File.ReadAllText(Report("run"))));
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
