using System.Text;
using System.Text.Json;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Text;
using static YiSharp.Tests.Evaluation.EndpointsAsking;

namespace YiSharp.Tests.Evaluation;

public sealed class EndpointsTests
{
    private readonly EndpointsAsking _asking = new();

    [Fact]
    public void A_question_becomes_a_chat_completion_at_temperature_zero()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok(Chat("Paris", usage: "{\"prompt_tokens\":7,\"completion_tokens\":2}")));
        Prompt prompt = new([new ChatMessage("system", "Be brief."), new ChatMessage("user", "Capital of \"France\"? 法国\n")], 9) { Stops = ["\nQ:", ""] };
        Response response = _asking.Ask(server, [prompt], key: "sk-1")[0];

        Assert.Equal(new Response("Paris", FinishReason.Stop), response with { Usage = null });
        Assert.Equal(new Usage(7, 2, 0, 1), response.Usage! with { Milliseconds = 0 });
        FakeRequest request = Assert.Single(server.Requests);
        Assert.Equal("/v1/chat/completions", request.Path);
        Assert.Contains("Authorization: Bearer sk-1", request.Head, StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Capital of \"France\"? 法国\n"}],"max_tokens":9,"temperature":0,"stop":["\nQ:"]}"""),
            JsonElement.Parse(request.Body)), request.Body);
    }

    [Fact]
    public void A_text_becomes_a_plain_completion_and_no_key_is_sent_where_there_is_none()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok("""{"choices":[{"text":" Paris","finish_reason":"length"}]}"""));
        Response response = _asking.Ask(server, [new Prompt([new ChatMessage("user", "x")], 3) { Text = "The capital is" }])[0];

        Assert.Equal(new Response(" Paris", FinishReason.Length), response with { Usage = null });
        FakeRequest request = Assert.Single(server.Requests);
        Assert.Equal("/v1/completions", request.Path);
        Assert.DoesNotContain("Authorization", request.Head, StringComparison.OrdinalIgnoreCase);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"model":"m","prompt":"The capital is","max_tokens":3,"temperature":0}"""), JsonElement.Parse(request.Body)), request.Body);
    }

    [Theory]
    [InlineData("one\nQ: two END", "one")]
    [InlineData("one END\nQ:", "one ")]
    [InlineData("\nQ:", "")]
    [InlineData("", "")]
    [InlineData("one", "one")]
    public void An_answer_ends_before_the_first_stop_text(string text, string expected)
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok(Chat(text, finish: "length")));
        Response response = _asking.Ask(server, [Question(0) with { Stops = ["END", "\nQ:"] }])[0];
        Assert.Equal(expected, response.Text);
        Assert.Equal(text == expected ? FinishReason.Length : FinishReason.Stop, response.FinishReason);
        Assert.Null(response.Failure);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Tue, 01 Jan 2030 00:00:09 GMT", 9)]
    [InlineData("86400", 60)]
    [InlineData("Wed, 01 Jan 2031 00:00:00 GMT", 60)]
    [InlineData("Mon, 01 Jan 2029 00:00:00 GMT", 0)]
    [InlineData("soon", 0)]
    [InlineData("-5", 0)]
    public void A_request_waits_as_long_as_the_endpoint_asks_but_not_for_ever(string retryAfter, double seconds)
    {
        var sent = new List<TimeSpan>();
        using var server = new EndpointsFakeServer(request =>
        {
            sent.Add(_asking.Clock.Now);
            return request.Number == 0 ? FakeReply.Of(429, "{}", $"Retry-After: {retryAfter}\r\n") : FakeReply.Ok(Chat("yes"));
        });
        Assert.Equal("yes", _asking.Ask(server, [Question(0)])[0].Text);
        double waited = (sent[1] - sent[0]).TotalSeconds;
        Assert.InRange(waited, seconds, Math.Max(seconds + 0.001, 0.5));
    }

    [Fact]
    public void What_the_endpoint_asks_for_holds_for_every_request()
    {
        var sent = new List<TimeSpan>();
        using var server = new EndpointsFakeServer(request =>
        {
            lock (sent) sent.Add(_asking.Clock.Now);
            return request.Number == 0 ? FakeReply.Of(429, "{}", "Retry-After: 30\r\n") : FakeReply.Ok(Chat("yes"));
        });
        _asking.Ask(server, [.. Enumerable.Range(0, 5).Select(Question)], o => o with { Concurrency = 1 });
        Assert.Equal(6, sent.Count);
        Assert.All(sent.Skip(1), time => Assert.True(time.TotalSeconds >= 30));
    }

    [Theory]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(599)]
    public void A_storm_of_errors_ends_in_a_failure_with_its_reason(int status)
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Of(status, """{"error":{"message":"over\nloaded."}}"""));
        Response[] responses = _asking.Ask(server, [Question(0), Question(1)], o => o with { Retries = 3 });
        Assert.All(responses, response =>
        {
            Assert.Equal("", response.Text);
            Assert.Matches($"answered {status} .*\\(over loaded\\)\\.$", response.Failure!);
            Assert.Equal(4, response.Usage!.Attempts);
        });
        Assert.Equal(8, server.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public void A_refused_question_fails_at_once_and_the_others_are_asked(int status)
    {
        using var server = new EndpointsFakeServer(request => request.Body.Contains("question 1.", StringComparison.Ordinal)
            ? FakeReply.Of(status, """{"error":{"message":"too long"}}""") : FakeReply.Ok(Chat("yes")));
        Response[] responses = _asking.Ask(server, [.. Enumerable.Range(0, 3).Select(Question)]);
        Assert.Equal(["yes", "", "yes"], responses.Select(r => r.Text));
        Assert.Contains("too long", responses[1].Failure, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData(301, "", "Location: http://127.0.0.1/v2")]
    [InlineData(401, "Incorrect API key: sk-secret", "key is missing or wrong")]
    [InlineData(402, "", "paid")]
    [InlineData(403, "", "another key or model")]
    [InlineData(404, "model m not found", "model m not found")]
    [InlineData(429, "no more money", "quota")]
    public void What_would_refuse_every_question_ends_the_run_in_a_sentence_without_the_key(int status, string said, string expected)
    {
        string code = status == 429 ? "insufficient_quota" : "x";
        using var server = new EndpointsFakeServer(request => request.Number < 2 ? FakeReply.Ok(Chat("yes"))
            : FakeReply.Of(status, $$$"""{"error":{"message":"{{{said}}}","code":"{{{code}}}"}}""", status == 301 ? "Location: http://127.0.0.1/v2\r\n" : ""));
        var answered = new List<int>();
        using OpenAiResponder responder = _asking.Responder(server, o => o with { Concurrency = 1 }, "sk-secret");
        var error = Assert.Throws<InvalidDataException>(() => responder.Respond([.. Enumerable.Range(0, 50).Select(Question)], (index, _) => answered.Add(index), CancellationToken.None));
        Assert.Contains(status == 301 ? "to http://127.0.0.1/v2" : expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret", error.Message, StringComparison.Ordinal);
        Assert.Equal([0, 1], answered);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public void An_endpoint_that_names_the_limit_otherwise_is_asked_so_from_then_on()
    {
        using var server = new EndpointsFakeServer(request => request.Body.Contains("\"max_tokens\"", StringComparison.Ordinal)
            ? FakeReply.Of(400, """{"error":{"message":"Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}""")
            : request.Number == 1 ? FakeReply.Of(500, "") : FakeReply.Ok(Chat("yes")));
        Response[] responses = _asking.Ask(server, [.. Enumerable.Range(0, 4).Select(Question)], o => o with { Concurrency = 1, Retries = 1 });
        Assert.All(responses, response => Assert.Equal("yes", response.Text));
        Assert.Equal([3, 1, 1, 1], responses.Select(r => r.Usage!.Attempts));
        Assert.Contains("\"max_completion_tokens\":16", server.Requests[5].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_that_refuses_the_limit_by_either_name_fails_the_question()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Of(400, """{"error":{"message":"too large","param":"max_tokens"}}"""));
        Assert.Contains("too large", _asking.Ask(server, [Question(0)])[0].Failure, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void A_model_that_takes_no_temperature_of_zero_ends_the_run()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Of(400, """{"error":{"message":"Only the default (1) value is supported.","param":"temperature"}}"""));
        using OpenAiResponder responder = _asking.Responder(server);
        Assert.Contains("takes no temperature 0", Assert.Throws<InvalidDataException>(() => responder.Respond([Question(0)], (_, _) => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_cut_at_any_byte_is_asked_for_again()
    {
        FakeReply whole = FakeReply.Ok(Chat("Paris"));
        int cut = 0;
        using var server = new EndpointsFakeServer(request => request.Number % 2 == 0 ? whole.CutAt(cut) with { Resets = cut % 2 == 0 } : whole);
        using OpenAiResponder responder = _asking.Responder(server);
        for (; cut < whole.Bytes.Length; cut++)
        {
            Response? response = null;
            responder.Respond([Question(cut)], (_, answer) => response = answer, CancellationToken.None);
            Assert.True(response is { Text: "Paris", Failure: null, Usage.Attempts: 2 }, $"cut at {cut}: {response}");
        }
    }

    [Fact]
    public void An_answer_of_unknown_length_cut_at_any_byte_is_asked_for_again()
    {
        byte[] head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"u8.ToArray(), body = Encoding.UTF8.GetBytes(Chat("Paris"));
        int cut = 0;
        using var server = new EndpointsFakeServer(request => new FakeReply([.. head, .. request.Number % 2 == 0 ? body[..cut] : body]));
        using OpenAiResponder responder = _asking.Responder(server);
        for (; cut < body.Length; cut++)
        {
            Response? response = null;
            responder.Respond([Question(cut)], (_, answer) => response = answer, CancellationToken.None);
            Assert.True(response is { Text: "Paris", Failure: null, Usage.Attempts: 2 }, $"cut at {cut}: {response}");
        }
    }

    [Fact]
    public void A_silent_endpoint_runs_out_of_time_and_is_asked_again()
    {
        using var server = new EndpointsFakeServer(request =>
        {
            if (request.Number > 0) return FakeReply.Ok(Chat("late"));
            ThreadPool.QueueUserWorkItem(_ => _asking.Clock.EndTimeouts());
            return FakeReply.Silence;
        });
        Response response = _asking.Ask(server, [Question(0)])[0];
        Assert.Equal(("late", 2), (response.Text, response.Usage!.Attempts));
    }

    [Fact]
    public void An_endpoint_that_is_not_there_ends_the_run_after_the_retries()
    {
        Uri address;
        using (var server = new EndpointsFakeServer(_ => FakeReply.Ok(""))) address = server.Address;
        using var responder = new OpenAiResponder(Options(address) with { Retries = 4, Concurrency = 1 }, time: _asking.Clock);
        var error = Assert.Throws<IOException>(() => responder.Respond([Question(0), Question(1)], (_, _) => Assert.Fail("answered"), CancellationToken.None));
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, _asking.Clock.Waits.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_a_tenth_of_faults_each_question_is_answered_exactly_once(ulong seed)
    {
        RandomStream random = RandomStream.For(seed, "faults");
        using var server = new EndpointsFakeServer(request =>
        {
            FakeReply whole = FakeReply.Ok(Chat("about " + Number(request)));
            int fault, cut;
            lock (random) (fault, cut) = (random.NextBelow(60), random.NextBelow(whole.Bytes.Length));
            return fault switch
            {
                0 => FakeReply.Of(500, "boom"),
                1 => FakeReply.Of(429, "", "Retry-After: 1\r\n"),
                2 => whole.CutAt(cut),
                3 => whole.CutAt(cut) with { Resets = true },
                4 => FakeReply.Ok("no JSON"),
                5 => FakeReply.Of(503, "<html>", contentType: "text/html"),
                _ => whole,
            };
        });
        const int count = 200;
        Response[] responses = _asking.Ask(server, [.. Enumerable.Range(0, count).Select(Question)], o => o with { Concurrency = 16 });
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"about {i}"), responses.Select(r => r.Text));
        Assert.Equal(server.Requests.Count, responses.Sum(r => r.Usage!.Attempts));
        Assert.True(server.Requests.Count > count);
    }

    [Fact]
    public void Where_every_request_may_fail_each_question_still_ends_once()
    {
        RandomStream random = RandomStream.For(4, "faults");
        using var server = new EndpointsFakeServer(request =>
        {
            lock (random) return random.NextBelow(2) == 0 ? FakeReply.Of(500, "") : FakeReply.Ok(Chat("about " + Number(request)));
        });
        Response[] responses = _asking.Ask(server, [.. Enumerable.Range(0, 100).Select(Question)], o => o with { Retries = 1 });
        Assert.All(responses.Select((r, i) => (r, i)), pair => Assert.True(pair.r.Failure is not null ^ pair.r.Text == $"about {pair.i}"));
        Assert.Contains(responses, r => r.Failure is not null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void No_more_requests_are_under_way_than_allowed_and_as_many_as_are(int limit)
    {
        var full = new TaskCompletionSource();
        int waiting = 0;
        using var server = new EndpointsFakeServer(async _ =>
        {
            if (Interlocked.Increment(ref waiting) == limit) full.SetResult();
            await full.Task; // answers nobody before as many wait as may
            return FakeReply.Ok(Chat("yes"));
        });
        _asking.Ask(server, [.. Enumerable.Range(0, 40).Select(Question)], o => o with { Concurrency = limit });
        Assert.Equal(limit, server.MostUnderWay);
    }

    [Fact]
    public void An_interruption_hands_over_what_was_answered_and_asks_no_more()
    {
        using var interrupt = new CancellationTokenSource();
        using var server = new EndpointsFakeServer(request => Number(request) < 3 ? FakeReply.Ok(Chat("yes")) : FakeReply.Silence);
        using OpenAiResponder responder = _asking.Responder(server, o => o with { Concurrency = 2 });
        var answered = new List<int>();
        Assert.Throws<OperationCanceledException>(() => responder.Respond([.. Enumerable.Range(0, 50).Select(Question)], (index, _) =>
        {
            answered.Add(index);
            if (answered.Count == 3) interrupt.Cancel();
        }, interrupt.Token));
        Assert.Equal([0, 1, 2], answered.Order());
        Assert.InRange(server.Requests.Count, 3, 5);
    }

    [Fact]
    public void An_error_of_the_one_who_takes_answers_ends_the_run()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok(Chat("yes")));
        using OpenAiResponder responder = _asking.Responder(server, o => o with { Concurrency = 1 });
        Assert.Throws<FormatException>(() => responder.Respond([.. Enumerable.Range(0, 1000).Select(Question)], (_, _) => throw new FormatException(), CancellationToken.None));
        Assert.True(server.Requests.Count < 1000);
    }
}
