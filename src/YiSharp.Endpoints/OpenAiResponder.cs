using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Endpoints;

/// <summary>
/// A model behind an OpenAI-compatible endpoint: chat completions, or plain completions for a prompt that is a text, at temperature 0. Every question ends with an answer
/// or with the reason why there is none; what would fail for every question ends the run.
/// </summary>
public sealed class OpenAiResponder : IResponder, IOptionScorer, IDisposable
{
    private readonly OpenAiOptions _options;
    private readonly RequestLog? _log;
    private readonly TimeProvider _time;
    private readonly EndpointAsker _asker;
    private readonly EchoScorer _scorer;

    /// <param name="options">Whom to ask, and how.</param>
    /// <param name="apiKey">The key, or null where the endpoint wants none.</param>
    /// <param name="log">Where answers and what they took are written, and those of earlier starts found; taken over and disposed of. Null for nowhere.</param>
    /// <param name="time">The clock of waits and time-outs; the system's when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the key cannot be one.</exception>
    public OpenAiResponder(OpenAiOptions options, string? apiKey = null, RequestLog? log = null, TimeProvider? time = null)
    {
        _options = options.Validate();
        (_log, _time) = (log, time ?? TimeProvider.System);
        _asker = new EndpointAsker(options, apiKey, _time);
        _scorer = new EchoScorer(_asker, options);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The endpoint refuses every question, such as for its key: the answers so far were handed over.</exception>
    /// <exception cref="IOException">The endpoint cannot be reached; likewise.</exception>
    public void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation) =>
        ConcurrentWork.Run(prompts.Count, _options.Concurrency, async (index, stop) =>
        {
            string name = EndpointRequest.NameOf(prompts[index], _options);
            if (_log?.Earlier(name) is { } earlier) return (null, earlier);
            (Attempt last, Usage usage) = await _asker.AskAsync(limit => new EndpointRequest(prompts[index], _options.Model, limit), name, stop);
            Response response = (last.Response ?? new Response("", FinishReason.Stop) { Failure = last.Reason }) with { Usage = usage };
            return (Record: (RequestRecord?)RequestRecord.Of(name, response, _time.GetUtcNow()), Response: response);
        }, (index, answer) =>
        {
            if (answer.Record is not null) _log?.Append(answer.Record);
            onResponse(index, answer.Response);
        }, cancellation);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The endpoint gives no log-probabilities of a prompt's tokens, or the prompt is a chat.</exception>
    /// <exception cref="InvalidDataException">The endpoint refuses every question; the scores so far were handed over.</exception>
    /// <exception cref="IOException">The endpoint cannot be reached; likewise.</exception>
    public void Score(IReadOnlyList<Prompt> prompts, Action<int, double[]?, string?> onScored, CancellationToken cancellation)
    {
        if (prompts.Any(prompt => prompt.Text is null))
            throw new NotSupportedException($"Options behind a chat cannot be scored at {_options.Endpoint}, since only the endpoint knows its chat template; give a protocol with template: plain, such as lm-eval-0.4, or leave the suite out.");
        ConcurrentWork.Run(prompts.Count, _options.Concurrency, async (index, stop) =>
        {
            string name = EchoScorer.NameOf(prompts[index], _options);
            if (_log?.EarlierScores(name) is { } earlier && earlier.Length == prompts[index].Options.Count) return (null, earlier, null);
            (double[]? values, string? reason, Usage usage) = await _scorer.ScoreAsync(prompts[index], name, stop);
            return (Record: (RequestRecord?)RequestRecord.Of(name, values, reason, usage, _time.GetUtcNow()), Values: values, Reason: reason);
        }, (index, score) =>
        {
            if (score.Record is not null) _log?.Append(score.Record);
            onScored(index, score.Values, score.Reason);
        }, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _asker.Dispose();
        _log?.Dispose();
    }
}
