using YiSharp.Endpoints;
using YiSharp.Evaluation;
using static YiSharp.Tests.Evaluation.EndpointsAsking;

namespace YiSharp.Tests.Evaluation;

public sealed class EndpointsNonsenseTests
{
    private readonly EndpointsAsking _asking = new();

    public static TheoryData<string, string> Nonsense => new()
    {
        { "", "is empty" },
        { " \r\n", "is empty" },
        { "<html>Bad gateway</html>", "no JSON" },
        { "[]", "not a JSON object" },
        { "null", "not a JSON object" },
        { "{}", "\"choices\"" },
        { """{"choices":[]}""", "\"choices\"" },
        { """{"choices":{}}""", "\"choices\"" },
        { """{"choices":[7]}""", "\"choices\"" },
        { """{"choices":[{}]}""", "\"message\"" },
        { """{"choices":[{"message":null}]}""", "\"message\"" },
        { """{"choices":[{"message":{}}]}""", "no text" },
        { """{"choices":[{"message":{"content":null}}]}""", "no text" },
        { """{"choices":[{"message":{"content":12}}]}""", "no text" },
        { """{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}""", "empty text" },
        { """{"choices":[{"message":{"content":"x"},"finish_reason":"error"}]}""", "error" },
        { """{"error":{"message":"upstream is ill"}}""", "upstream is ill" },
        { """{"error":"upstream is ill"}""", "upstream is ill" },
        { """{"choices":[{"message":{"content":"x"}}]}trailing""", "no JSON" },
        { new string('[', 100_000), "no JSON" },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Nonsense_is_asked_for_again_and_then_a_failure_with_its_reason(string body, string reason)
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok(body));
        Response response = _asking.Ask(server, [Question(0)], o => o with { Retries = 1 })[0];
        Assert.Contains(reason, response.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', response.Failure!);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void Bodies_that_are_no_text_of_JSON_are_nonsense()
    {
        byte[] invalid = [.. "{\"choices\":[{\"message\":{\"content\":\""u8, 0xC3, 0x28, .. "\"}}]}"u8];
        (FakeReply Reply, string Reason)[] rows =
        [
            (FakeReply.Of(200, Chat("yes"), contentType: "text/html"), "text/html"),
            (FakeReply.Of(200, invalid), "not UTF-8"),
            (FakeReply.Ok(Chat(new string('x', EndpointClient.MaxBodyBytes))), "more than 4194304 bytes"),
            (FakeReply.Of(200, "data: {}\n\n", contentType: "text/event-stream"), "text/event-stream"),
            (new FakeReply("not HTTP at all\r\n\r\n"u8.ToArray()), "broke"),
            (new FakeReply([]), "broke"),
        ];
        using var server = new EndpointsFakeServer(request => rows[request.Number].Reply);
        using OpenAiResponder responder = _asking.Responder(server, o => o with { Retries = 0 });
        foreach ((_, string reason) in rows)
        {
            string? failure = null;
            responder.Respond([Question(0)], (_, answer) => failure = answer.Failure, CancellationToken.None);
            Assert.Contains(reason, failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_a_character_at_an_answers_end_is_an_answer()
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok("""{"choices":[{"message":{"content":"\\ud83d \ud83d\ude00 \ud83d"},"finish_reason":"length"}]}"""));
        Assert.Equal(@"\ud83d 😀 " + "\uFFFD", _asking.Ask(server, [Question(0)])[0].Text);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":null,"refusal":"I will not."},"finish_reason":"stop"}]}""", "refused to answer: I will not")]
    [InlineData("""{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}""", "filter")]
    public void A_refusal_is_a_failure_and_is_not_asked_again(string body, string reason)
    {
        using var server = new EndpointsFakeServer(_ => FakeReply.Ok(body));
        Assert.Contains(reason, _asking.Ask(server, [Question(0)])[0].Failure, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }
}
