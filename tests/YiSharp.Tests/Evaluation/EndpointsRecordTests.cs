using System.CommandLine;
using CsCheck;
using YiSharp.Cli;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

public sealed class EndpointsRecordTests : IDisposable
{
    private static readonly OpenAiOptions Options = new(new Uri("http://127.0.0.1:8000/v1"), "m");

    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_question_leaves_a_line_and_only_those_without_an_answer_are_asked_again()
    {
        using var server = new EndpointsFakeServer(request => request.Number == 1 ? FakeReply.Of(400, """{"error":{"message":"no"}}""")
            : FakeReply.Ok($$"""{"choices":[{"message":{"content":"yes {{request.Number}}"},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":1} }"""));
        Assert.Equal(["yes 0", ""], Ask(server.Address, 2).Select(r => r.Text));
        string path = Path.Combine(_folder, RequestLog.FileName);
        File.AppendAllText(path, """{"time":"2030""");
        Assert.Equal(2, RequestLog.Read(_folder).Count());
        Response[] again = Ask(server.Address, 3);

        Assert.Equal(["yes 0", "yes 2", "yes 3"], again.Select(r => r.Text));
        Assert.Equal((3, FinishReason.Length), (again[0].Usage!.PromptTokens, again[0].FinishReason));
        RequestRecord[] records = [.. RequestLog.Read(_folder)];
        Assert.Equal(["yes 0", null, "yes 2", "yes 3"], records.Select(r => r.Output));
        Assert.Equal([true, false, true, true], records.Select(r => r.Failure is null));
        Assert.Equal(records[1].Request, records[2].Request);
        Assert.Equal(3, records.Select(r => r.Request).Distinct().Count());
        Assert.EndsWith("\n", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_that_ended_after_any_answer_asks_for_the_rest_and_ends_with_the_same_samples()
    {
        int answers = 0, limit = int.MaxValue;
        using var server = new EndpointsFakeServer(request => Interlocked.Increment(ref answers) > limit ? FakeReply.Of(401, "{}")
            : FakeReply.Ok($$"""{"choices":[{"message":{"content":"The answer is {{request.Body.Length % 20}}."} }]}"""));
        string Evaluate(string name)
        {
            IEvaluationTask[] tasks = [AbilityTask.Read("labels", Path.Combine(Repository.Root, "runs", "tiny", "labels.eval.jsonl")), Gsm8kTask.Read(Path.Combine(Repository.Root, "runs", "tiny", "gsm8k.jsonl"))];
            string folder = Path.Combine(_folder, name);
            var options = new OpenAiOptions(server.Address, "m") { Concurrency = 1 };
            using var responder = new OpenAiResponder(options, log: RequestLog.Open(folder));
            new Evaluator(options.Describe(), () => responder, new EvaluationProtocol { BatchSize = 3 }).Run(folder, tasks);
            return File.ReadAllText(Path.Combine(folder, Sample.FileName)) + File.ReadAllText(Path.Combine(folder, EvaluationReport.FileName));
        }

        string whole = Evaluate("whole");
        int count = answers;
        Assert.Equal(8, count);
        for (int first = 0; first < count; first++)
        {
            (answers, limit) = (0, first);
            Assert.Throws<InvalidDataException>(() => Evaluate($"cut-{first}"));
            (answers, limit) = (0, int.MaxValue);
            Assert.Equal(whole, Evaluate($"cut-{first}"));
            Assert.Equal(count - first, answers);
            Assert.Equal(count, RequestLog.Read(Path.Combine(_folder, $"cut-{first}")).Count());
        }
    }

    [Fact]
    public void Answers_of_another_address_are_not_taken()
    {
        foreach (string answer in new[] { "one", "two" })
        {
            using var server = new EndpointsFakeServer(_ => FakeReply.Ok($$"""{"choices":[{"message":{"content":"{{answer}}"} }]}"""));
            Assert.Equal(answer, Ask(server.Address, 1)[0].Text);
        }
    }

    [Theory]
    [InlineData("null\n")]
    [InlineData("{}\n")]
    [InlineData("\n")]
    [InlineData("\u0000\n")]
    [InlineData("""{"time":"2030-01-01T00:00:00Z","request":"\ud800","attempts":1,"milliseconds":1,"prompt_tokens":null,"completion_tokens":null,"output":null,"finish_reason":null,"failure":null}""" + "\n")]
    [InlineData("""{"time":"2030-01-01T00:00:00Z","request":"x","attempts":1e9999,"milliseconds":1,"prompt_tokens":null,"completion_tokens":null,"output":null,"finish_reason":null,"failure":null}""" + "\n")]
    public void A_log_that_is_none_is_refused_by_line(string content)
    {
        File.WriteAllText(Path.Combine(_folder, RequestLog.FileName), content);
        string message = Assert.Throws<InvalidDataException>(() => RequestLog.Read(_folder).Count()).Message;
        Assert.Contains("line 1 is not a request's record: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => RequestLog.Open(_folder));
        File.Delete(Path.Combine(_folder, RequestLog.FileName)); // nobody holds it
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_by_line()
    {
        File.WriteAllBytes(Path.Combine(_folder, RequestLog.FileName), [(byte)'"', 0xFF, (byte)'"', (byte)'\n']);
        Assert.Contains("line 1 is not a request's record: its bytes are not UTF-8.", Assert.Throws<InvalidDataException>(() => RequestLog.Read(_folder).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_torn_is_found_from_the_end_at_any_length() =>
        Gen.Select(Gen.Int[0, 200_000], Gen.Int[0, 200_000]).Sample((whole, torn) =>
        {
            string path = Path.Combine(_folder, $"torn-{whole}-{torn}"); // samples are tried side by side
            File.WriteAllText(path, (whole == 0 ? "" : new string('a', whole - 1) + "\n") + new string('b', torn));
            using FileStream file = File.OpenRead(path);
            Assert.Equal(whole, TornLine.WholeBytes(file));
        }, iter: 20, threads: 1); // all draws write one file

    [Fact]
    public void A_run_without_a_log_has_no_records() => Assert.Empty(RequestLog.Read(_folder));

    [Fact]
    public void Totals_add_up()
    {
        RequestRecord Record(int i, string? failure = null) => new(DateTimeOffset.UnixEpoch, "x", failure is null ? 1 : 4, i, failure is null ? 1000 : null, 10, null, null, failure);
        EndpointTotals totals = EndpointTotals.Of([.. Enumerable.Range(1, 20).Reverse().Select(i => Record(i)), Record(9999, "no")], new EndpointPrices(0.5, 2));
        Assert.Equal(new EndpointTotals(21, 24, 3, 1, 20_000, 210, (20_000 * 0.5 + 210 * 2) / 1e6, 10, 19), totals);
        Assert.Equal("21 questions in 24 requests (3 retries), 1 without an answer; 20,000 tokens in, 210 out, cost 0.0104; 10 ms an answer in the median, 19 ms at the 95th percentile", totals.ToString());
        Assert.Equal(new EndpointTotals(0, 0, 0, 0, 0, 0, null, null, null), EndpointTotals.Of([], null));
    }

    [Fact]
    public void A_failure_that_was_overcome_later_is_only_a_request()
    {
        RequestRecord Record(string request, string? failure) => new(DateTimeOffset.UnixEpoch, request, 1, 5, null, null, null, null, failure);
        EndpointTotals totals = EndpointTotals.Of([Record("a", "no"), Record("b", "no"), Record("a", "no"), Record("c", null), Record("a", null)], null);
        Assert.Equal((3, 5, 2, 1), (totals.Questions, totals.Requests, totals.Retries, totals.Failures));
    }

    [Fact]
    public void A_fingerprint_changes_with_what_changes_answers_alone()
    {
        string own = Options.Describe().Fingerprint;
        Assert.Equal("m", Options.Describe().Name);
        Assert.Equal(own, (Options with { Endpoint = new Uri("HTTP://127.0.0.1:8000/v1/"), Concurrency = 1, Retries = 0, RequestsPerMinute = 3, Prices = new EndpointPrices(1, 1) }).Describe().Fingerprint);
        Assert.NotEqual(own, (Options with { Model = "n" }).Describe().Fingerprint);
        Assert.NotEqual(own, (Options with { Endpoint = new Uri("http://127.0.0.1:8001/v1") }).Describe().Fingerprint);
    }

    [Fact]
    public void Options_out_of_range_are_refused_in_a_sentence()
    {
        (OpenAiOptions Options, string Found)[] rows =
        [
            (Options with { Endpoint = new Uri("ftp://x/v1") }, "http"),
            (Options with { Endpoint = new Uri("v1", UriKind.Relative) }, "http"),
            (Options with { Endpoint = new Uri("http://me:secret@x/v1") }, "password"),
            (Options with { Endpoint = new Uri("http://x/v1?key=secret") }, "behind ?"),
            (Options with { Model = " " }, "name"),
            (Options with { Concurrency = 0 }, "0; expected 1 to 256"),
            (Options with { Concurrency = 257 }, "257"),
            (Options with { RequestsPerMinute = 0 }, "requests a minute"),
            (Options with { Retries = -1 }, "-1"),
            (Options with { RequestTimeout = TimeSpan.Zero }, "0 s"),
            (Options with { Prices = new EndpointPrices(-1, 0) }, "-1"),
            (Options with { Prices = new EndpointPrices(double.NaN, 0) }, "NaN"),
        ];
        foreach ((OpenAiOptions options, string found) in rows)
        {
            string message = Assert.Throws<ArgumentException>(() => options.Validate()).Message;
            Assert.Contains(found, message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        }
        foreach (string key in new[] { "", "a b", "a\r\nX: y", "ключ" }) Assert.Throws<ArgumentException>(() => new OpenAiResponder(Options, key));
    }

    [Theory]
    [InlineData("--endpoint-model m", "--endpoint-model is given without --endpoint")]
    [InlineData("--retries 3", "--retries is given without --endpoint")]
    [InlineData("--endpoint http://x/v1", "--endpoint-model")]
    [InlineData("--endpoint x --endpoint-model m", "http://")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --concurrency 0", "expected 1 to 256")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --request-timeout -1", "--request-timeout is -1")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --request-timeout NaN", "--request-timeout is NaN")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --price-in 1", "belong together")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --api-key-env sk-secret", "not the key")]
    [InlineData("--endpoint http://x/v1 --endpoint-model m --api-key-env YISHARP_NO_SUCH_VARIABLE", "not set")]
    public void A_command_line_that_cannot_be_meant_is_refused(string arguments, string found)
    {
        (EndpointOptions options, ParseResult parse) = Parse(arguments);
        string message = Assert.Throws<UsageException>(() => options.Open(parse, options.Read(parse)!, _folder)).Message;
        Assert.Contains(found, message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_line_says_who_is_asked_and_how()
    {
        (EndpointOptions options, ParseResult parse) = Parse("--endpoint http://x/v1 --endpoint-model m --concurrency 3 --requests-per-minute 30 --retries 0 --request-timeout 2.5 --price-in 0.5 --price-out 2");
        Assert.Equal(new OpenAiOptions(new Uri("http://x/v1"), "m") { Concurrency = 3, RequestsPerMinute = 30, Retries = 0, RequestTimeout = TimeSpan.FromSeconds(2.5), Prices = new EndpointPrices(0.5, 2) }, options.Read(parse));
        (options, parse) = Parse("");
        Assert.Null(options.Read(parse));
    }

    private Response[] Ask(Uri address, int count)
    {
        using var responder = new OpenAiResponder(new OpenAiOptions(address, "m") { Concurrency = 1 }, log: RequestLog.Open(_folder));
        var responses = new Response[count];
        responder.Respond([.. Enumerable.Range(0, count).Select(i => new Prompt([new ChatMessage("user", $"{i}")], 8))], (index, response) => responses[index] = response, CancellationToken.None);
        return responses;
    }

    private static (EndpointOptions Options, ParseResult Parse) Parse(string arguments)
    {
        var options = new EndpointOptions();
        var verb = new RootCommand();
        options.AddTo(verb);
        return (options, verb.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }
}
