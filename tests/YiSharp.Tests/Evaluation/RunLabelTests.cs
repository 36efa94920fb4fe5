using System.Text.Json;
using CsCheck;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class RunLabelTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private static ComparedRun Run(string model, string folder, EvaluationProtocol? protocol = null) => new(model, []) { Folder = folder, Protocol = protocol ?? new EvaluationProtocol() };

    private static ComparedRun Computed(string weights, string precision, string kvCache, int tokens = 128) =>
        Run("m", "/x/a", new EvaluationProtocol { MaxNewTokens = tokens }) with { Arithmetic = new Arithmetic(weights, precision, kvCache) };

    private static string[] Labels(params ComparedRun[] runs) => [.. RunLabels.Distinct(runs).Select(run => run.Name)];

    [Fact]
    public void Runs_are_called_by_their_models_and_runs_of_one_model_by_what_differs()
    {
        Assert.Equal(["base", "chat"], Labels(Run("base", "/x/a"), Run("chat", "/x/b")));
        Assert.Equal(["no adapter", "labels"], Labels(Run("m", "/x/a"), Run("m + out/labels/adapter", "/x/b")));
        Assert.Equal(["labels", "math"], Labels(Run("m + /home/me/out/labels/adapter", "/x/a"), Run("m + /home/me/out/math/adapter", "/x/b")));
        Assert.Equal(["yisharp-chat", "lm-eval-0.4"], Labels(Run("m", "/x/a"), Run("m", "/x/b", new EvaluationProtocol { Name = "lm-eval-0.4" })));
        Assert.Equal(["version 1", "version 2"], Labels(Run("m", "/x/a", new EvaluationProtocol { Name = "p" }), Run("m", "/x/b", new EvaluationProtocol { Name = "p", Version = 2 })));
        Assert.Equal(["0-shot", "5-shot"], Labels(Run("m", "/x/a"), Run("m", "/x/b", new EvaluationProtocol { Shots = 5 })));
        Assert.Equal(["8-bit", "4-bit"], Labels(Run("m", "/x/out/8-bit"), Run("m", "./out/4-bit/")));
        Assert.Equal(["8-bit", "4-bit"], Labels(Run("m", "/x/8-bit/run"), Run("m", "/x/4-bit/run")));
        Assert.Equal(["a/run", "b/run", "c"], Labels(Run("m", "/x/a/run"), Run("m", "/x/b/run"), Run("m", "/x/c")));
        Assert.Equal(["base", "m (no adapter)", "m (labels)"], Labels(Run("base", "/x/a"), Run("m", "/x/b"), Run("m + labels", "/x/c")));
        Assert.Equal(["no adapter, 0-shot", "no adapter, 5-shot", "labels, 0-shot"], Labels(Run("m", "/x/a"), Run("m", "/x/b", new EvaluationProtocol { Shots = 5 }), Run("m + labels", "/x/c")));
    }

    [Fact]
    public void Runs_of_one_model_are_called_by_how_they_computed_before_how_long_their_answers_could_be()
    {
        Assert.Equal(["default precision", "f32 precision"], Labels(Computed("BF16", "default", "f16"), Computed("BF16", "f32", "f32", tokens: 4)));
        Assert.Equal(["f16 cache", "q8 cache"], Labels(Computed("BF16", "default", "f16"), Computed("BF16", "default", "q8")));
        Assert.Equal(["default precision, q8 cache", "f32 precision, f32 cache"], Labels(Computed("BF16", "default", "q8"), Computed("BF16", "f32", "f32")));
        Assert.Equal(["Q4_K", "Q8_0"], Labels(Computed("Q4_K", "default", "f16"), Computed("Q8_0", "default", "f16")));
        Assert.Equal(["128 tokens", "4 tokens"], Labels(Computed("Q4_K", "default", "f16"), Computed("Q4_K", "default", "f16", tokens: 4)));
        Assert.Equal(["yisharp-chat", "lm-eval"], Labels(Computed("Q4_K", "default", "f16"), Run("m", "/x/b", new EvaluationProtocol { Name = "lm-eval" })));
    }

    [Fact]
    public void No_two_runs_have_one_name() => Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 5]).Array[1, 8].Sample(runs =>
    {
        string[] labels = Labels([.. runs.Select(r => Run((r.Item1 == 0 ? "m" : "n") + (r.Item2 == 0 ? "" : $" + out/{r.Item2}/adapter"), $"/x/{r.Item4}/run", new EvaluationProtocol { Shots = r.Item3 }))]);
        Assert.Equal(labels.Length, labels.Distinct().Count());
        Assert.DoesNotContain(labels, label => label.Contains("/x/", StringComparison.Ordinal));
    });

    [Fact]
    public void Runs_of_one_model_are_told_apart_in_every_form()
    {
        string First(string name, string right)
        {
            string folder = _runs.Write(name, CompareRuns.Samples("t", right)), path = Path.Combine(folder, EvaluationReport.FileName);
            (EvaluationReport.Read(path) with { Model = "smollm2" }).Write(path);
            return folder;
        }
        string a = First("8-bit", "1100"), b = First("4-bit", "1010"), file = _runs["page.html"];
        string text = Yi.Run("compare", a, b, "--html", file).Output;
        Assert.Contains("4-bit − 8-bit", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetDirectoryName(a)!, text, StringComparison.Ordinal);
        Assert.EndsWith("All runs are of smollm2.\n", text, StringComparison.Ordinal);
        Assert.Contains("all runs are of smollm2", File.ReadAllText(file), StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(Yi.Run("compare", a, b, "--json").Output).RootElement;
        Assert.Equal(["8-bit", "4-bit"], json.GetProperty("runs").EnumerateArray().Select(run => run.GetString()));
        Assert.Equal(["smollm2", "smollm2"], json.GetProperty("models").EnumerateArray().Select(run => run.GetString()));
    }

    [Fact]
    public void A_folder_given_twice_is_refused_however_it_is_written()
    {
        string a = _runs.Write("a", CompareRuns.Samples("t", "1100")), b = _runs.Write("b", CompareRuns.Samples("t", "1010"));
        foreach (string same in (string[])[a, a + Path.DirectorySeparatorChar, Path.Combine(b, "..", "a")])
        {
            YiResult result = Yi.Run("compare", a, b, same);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains($"{same} is given twice, and a run does not differ from itself; give another folder, or leave it out.", result.Error, StringComparison.Ordinal);
            Assert.Single(result.Error.TrimEnd().Split('\n'));
        }
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateSymbolicLink(_runs["link"], a);
        Assert.Contains("is given twice", Yi.Run("compare", a, _runs["link"]).Error, StringComparison.Ordinal);
    }
}
