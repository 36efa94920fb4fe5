using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class CompareShowcaseTests : IDisposable
{
    private readonly CompareRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    private string Prompts(string yaml)
    {
        string path = _runs["prompts.yaml"];
        File.WriteAllText(path, yaml);
        return path;
    }

    private const string Two = "prompts:\n  - { name: sky, language: en, prompt: 'What colour is the <b>sky</b>?' }\n  - { name: sea, language: en, system: Be short., prompt: And the sea? }\n";

    [Fact]
    public void Yaml_and_JSON_lines_hold_the_same_prompts()
    {
        File.WriteAllText(_runs["p.jsonl"], """
            {"name": "sky", "language": "en", "messages": [{"role": "user", "content": "What colour is the <b>sky</b>?"}]}
            {"name": "sea", "language": "en", "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "And the sea?"}]}
            """);
        IReadOnlyList<ShowcasePrompt> yaml = ShowcasePrompt.ReadAll(Prompts(Two)), lines = ShowcasePrompt.ReadAll(_runs["p.jsonl"]);
        Assert.Equal(lines.Select(p => (p.Name, p.Language)), yaml.Select(p => (p.Name, p.Language)));
        Assert.Equal(lines.SelectMany(p => p.Messages), yaml.SelectMany(p => p.Messages));
    }

    [Theory]
    [InlineData("prompts: []", "no 'prompts'")]
    [InlineData("prompts:\n  - { name: a, language: en }", "has no 'prompts[0].prompt'")]
    [InlineData("prompts:\n  - { name: a, language: en, promt: x, prompt: y }", "did you mean 'prompt'")]
    [InlineData("prompts:\n  - { name: a, language: en, prompt: x }\n  - { name: a, language: en, prompt: y }", "2 times")]
    public void Bad_prompts_are_told_in_a_sentence(string yaml, string expected)
    {
        YiResult result = Yi.Run("compare", "--prompts", Prompts(yaml), "smollm2-135m-instruct");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_stand_side_by_side_and_are_kept()
    {
        string[] args = ["compare", "--prompts", Prompts(Two), "smollm2-135m-instruct", "--max-new-tokens", "4", "--answers", _runs["answers"], "--html", _runs["page.html"]];
        YiResult first = Yi.Run(args), second = Yi.Run(args);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal(first.Output, second.Output);
        Assert.Contains("=== sky (en) ===\nWhat colour is the <b>sky</b>?\n\n--- smollm2-135m-instruct (cut off)\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("What colour is the &lt;b&gt;sky&lt;/b&gt;?", File.ReadAllText(_runs["page.html"]), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_runs["answers"], "smollm2-135m-instruct", Showcase.FileName)));
    }

    private YiResult Vote(string votes, params string[] lines)
    {
        IReadOnlyList<ShowcasePrompt> prompts = ShowcasePrompt.ReadAll(Prompts(Two));
        (string, IReadOnlyList<Response>)[] answers = [.. new[] { "red", "green" }.Select(m => (m, (IReadOnlyList<Response>)[.. prompts.Select(p => new Response($"{m} on {p.Name}", FinishReason.Stop))]))];
        using var output = new MemoryStream();
        var error = new StringWriter();
        var terminal = new YiSharp.Cli.Terminal(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines))), output, error);
        new YiSharp.Cli.BlindVote(terminal, CancellationToken.None, votes, seed: 3).Run(prompts, answers);
        return new YiResult(0, System.Text.Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    [Fact]
    public void A_blind_vote_hides_names_and_is_kept_at_once()
    {
        string votes = _runs["votes.jsonl"];
        YiResult first = Vote(votes, "nonsense", "A"); // the input ends before the second vote
        Assert.Contains("That is none of them.", first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--- red", first.Output, StringComparison.Ordinal);
        JsonElement kept = JsonDocument.Parse(File.ReadAllLines(votes).Single()).RootElement;
        Assert.Equal(kept.GetProperty("shown")[0].GetString(), kept.GetProperty("winner").GetString());
        Assert.Equal("sky", kept.GetProperty("name").GetString());

        File.AppendAllText(votes, "{\"name\": \"se"); // torn by a kill
        YiResult second = Vote(votes, "=");
        Assert.DoesNotContain("=== sky", second.Output, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(votes).Length);
        Assert.Contains("2 votes in", second.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^(red|green) +1\.5 +0\.5 +\d+ +\d+ to \d+$", second.Output);
    }

    [Fact]
    public void A_model_that_never_lost_has_no_strength_yet()
    {
        Assert.Contains("Strengths cannot be told yet", Vote(_runs["votes.jsonl"], "A", "q").Output, StringComparison.Ordinal);
        File.WriteAllText(_runs["bad.jsonl"], "{\"name\": \"a\", \"language\": \"en\", \"shown\": [\"x\", \"y\"], \"winner\": \"z\"}\n");
        Assert.Contains("which was not shown", Assert.Throws<InvalidDataException>(() => ShowcaseVote.ReadAll(_runs["bad.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_answer_beats_all_that_were_shown_beside_it() =>
        Assert.Equal(
            [[0, 1.5, 1.0], [0.5, 0, 0], [0, 1, 0]],
            ShowcaseVote.Wins(["a", "b", "c"], [new ShowcaseVote("p", "en", ["c", "a", "b"], "a"), new ShowcaseVote("q", "en", ["a", "b"], null), new ShowcaseVote("r", "en", ["b", "c"], "c")]));
}
