using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Chat;

namespace YiSharp.Endpoints;

/// <summary>Sends one request at a time, each once, and says what came of it.</summary>
internal sealed class EndpointClient : IDisposable
{
    /// <summary>Most bytes of a body; an answer of thousands of tokens has a hundredth of it.</summary>
    public const int MaxBodyBytes = 4 << 20;

    private readonly OpenAiOptions _options;
    private readonly string? _apiKey;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ChatClient _chat;
    private readonly Uri _completions;

    /// <param name="options">Whom to ask, and how long to wait.</param>
    /// <param name="apiKey">The key, or null where none is wanted.</param>
    /// <param name="time">The clock of <see cref="OpenAiOptions.RequestTimeout"/>.</param>
    public EndpointClient(OpenAiOptions options, string? apiKey, TimeProvider time)
    {
        (_options, _apiKey, _time) = (options, apiKey, time);
        if (apiKey is not null && (apiKey.Length == 0 || apiKey.Any(c => c is <= ' ' or > '~')))
            throw new ArgumentException("The endpoint's key is empty or holds spaces, line ends or letters beyond ASCII; expected it as the endpoint gave it.");
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirected POST becomes a GET, and the key goes nowhere but to the address that was given
            UseProxy = !options.Endpoint.IsLoopback,
            MaxConnectionsPerServer = options.Concurrency,
            ResponseDrainTimeout = TimeSpan.Zero,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var client = new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // retries are counted, paced and logged by the responder
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (apiKey is null) client.AddPolicy(new WithoutKey(), PipelinePosition.BeforeTransport);
        _chat = new ChatClient(options.Model, new ApiKeyCredential(apiKey ?? "none"), client);
        _completions = new Uri(options.Endpoint.AbsoluteUri.TrimEnd('/') + "/completions");
    }

    /// <summary>Sends a request once.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public async Task<Attempt> SendAsync(EndpointRequest request, CancellationToken cancellation)
    {
        long start = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        Attempt attempt;
        try
        {
            using PipelineResponse response = await PostAsync(request, either.Token);
            byte[]? body = await ReadAsync(response.ContentStream, either.Token);
            attempt = Judge(response, body, request);
        }
        catch (Exception e) when (e is OperationCanceledException or ClientResultException or HttpRequestException or IOException)
        {
            cancellation.ThrowIfCancellationRequested();
            attempt = timeout.IsCancellationRequested
                ? new Attempt(Verdict.TryAgain, $"The endpoint did not answer within {_options.RequestTimeout.TotalSeconds} s.")
                : Broken(e.InnerException as HttpRequestException ?? e);
        }
        return attempt with { Reason = Redacted(attempt.Reason), Elapsed = _time.GetElapsedTime(start) };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<PipelineResponse> PostAsync(EndpointRequest request, CancellationToken cancellation)
    {
        BinaryContent content = BinaryContent.Create(BinaryData.FromBytes(request.Body));
        if (request.IsChat)
        {
            var options = new RequestOptions { BufferResponse = false, ErrorOptions = ClientErrorBehaviors.NoThrow, CancellationToken = cancellation };
            return (await _chat.CompleteChatAsync(content, options)).GetRawResponse();
        }
        // the client has no method for plain completions; its pipeline brings the key and the transport
        using PipelineMessage message = _chat.Pipeline.CreateMessage();
        message.Apply(new RequestOptions { BufferResponse = false, CancellationToken = cancellation });
        message.BufferResponse = false;
        message.Request.Method = "POST";
        message.Request.Uri = _completions;
        message.Request.Headers.Set("Content-Type", "application/json");
        message.Request.Headers.Set("Accept", "application/json");
        message.Request.Content = content;
        await _chat.Pipeline.SendAsync(message);
        return message.ExtractResponse()!;
    }

    /// <summary>The body, or null where it is longer than <see cref="MaxBodyBytes"/>.</summary>
    private static async Task<byte[]?> ReadAsync(Stream? stream, CancellationToken cancellation)
    {
        if (stream is null) return [];
        var body = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellation) is int count and > 0)
        {
            if (body.Length + count > MaxBodyBytes) return null;
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }

    private Attempt Judge(PipelineResponse response, byte[]? body, EndpointRequest request)
    {
        string? Header(string name) => response.Headers.TryGetValue(name, out string? value) ? value : null;
        if (response.Status is >= 200 and < 300)
        {
            return body is null
                ? new Attempt(Verdict.TryAgain, $"The endpoint's answer has more than {MaxBodyBytes} bytes.")
                : AnswerBody.Read(body, Header("Content-Type"), request);
        }
        EndpointError error = body is null ? default : AnswerBody.ReadError(body);
        (Verdict verdict, string advice) = StatusRules.For(response.Status, error);
        // Where no completions are, there may be chats all the same: it is the protocol that has to change, not the address.
        if (request.IsEcho && response.Status is 404 or 405) (verdict, advice) = (Verdict.QuestionFails, "");
        string said = error.Message is null ? "" : $" ({error.Message})", to = Header("Location") is { } location ? $", which points to {Excerpt.Of(location)}" : "";
        string reason = $"{_options.Endpoint} answered {$"{response.Status} {Excerpt.Of(response.ReasonPhrase)}".TrimEnd()}{to}{said}";
        return new Attempt(verdict, advice.Length > 0 ? $"{reason}: {advice}" : reason + ".") { RetryAfter = RetryDelay.Asked(Header("retry-after-ms"), Header("Retry-After"), _time.GetUtcNow()) };
    }

    private Attempt Broken(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new Attempt(Verdict.RunStops, $"No secure connection to {_options.Endpoint} came about: {Excerpt.Of(e.InnerException?.Message ?? e.Message)}; look at the address (http or https?) and the endpoint's certificate."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError } =>
            new Attempt(Verdict.Unreachable, $"{_options.Endpoint} cannot be reached: {Excerpt.Of(e.Message)}; look at the address, and whether the endpoint runs."),
        _ => new Attempt(Verdict.TryAgain, $"The connection to the endpoint broke: {Excerpt.Of(e.Message)}."),
    };

    /// <summary>Without the key, which some endpoints repeat when they refuse it.</summary>
    private string Redacted(string reason) => _apiKey is null ? reason : reason.Replace(_apiKey, "[key]", StringComparison.Ordinal);

    /// <summary>Takes out the key that the client insists on, where the endpoint wants none.</summary>
    private sealed class WithoutKey : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
