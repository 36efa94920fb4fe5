using YiSharp.Evaluation;
using YiSharp.Tensors;

namespace YiSharp.Endpoints;

/// <summary>Asks a question until there is an answer, or asking does not help, or the retries are used up.</summary>
internal sealed class EndpointAsker : IDisposable
{
    /// <summary>Names the stream of delays; they change no answer.</summary>
    private const ulong JitterSeed = 0;

    private readonly OpenAiOptions _options;
    private readonly TimeProvider _time;
    private readonly EndpointClient _client;
    private readonly RequestPacer _pacer;
    private volatile string _limitName = EndpointRequest.Limit;

    /// <param name="options">Whom to ask, and how.</param>
    /// <param name="apiKey">The key, or null where the endpoint wants none.</param>
    /// <param name="time">The clock of waits and time-outs.</param>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public EndpointAsker(OpenAiOptions options, string? apiKey, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _client = new EndpointClient(options, apiKey, time);
        _pacer = new RequestPacer(options.RequestsPerMinute, time);
    }

    /// <summary>Asks.</summary>
    /// <param name="requestWith">The request, with the name that the limit of tokens has at this endpoint.</param>
    /// <param name="name">The question's name, from which the delays are drawn.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The last attempt, and what all of them took.</returns>
    /// <exception cref="InvalidDataException">No question would have an answer, such as for a key.</exception>
    /// <exception cref="IOException">The endpoint cannot be reached.</exception>
    public async Task<(Attempt Last, Usage Usage)> AskAsync(Func<string, EndpointRequest> requestWith, string name, CancellationToken cancellation)
    {
        var jitter = RandomStream.For(JitterSeed, name);
        int? promptTokens = null, completionTokens = null;
        int retries = 0;
        for (int attempts = 1; ; attempts++)
        {
            string limitName = _limitName;
            await _pacer.WaitAsync(cancellation);
            Attempt attempt = await _client.SendAsync(requestWith(limitName), cancellation);
            promptTokens = Usage.Sum(promptTokens, attempt.PromptTokens);
            completionTokens = Usage.Sum(completionTokens, attempt.CompletionTokens);
            if (attempt.Verdict == Verdict.RenameLimit && limitName == EndpointRequest.Limit)
            {
                _limitName = EndpointRequest.CompletionLimit; // at most once a question, and none of its retries
                continue;
            }
            bool isLast = retries++ == _options.Retries;
            if (attempt.Verdict == Verdict.RunStops) throw new InvalidDataException(attempt.Reason);
            if (attempt.Verdict == Verdict.Unreachable && isLast) throw new IOException(attempt.Reason);
            if (isLast || attempt.Verdict is not (Verdict.TryAgain or Verdict.Unreachable)) return (attempt, new Usage(promptTokens, completionTokens, attempt.Elapsed.TotalMilliseconds, attempts));
            if (attempt.RetryAfter is { } pause) _pacer.Pause(pause);
            await Task.Delay(RetryDelay.Draw(retries, jitter), _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
