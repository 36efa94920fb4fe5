using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Cli;
using YiSharp.Training;

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

    [Theory]
    [InlineData("{\"name\": \"a\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}", "row 1: has no \"language\"")]
    [InlineData("{\"name\": \"a\", \"language\": \"en\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}, {\"role\": \"assistant\", \"content\": \"y\"}]}", "row 1: ends with the assistant; expected the user")]
    [InlineData("{\"name\": \"a\", \"language\": \"en\", \"prompt\": \"x\"}", "messages")]
    [InlineData("\n\n", "holds no row")]
    public void Bad_rows_of_prompts_are_told_in_a_sentence(string line, string expected)
    {
        File.WriteAllText(_runs["p.jsonl"], line + "\n");
        YiResult result = Yi.Run("compare", "--prompts", _runs["p.jsonl"], "smollm2-135m-instruct");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_in_JSON_lines_is_answered_from_its_last_turn()
    {
        File.WriteAllText(_runs["p.jsonl"], "{\"name\": \"talk\", \"language\": \"en\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi.\"}, {\"role\": \"assistant\", \"content\": \"Hello.\"}, {\"role\": \"user\", \"content\": \"And now?\"}]}\n");
        YiResult result = Yi.Run("compare", "--prompts", _runs["p.jsonl"], "smollm2-135m-instruct", "--max-new-tokens", "2", "--answers", _runs["answers"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("\n=== talk (en) ===\nuser: Hi.\nassistant: Hello.\nuser: And now?\n\n--- smollm2-135m-instruct", result.Output, StringComparison.Ordinal);
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

    [Fact]
    public void A_model_behind_an_address_stands_beside_one_of_this_machine()
    {
        bool isDown = true;
        using var server = new EndpointsFakeServer(request => isDown && request.Body.Contains("sea", StringComparison.Ordinal) ? FakeReply.Of(400, "{\"error\":{\"message\":\"too salty\"}}") : FakeReply.Ok(EndpointsAsking.Chat("It is blue.")));
        string[] args = ["compare", "--prompts", Prompts(Two), "smollm2-135m-instruct", $"far@{server.Address}", "--endpoint", server.Address.ToString(), "--endpoint-model", "other", "--max-new-tokens", "2", "--answers", _runs["answers"], "--html", _runs["page.html"]];
        YiResult first = Yi.Run(args);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("--- smollm2-135m-instruct (cut off)", first.Output, StringComparison.Ordinal);
        Assert.Contains($"--- far@{server.Address}\nIt is blue.", first.Output, StringComparison.Ordinal);
        Assert.Contains("--- other\nIt is blue.", first.Output, StringComparison.Ordinal);
        Assert.Contains("--- other (no answer)\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("too salty", File.ReadAllText(_runs["page.html"]), StringComparison.Ordinal);

        isDown = false;
        int asked = server.Requests.Count;
        Assert.DoesNotContain("no answer", Yi.Run(args).Output, StringComparison.Ordinal);
        Assert.Equal(asked + 2, server.Requests.Count); // what failed is asked again, and no more
        Yi.Run(args);
        Assert.Equal(asked + 2, server.Requests.Count);
    }

    [Fact]
    public void A_model_with_an_adapter_answers_otherwise()
    {
        string adapter = AdapterThatSaysOtherwise();
        YiResult result = Yi.Run("compare", "--prompts", Prompts(Two), "smollm2-135m-instruct", $"smollm2-135m-instruct+{adapter}", "--max-new-tokens", "4", "--answers", _runs["answers"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] answers = [.. result.Output.Split("--- ").Skip(1).Select(answer => answer[answer.IndexOf('\n', StringComparison.Ordinal)..].Split("\n\n")[0])];
        Assert.Equal(4, answers.Length);
        Assert.NotEqual(answers[0], answers[1]);
    }

    [Fact]
    public void What_cannot_be_written_is_said_before_a_model_is_asked()
    {
        string file = Prompts(Two);
        string Refused(params string[] where)
        {
            YiResult result = Yi.Run(["compare", "--prompts", file, "smollm2-135m-instruct", $"m@http://127.0.0.1:9/v1", "--answers", _runs["answers"], .. where]);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.False(Directory.Exists(_runs["answers"]));
            return result.Error;
        }
        Assert.Contains($"--answers {file} is a file; a folder was expected", Yi.Run("compare", "--prompts", file, "smollm2-135m-instruct", "--answers", file).Error, StringComparison.Ordinal);
        Assert.Contains($"{Path.GetDirectoryName(file)} is a folder; a file was expected", Refused("--html", Path.GetDirectoryName(file)!), StringComparison.Ordinal);
        Assert.Contains($"{Path.GetDirectoryName(file)} is a folder; a file was expected", Refused("--blind", "--votes", Path.GetDirectoryName(file)!), StringComparison.Ordinal);
    }

    private string AdapterThatSaysOtherwise()
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(Repository.Root, "models", "smollm2-135m-instruct"));
        LoraAdapter adapter = LoraStart.Create(checkpoint.Config, new TrainOptions { Rank = 1, Alpha = 8 });
        var random = RandomStream.For(1, "adapter");
        foreach (LoraModule module in adapter.Modules.Values)
        {
            for (int i = 0; i < module.B.Length; i++) module.B[i] = random.NextSigned();
        }
        adapter.Save(_runs["adapter"]);
        return _runs["adapter"];
    }

    [Theory]
    [InlineData("names the adapter 'nowhere', which is no folder", "smollm2-135m-instruct+nowhere")]
    [InlineData("is named twice (smollm2-135m-instruct)", "smollm2-135m-instruct", "smollm2-135m-instruct")]
    [InlineData("--endpoint-model is given without --endpoint", "m@http://127.0.0.1:9/v1", "--endpoint-model", "x")]
    [InlineData("--api-key-env is given without --endpoint", "smollm2-135m-instruct", "--api-key-env", "X")]
    [InlineData("names the variable YI_NO_SUCH_KEY, which is not set", "m@http://127.0.0.1:9/v1", "--api-key-env", "YI_NO_SUCH_KEY")]
    public void Models_that_cannot_be_asked_are_told_in_a_sentence(string expected, params string[] models)
    {
        YiResult result = Yi.Run(["compare", "--prompts", Prompts(Two), "--answers", _runs["answers"], .. models]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private YiResult Vote(string votes, params string[] lines) => Vote(votes, ["red", "green"], (model, prompt) => $"{model} on {prompt}", lines);

    private YiResult Vote(string votes, string[] models, Func<string, string, string?> answer, params string[] lines)
    {
        IReadOnlyList<ShowcasePrompt> prompts = ShowcasePrompt.ReadAll(Prompts(Two));
        (string, IReadOnlyList<Response>)[] answers = [.. models.Select(m => (m, (IReadOnlyList<Response>)[.. prompts.Select(p => answer(m, p.Name) is { } text ? new Response(text, FinishReason.Stop) : new Response("", FinishReason.Stop) { Failure = "The endpoint answered 400." })]))];
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
    public void What_all_models_said_is_a_tie_and_is_not_asked_about()
    {
        string votes = _runs["votes.jsonl"];
        YiResult first = Vote(votes, ["red", "green"], (model, prompt) => prompt == "sky" ? "It is blue." : model, "A");
        Assert.DoesNotContain("=== sky", first.Output, StringComparison.Ordinal);
        Assert.Contains("\nAll models gave the same answer to 1 prompt, which counts as a tie and was not asked about.\n\n2 votes in", first.Output, StringComparison.Ordinal);
        Assert.Equal([null, "A"], ShowcaseVote.ReadAll(votes).Select(vote => vote.Winner is null ? null : "A"));
        Assert.DoesNotContain("All models", Vote(votes, ["red", "green"], (model, prompt) => prompt == "sky" ? "It is blue." : model).Output, StringComparison.Ordinal); // said once
    }

    [Fact]
    public void A_vote_belongs_to_the_answers_that_were_shown()
    {
        string votes = _runs["votes.jsonl"];
        Vote(votes, "A", "B");
        YiResult again = Vote(votes, ["red", "green"], (model, prompt) => prompt == "sky" ? $"{model} anew" : $"{model} on {prompt}", "=");
        Assert.Contains("=== sky", again.Output, StringComparison.Ordinal);
        Assert.Contains("\n1 vote in the file was on other answers than these and does not count.\n\n2 votes in", again.Output, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadAllLines(votes).Length);
        Assert.Contains("\n1 vote in the file was on other answers", Vote(votes, "q").Output, StringComparison.Ordinal); // the former answers are back, and so is their vote
    }

    [Fact]
    public void Where_a_model_gave_no_answer_nobody_is_asked_and_nothing_is_kept()
    {
        string votes = _runs["votes.jsonl"];
        YiResult none = Vote(votes, ["red", "green"], (_, prompt) => prompt == "sky" ? null : "yes");
        Assert.Contains("\n1 prompt had a model without an answer, and nobody was asked about it; the next start asks the model again.", none.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sky", File.ReadAllText(votes), StringComparison.Ordinal);
        Assert.Contains("=== sky", Vote(votes, "A").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_several_models_gave_is_shown_once_and_they_share()
    {
        string votes = _runs["votes.jsonl"];
        YiResult result = Vote(votes, ["red", "green", "other"], (model, _) => model == "other" ? "No." : "Yes.", "C", "A", "q");
        Assert.Contains("Which is best? A, B, = (equal)", result.Output, StringComparison.Ordinal);
        Assert.Contains("That is none of them.", result.Output, StringComparison.Ordinal);
        ShowcaseVote vote = Assert.Single(ShowcaseVote.ReadAll(votes));
        Assert.Equal(3, vote.Shown.Count);
        double[][] wins = ShowcaseVote.Wins(["red", "green", "other"], [vote]);
        double[][] expected = vote.Winner == "other" ? [[0, 0, 0], [0, 0, 0], [1, 1, 0]] : [[0, 0.5, 1], [0.5, 0, 1], [0, 0, 0]];
        Assert.Equal(expected, wins);
        Assert.Equal(vote.Winner == "other" ? 0 : 1, vote.SameAsWinner.Count);
        vote = vote with { Winner = "red", SameAsWinner = ["green"] };
        vote.Append(_runs["again.jsonl"]);
        Assert.Equal([[0, 0.5, 1], [0.5, 0, 1], [0, 0, 0]], ShowcaseVote.Wins(["red", "green", "other"], ShowcaseVote.ReadAll(_runs["again.jsonl"])));
        File.AppendAllText(_runs["again.jsonl"], "{\"name\": \"a\", \"language\": \"en\", \"shown\": [\"x\", \"y\"], \"winner\": \"y\", \"same_as_winner\": [\"y\"]}\n");
        Assert.Contains("expected other models that were shown", Assert.Throws<InvalidDataException>(() => ShowcaseVote.ReadAll(_runs["again.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_answer_is_called_by_a_letter_that_means_something_else()
    {
        string[] models = [.. Enumerable.Range(0, 20).Select(i => $"m{i}")];
        string output = Vote(_runs["votes.jsonl"], models, (model, _) => model, "s", "q").Output;
        Assert.Contains("P, R, T, U, V, = (equal), s (skip) or q (leave)", output, StringComparison.Ordinal);
        Assert.Contains("=== sea", output, StringComparison.Ordinal); // s skipped the first
        Assert.Empty(ShowcaseVote.ReadAll(_runs["votes.jsonl"]));
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
