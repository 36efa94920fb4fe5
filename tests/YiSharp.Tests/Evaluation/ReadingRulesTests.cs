using System.Text.Json.Nodes;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class ReadingRulesTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private string Run(string model, int? version)
    {
        string folder = _runs.Write(model, CompareRuns.Samples("t", "1101"), CompareRuns.Samples("u", "0011")), path = Path.Combine(folder, EvaluationReport.FileName);
        var report = EvaluationReport.Read(path);
        (report with { Tasks = [report.Tasks[0] with { RulesVersion = version }, report.Tasks[1]] }).Write(path);
        return folder;
    }

    [Theory]
    [InlineData(1, 2, "Answers to t were not read by the same rules (a: version 1 of ours; b: version 2 of ours), so a difference may be one of reading")]
    [InlineData(null, 1, "Answers to t were not read by the same rules (a: rules that its files do not name; b: version 1 of ours)")]
    [InlineData(2, 2, null)]
    [InlineData(null, null, null)]
    public void Runs_read_by_different_rules_are_told_apart(int? first, int? second, string? remark)
    {
        string a = Run("a", first), b = Run("b", second), page = _runs["page.html"];
        YiResult result = Yi.Run("compare", a, b, "--html", page);
        Assert.Equal((0, remark is not null), (result.ExitCode, result.Output.Contains("the same rules", StringComparison.Ordinal)));
        if (remark is not null) Assert.Contains(remark, result.Output, StringComparison.Ordinal);
        Assert.Equal(remark is not null, File.ReadAllText(page).Contains("were not read by the same rules", StringComparison.Ordinal));
        JsonNode json = JsonNode.Parse(Yi.Run("compare", a, b, "--json").Output)!;
        Assert.Equal(remark is null ? [] : ["t"], json["read_differently"]!.AsArray().Select(task => task!.GetValue<string>()));
    }

    /// <summary>Questions and answers of a run; what reads them is the only difference.</summary>
    [Theory]
    [InlineData("scoring: generate\nextraction: number\n", true)]
    [InlineData("scoring: generate\nextraction: exact\n", true)]
    [InlineData("scoring: generate\nextraction: \"regex:([0-9]+)\"\n", true)]
    [InlineData("scoring: generate\nextraction: lm_eval/gsm8k/strict-match\n", false)]
    [InlineData("scoring: generate\nextraction: judge\njudge:\n  prompt: \"{answer}\"\n  verdict: yes_no\n", true)]
    public void A_task_says_whether_our_rules_read_it(string yaml, bool isOurs)
    {
        File.WriteAllText(_runs["t.yaml"], "name: t\ndata: t.jsonl\nquestion: \"{question}\"\n" + yaml);
        File.WriteAllText(_runs["t.jsonl"], "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        IEvaluationTask task = TaskFile.Read(_runs["t.yaml"]);
        Assert.Equal(isOurs, task.IsReadByOurRules);
    }

    [Fact]
    public void A_run_names_the_version_and_another_makes_another_fingerprint()
    {
        File.WriteAllText(_runs["t.jsonl"], "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        IEvaluationTask Task(string extraction)
        {
            File.WriteAllText(_runs["t.yaml"], $"name: t\ndata: t.jsonl\nquestion: \"{{question}}\"\nscoring: generate\nextraction: {extraction}\n");
            return TaskFile.Read(_runs["t.yaml"]);
        }
        var evaluator = new Evaluator(new EvaluatedModel("m", "w"), () => new Says("#### 18"), new EvaluationProtocol());
        IEvaluationTask ours = Task("number"), theirs = Task("lm_eval/gsm8k/strict-match");
        Assert.Equal(ReadingRules.Version, evaluator.Run(_runs["ours"], [ours])["t"].RulesVersion);
        Assert.Null(evaluator.Run(_runs["theirs"], [theirs])["t"].RulesVersion);
        Assert.Contains($"\"rules_version\": {ReadingRules.Version}", File.ReadAllText(Path.Combine(_runs["ours"], EvaluationReport.FileName)), StringComparison.Ordinal);
        Assert.NotEqual(evaluator.FingerprintOf([ours]), evaluator.FingerprintOf([new Other(ours)]));
    }

    private sealed class Says(string text) : IResponder
    {
        public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
        {
            for (int i = 0; i < prompts.Count; i++) onResponse(i, new Response(text, FinishReason.Stop));
        }
    }

    /// <summary>The same task, as if others' rules read it.</summary>
    private sealed class Other(IEvaluationTask task) : IEvaluationTask
    {
        public string Name => task.Name;

        public IReadOnlyList<TaskExample> Examples => task.Examples;

        public bool IsReadByOurRules => false;

        public Prediction Predict(TaskExample example, string output) => task.Predict(example, output);
    }
}
