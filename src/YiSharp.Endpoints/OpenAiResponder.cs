using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Endpoints;

/// <summary>
/// A model behind an OpenAI-compatible endpoint: chat completions, or plain completions for a prompt that is a text, at temperature 0. Every question ends with an answer
/// or with the reason why there is none; what would fail for every question ends the run.
/// </summary>
public sealed class OpenAiResponder : IResponder, IDisposable
{
    /// <summary>Names the stream of delays; they change no answer.</summary>
    private const ulong JitterSeed = 0;

    private readonly OpenAiOptions _options;
    private readonly RequestLog? _log;
    private readonly TimeProvider _time;
    private readonly EndpointClient _client;
    private readonly RequestPacer _pacer;
    private volatile string _limitName = EndpointRequest.Limit;

    /// <param name="options">Whom to ask, and how.</param>
    /// <param name="apiKey">The key, or null where the endpoint wants none.</param>
    /// <param name="log">Where answers and what they took are written, and those of earlier starts found; taken over and disposed of. Null for nowhere.</param>
    /// <param name="time">The clock of waits and time-outs; the system's when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the key cannot be one.</exception>
    public OpenAiResponder(OpenAiOptions options, string? apiKey = null, RequestLog? log = null, TimeProvider? time = null)
    {
        _options = options.Validate();
        (_log, _time) = (log, time ?? TimeProvider.System);
        _client = new EndpointClient(options, apiKey, _time);
        _pacer = new RequestPacer(options.RequestsPerMinute, _time);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The endpoint refuses every question, such as for its key: the answers so far were handed over.</exception>
    /// <exception cref="IOException">The endpoint cannot be reached; likewise.</exception>
    public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var answered = new BlockingCollection<(int Index, RequestRecord? Record, Response Response)>();
        int next = -1;
        Exception? failure = null;

        async Task WorkAsync()
        {
            try
            {
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref next) is int index && index < prompts.Count)
                {
                    string name = EndpointRequest.NameOf(prompts[index], _options);
                    Response? earlier = _log?.Earlier(name);
                    Response response = earlier ?? await AskAsync(prompts[index], RandomStream.For(JitterSeed, name), stop.Token);
                    RequestRecord? record = earlier is null ? RequestRecord.Of(name, response, _time.GetUtcNow()) : null;
                    answered.Add((index, record, response), CancellationToken.None);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await stop.CancelAsync();
            }
        }

        async Task WorkAllAsync()
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(_options.Concurrency, prompts.Count)).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));
            answered.CompleteAdding();
        }

        Task work = Task.Run(WorkAllAsync, CancellationToken.None);
        int count = 0;
        try
        {
            foreach ((int index, RequestRecord? record, Response response) in answered.GetConsumingEnumerable(CancellationToken.None))
            {
                if (record is not null) _log?.Append(record);
                onResponse(index, response);
                count++;
            }
        }
        finally
        {
            stop.Cancel();
            work.Wait(CancellationToken.None);
        }
        if (count == prompts.Count) return;
        cancellation.ThrowIfCancellationRequested();
        ExceptionDispatchInfo.Throw(failure!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _log?.Dispose();
    }

    /// <summary>Asks until there is an answer, or asking does not help, or the retries are used up.</summary>
    private async Task<Response> AskAsync(Prompt prompt, RandomStream jitter, CancellationToken cancellation)
    {
        int? promptTokens = null, completionTokens = null;
        int retries = 0;
        for (int attempts = 1; ; attempts++)
        {
            string limitName = _limitName;
            var request = new EndpointRequest(prompt, _options.Model, limitName);
            await _pacer.WaitAsync(cancellation);
            Attempt attempt = await _client.SendAsync(request, cancellation);
            promptTokens = Sum(promptTokens, attempt.PromptTokens);
            completionTokens = Sum(completionTokens, attempt.CompletionTokens);
            if (attempt.Verdict == Verdict.RenameLimit && limitName == EndpointRequest.Limit)
            {
                _limitName = EndpointRequest.CompletionLimit; // at most once a question, and none of its retries
                continue;
            }
            bool isLast = retries++ == _options.Retries;
            if (attempt.Verdict == Verdict.RunStops) throw new InvalidDataException(attempt.Reason);
            if (attempt.Verdict == Verdict.Unreachable && isLast) throw new IOException(attempt.Reason);
            if (isLast || attempt.Verdict is not (Verdict.TryAgain or Verdict.Unreachable))
            {
                Response response = attempt.Response ?? new Response("", FinishReason.Stop) { Failure = attempt.Reason };
                return response with { Usage = new Usage(promptTokens, completionTokens, attempt.Elapsed.TotalMilliseconds, attempts) };
            }
            if (attempt.RetryAfter is { } pause) _pacer.Pause(pause);
            await Task.Delay(RetryDelay.Draw(retries, jitter), _time, cancellation);
        }
    }

    private static int? Sum(int? sum, int? tokens) => tokens is null ? sum : (int)Math.Min(int.MaxValue, (long)(sum ?? 0) + tokens.Value);
}
