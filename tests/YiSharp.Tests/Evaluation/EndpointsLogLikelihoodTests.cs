using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YiSharp.Checkpoints;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;
using YiSharp.Tests.Cli;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

public sealed class EndpointsLogLikelihoodTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-echo-").FullName;
    private readonly EndpointsAsking _asking = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A word with the space before it is a token, whose log-probability depends on it and its place.</summary>
    private static string[] Tokens(string text) => [.. Regex.Matches(text, @"\s*\S+|\s+$").Select(match => match.Value)];

    private static double LogProb(string token, int place) => -1 - token.Sum(c => c) % 17 / 16.0 - place / 64.0;

    private static string PromptOf(FakeRequest request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("prompt").GetString()!;

    /// <summary>As vLLM answers: a token for the beginning of the text, none of whose log-probability is given, the prompt's, and the one that was written.</summary>
    private static string Echo(FakeRequest request, bool saysUsage = true)
    {
        string prompt = PromptOf(request);
        string[] tokens = Tokens(prompt);
        string values = string.Join(',', tokens.Select((token, place) => LogProb(token, place).ToString("R", CultureInfo.InvariantCulture)).Prepend("null").Append("-0.25"));
        string usage = saysUsage ? $$"""{"prompt_tokens":{{tokens.Length + 1}},"completion_tokens":1}""" : "null";
        return $$"""{"choices":[{"index":0,"text":{{JsonSerializer.Serialize(prompt + " x")}},"logprobs":{"token_logprobs":[{{values}}],"tokens":[],"text_offset":[]},"finish_reason":"length"}],"usage":{{usage}}}""";
    }

    private static Prompt Question(string text, params string[] options) => new([new ChatMessage("user", text)], 1) { Text = text, Options = options };

    private (double[]? Values, string? Reason)[] Score(EndpointsFakeServer server, params Prompt[] prompts)
    {
        using OpenAiResponder responder = _asking.Responder(server);
        var scores = new (double[]? Values, string? Reason)?[prompts.Length];
        responder.Score(prompts, (index, values, reason) =>
        {
            Assert.Null(scores[index]);
            scores[index] = (values, reason);
        }, TestContext.Current.CancellationToken);
        return [.. scores.Select(score => score!.Value)];
    }

    private static double[] Expected(Prompt prompt) =>
    [
        .. prompt.Options.Select(option =>
        {
            int context = Tokens(prompt.Text!.TrimEnd()).Length;
            return Tokens(prompt.Text + option).Select(LogProb).Skip(context).Sum();
        }),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_option_is_worth_the_tokens_that_the_whole_has_more_than_the_prompt(bool saysUsage)
    {
        using var server = new EndpointsFakeServer(request => FakeReply.Ok(Echo(request, saysUsage)));
        Prompt[] prompts = [Question("The opposite of hot is", " cold", " a sunny afternoon in July"), Question("大 🙂\nAnswer: ", "小", "高 高"), Question("One", " A", " B", " C", " D")];
        (double[]? Values, string? Reason)[] scores = Score(server, prompts);
        for (int i = 0; i < prompts.Length; i++) Assert.Equal(Expected(prompts[i]), scores[i].Values!, (wanted, found) => Math.Abs(wanted - found) < 1e-12);
        Assert.Equal(1 + 3 + 3 + 5, server.Requests.Count); // and one to see whether it can be done
        Assert.All(server.Requests, request => Assert.Equal("/v1/completions", request.Path));
        JsonElement body = JsonDocument.Parse(server.Requests[0].Body).RootElement;
        Assert.Equal((true, 1, 1, 0), (body.GetProperty("echo").GetBoolean(), body.GetProperty("logprobs").GetInt32(), body.GetProperty("max_tokens").GetInt32(), body.GetProperty("temperature").GetInt32()));
    }

    [Fact]
    public void A_model_behind_an_address_gives_the_numbers_that_it_gives_on_this_machine()
    {
        Prompt[] prompts = [Question("The opposite of hot is", " cold", " a sunny afternoon in July"), Question("Question: Which is a fruit?\nA. iron\nB. apple\nAnswer: ", "A", "B"), Question("大的反义词是", "小", "很大很大 🙂")];
        using var model = new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions()));
        using Scorer scorer = model.CreateScorer();
        var one = new Lock();
        using var server = new EndpointsFakeServer(request =>
        {
            int[] ids = model.Tokenizer.Encode(PromptOf(request), SpecialTokens.Split);
            lock (one) return FakeReply.Ok(JsonSerializer.Serialize(new { choices = new[] { new { text = "", logprobs = new { token_logprobs = (double?[])[null, .. scorer.Score(ids).Select(value => (double?)value), -1] } } }, usage = new { prompt_tokens = ids.Length } }));
        });
        (double[]? Values, string? Reason)[] scores = Score(server, prompts);

        using var local = new ChoiceScorer(model);
        local.Score([.. prompts.Select(prompt => new ChoiceQuestion(prompt.Text!, prompt.Options))], (i, values, _) => Assert.Equal(values!, scores[i].Values!, (wanted, found) => Math.Abs(wanted - found) < 1e-4), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"Only no echo is supported."}}""", "Only no echo is supported")]
    [InlineData(404, """{"detail":"Not Found"}""", "answered 404")]
    [InlineData(405, "", "answered 405")]
    [InlineData(200, """{"choices":[{"text":"x"}]}""", "no log-probabilities of the prompt's tokens")]
    [InlineData(200, """{"choices":[{"text":"x","logprobs":null}]}""", "no log-probabilities of the prompt's tokens")]
    [InlineData(200, """{"choices":[{"text":"x","logprobs":{"content":[]}}]}""", "no log-probabilities of the prompt's tokens")]
    [InlineData(200, """{"choices":[{"text":"x","logprobs":{"token_logprobs":[-0.1]}}],"usage":{"prompt_tokens":10}}""", "log-probabilities of 1 tokens, not those of the prompt")]
    [InlineData(200, """{"choices":[{"text":"x","logprobs":{"token_logprobs":[-0.1]}}]}""", "log-probabilities of 1 tokens, not those of the prompt")]
    public void An_endpoint_that_gives_none_is_refused_in_a_sentence_before_a_question_is_asked(int status, string body, string reason)
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Of(status, body));
        string message = Assert.Throws<NotSupportedException>(() => Score(server, Question("One", " A", " B"), Question("Two", " A", " B"))).Message;
        Assert.StartsWith($"m at {server.Address} gives no log-likelihoods of options", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains("give a protocol whose answers are written, such as yi-zero-shot", message, StringComparison.Ordinal);
        Assert.InRange(server.Requests.Count, 1, 2);
    }

    [Fact]
    public void A_key_that_is_refused_is_said_to_be_and_a_server_that_is_busy_is_asked_again()
    {
        using var locked = new EndpointsFakeServer(_ => FakeReply.Of(401, "{}"));
        Assert.Contains("401", Assert.Throws<InvalidDataException>(() => Score(locked, Question("One", " A"))).Message, StringComparison.Ordinal);
        int requests = 0;
        using var busy = new EndpointsFakeServer(request => Interlocked.Increment(ref requests) % 2 == 1 ? FakeReply.Of(503, "") : FakeReply.Ok(Echo(request)));
        Assert.Equal(Expected(Question("One two", " A", " B")), Score(busy, Question("One two", " A", " B"))[0].Values!);
    }

    [Fact]
    public void A_question_that_cannot_be_scored_has_its_reason_and_loses_no_other()
    {
        using var server = new EndpointsFakeServer(request => PromptOf(request) switch
        {
            "long" => FakeReply.Of(400, """{"error":{"message":"This is longer than the context."}}"""),
            "null A" => FakeReply.Ok("""{"choices":[{"text":"x","logprobs":{"token_logprobs":[null,-1,null,-1]}}],"usage":{"prompt_tokens":3}}"""),
            _ => FakeReply.Ok(Echo(request)),
        });
        (double[]? Values, string? Reason)[] scores = Score(server, Question("long", " A"), Question("fine", " A"), Question("merged", "A"), Question("null", " A"), Question(" ", "A"));
        Assert.Contains("longer than the context", scores[0].Reason, StringComparison.Ordinal);
        Assert.Equal(Expected(Question("fine", " A")), scores[1].Values!);
        Assert.Equal("The option \"A\" has no token of its own behind the prompt.", scores[2].Reason);
        Assert.Equal("The endpoint gives no log-probability of a token of the option \"A\".", scores[3].Reason);
        Assert.Equal("An endpoint scores nothing behind an empty prompt.", scores[4].Reason);
    }

    [Fact]
    public void A_run_that_ended_after_any_question_goes_on_and_ends_with_the_same_bytes()
    {
        string opposites = Path.Combine(Repository.Root, "tasks", "opposites", "opposites.yaml");
        int requests = 0, limit = int.MaxValue;
        using var server = new EndpointsFakeServer(request => Interlocked.Increment(ref requests) > limit ? FakeReply.Of(401, "{}") : FakeReply.Ok(Echo(request)));
        YiResult Run(string name) => Yi.Run("eval", "--task", opposites, "--endpoint", server.Address.ToString(), "--endpoint-model", "m", "--concurrency", "1", "--out", Path.Combine(_folder, name));
        string Bytes(string name) => File.ReadAllText(Path.Combine(_folder, name, EvaluationReport.FileName)) + File.ReadAllText(Path.Combine(_folder, name, Sample.FileName));

        YiResult whole = Run("whole");
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Contains("4 questions in 16 requests (0 retries), 0 without an answer", whole.Error, StringComparison.Ordinal);
        Assert.All(Sample.ReadAll(Path.Combine(_folder, "whole", Sample.FileName)), sample => Assert.Equal(3, sample.LogLikelihoods!.Count));
        for (int answered = 0; answered < 4; answered++)
        {
            (requests, limit) = (0, 1 + 4 * answered + 2);
            Assert.Equal(2, Run($"cut-{answered}").ExitCode);
            (requests, limit) = (0, int.MaxValue);
            Assert.Equal(0, Run($"cut-{answered}").ExitCode);
            Assert.Equal(1 + 4 * (4 - answered), requests);
            Assert.Equal(Bytes("whole"), Bytes($"cut-{answered}"));
        }
    }

    [Fact]
    public void Options_behind_a_chat_are_refused()
    {
        using var server = new EndpointsFakeServer(request => FakeReply.Ok(Echo(request)));
        Assert.Contains("template: plain", Assert.Throws<NotSupportedException>(() => Score(server, Question("One", " A") with { Text = null })).Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }
}
