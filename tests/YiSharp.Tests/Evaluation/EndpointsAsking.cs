using System.Text.Json;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

/// <summary>Numbered questions to an <see cref="EndpointsFakeServer"/>, on a clock of their own.</summary>
internal sealed class EndpointsAsking
{
    public EndpointsSkippingClock Clock { get; } = new();

    /// <summary>Asks, and holds each question to be answered exactly once.</summary>
    public Response[] Ask(EndpointsFakeServer server, Prompt[] prompts, Func<OpenAiOptions, OpenAiOptions>? change = null, string? key = null)
    {
        using OpenAiResponder responder = Responder(server, change, key);
        var responses = new Response?[prompts.Length];
        responder.Respond(prompts, (index, response) =>
        {
            Assert.Null(responses[index]);
            responses[index] = response;
        }, CancellationToken.None);
        Assert.All(responses, response => Assert.NotNull(response));
        return responses!;
    }

    public OpenAiResponder Responder(EndpointsFakeServer server, Func<OpenAiOptions, OpenAiOptions>? change = null, string? key = null) =>
        new(change is null ? Options(server.Address) : change(Options(server.Address)), key, time: Clock);

    public static OpenAiOptions Options(Uri address) => new(address, "m") { RequestTimeout = EndpointsSkippingClock.Timeout };

    public static Prompt Question(int number) => new([new ChatMessage("user", $"question {number}.")], 16);

    public static int Number(FakeRequest request) => int.Parse(request.Body.Split("question ")[1].Split('.')[0]);

    public static string Chat(string text, string finish = "stop", string usage = "null") =>
        $$"""{"choices":[{"index":0,"message":{"role":"assistant","content":{{JsonSerializer.Serialize(text)}}},"finish_reason":"{{finish}}"}],"usage":{{usage}}}""";
}
