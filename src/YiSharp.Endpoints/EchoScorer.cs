using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>
/// Log-likelihoods of options at an endpoint whose plain completions repeat a prompt with the log-probabilities of its tokens (<c>echo</c> with <c>logprobs</c>; vLLM does). A question
/// is a request for the prompt alone and one for each option behind it: an option's tokens are those that the whole has more than the prompt. Offsets of characters are not used, for servers
/// count them differently where a token holds a part of a character, or stands for the beginning of a text.
/// </summary>
/// <param name="asker">Asks.</param>
/// <param name="options">Whom.</param>
internal sealed class EchoScorer(EndpointAsker asker, OpenAiOptions options)
{
    /// <summary>Shows whether an endpoint can do it: some take the request, and give the log-probability of the token alone that they write.</summary>
    private const string Probe = "The quick brown fox jumps over the lazy dog.";

    private readonly SemaphoreSlim _probing = new(1);
    private bool _isProbed;

    /// <summary>What tells a question to an endpoint from others.</summary>
    public static string NameOf(Prompt prompt, OpenAiOptions options) =>
        EndpointRequest.NameOf(options, [.. Texts(prompt).SelectMany(text => (byte[])[.. EndpointRequest.Echo(text, options.Model, EndpointRequest.Limit).Body.Span, (byte)'\n'])]);

    /// <summary>Scores the options of a question.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Nats, an option each; or the reason why there are none. And what it took.</returns>
    /// <exception cref="NotSupportedException">The endpoint gives no log-probabilities of a prompt's tokens.</exception>
    public async Task<(double[]? Values, string? Reason, Usage Usage)> ScoreAsync(Prompt prompt, string name, CancellationToken cancellation)
    {
        await RequireEchoAsync(cancellation);
        var total = new Usage(null, null, 0, 0);
        string[] texts = [.. Texts(prompt)];
        if (texts[0].Length == 0) return (null, "An endpoint scores nothing behind an empty prompt.", total);
        var sums = new double[texts.Length - 1];
        int contextTokens = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            (Attempt last, Usage usage) = await asker.AskAsync(limit => EndpointRequest.Echo(texts[i], options.Model, limit), name, cancellation);
            total = total.Plus(usage);
            if (last.PromptLogProbs is not { } logProbs) return (null, last.Reason, total);
            if (i == 0)
            {
                contextTokens = logProbs.Length;
                continue;
            }
            ReadOnlySpan<double> own = logProbs.AsSpan(Math.Min(contextTokens, logProbs.Length));
            if (own.IsEmpty) return (null, $"The option \"{Excerpt.Of(prompt.Options[i - 1])}\" has no token of its own behind the prompt.", total);
            foreach (double value in own) sums[i - 1] += value;
            if (!double.IsFinite(sums[i - 1])) return (null, $"The endpoint gives no log-probability of a token of the option \"{Excerpt.Of(prompt.Options[i - 1])}\".", total);
        }
        return (sums, null, total);
    }

    /// <summary>The prompt alone, without white space at its end, which belongs to what follows; then the prompt with each option.</summary>
    private static IEnumerable<string> Texts(Prompt prompt) => [prompt.Text!.TrimEnd(), .. prompt.Options.Select(option => prompt.Text + option)];

    private async Task RequireEchoAsync(CancellationToken cancellation)
    {
        await _probing.WaitAsync(cancellation);
        try
        {
            if (_isProbed) return;
            (Attempt last, _) = await asker.AskAsync(limit => EndpointRequest.Echo(Probe, options.Model, limit), Probe, cancellation);
            if (last.PromptLogProbs is null)
            {
                throw new NotSupportedException($"{options.Model} at {options.Endpoint} gives no log-likelihoods of options, which the protocol compares ({last.Reason.TrimEnd('.')}); "
                    + $"give a protocol whose answers are written, such as {ProtocolPack.Default}, or leave the suite out.");
            }
            _isProbed = true;
        }
        finally
        {
            _probing.Release();
        }
    }
}
