using System.Text;
using YiSharp.Inference;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>Something that answers: a model of this machine, or one behind an address.</summary>
public interface IResponder
{
    /// <summary>Answers every prompt, always with the likeliest token.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="onResponse">Called with a prompt's index and its answer as each is there, in any order, one call at a time.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    void Respond(IReadOnlyList<Prompt> prompts, Action<int, Response> onResponse, CancellationToken cancellation);
}

/// <summary>Something that can say how likely continuations are: not every endpoint can.</summary>
public interface IOptionScorer
{
    /// <summary>Scores the options of every prompt (<see cref="Prompt.Options"/>).</summary>
    /// <param name="prompts">What is asked; those that begin alike stand together.</param>
    /// <param name="onScored">Called with a prompt's index and the log-likelihood of each option, nats; or none and the reason why, in a sentence. One call at a time.</param>
    /// <param name="cancellation">Ends it early.</param>
    void Score(IReadOnlyList<Prompt> prompts, Action<int, double[]?, string?> onScored, CancellationToken cancellation);
}

/// <summary>A conversation to be continued.</summary>
/// <param name="Messages">What was said so far, ending with the user.</param>
/// <param name="MaxNewTokens">Most tokens of the answer.</param>
public sealed record Prompt(IReadOnlyList<ChatMessage> Messages, int MaxNewTokens)
{
    /// <summary>The text to go on with as it stands, without a chat template; the messages then hold it as the user's. Null for a chat.</summary>
    public string? Text { get; init; }

    /// <summary>Continuations whose log-likelihoods are wanted instead of an answer.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Texts that end the answer and do not belong to it, besides the model's own stop ids.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];
}

/// <summary>An answer.</summary>
/// <param name="Text">Its words, without control tokens.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record Response(string Text, FinishReason FinishReason)
{
    /// <summary>Its words as people are shown them. Where the limit of tokens cuts a character into bytes the text ends with U+FFFD for them, as Hugging Face's decoders have it; files keep that, and nobody wants to read it.</summary>
    public string ShownText => FinishReason == FinishReason.Length ? Text.TrimEnd('\uFFFD') : Text;

    /// <summary>Why there is no answer, in a sentence; null where there is one. Such an item counts as wrong, and apart.</summary>
    public string? Failure { get; init; }

    /// <summary>What it took, where that is known; no part of a sample.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The answer up to the first of some texts.</summary>
    public Response CutAt(IReadOnlyList<string> stops)
    {
        int end = stops.Where(stop => stop.Length > 0).Select(stop => Text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(Text.Length).Min();
        return end == Text.Length ? this : this with { Text = Text[..end], FinishReason = FinishReason.Stop };
    }

    /// <summary>The same with U+FFFD for halves of surrogate pairs, which a file could not give back as they were.</summary>
    internal Response WellFormed() => this with { Text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Text)) };
}

/// <summary>Who answers.</summary>
/// <param name="Name">Its name in tables and files.</param>
/// <param name="Fingerprint">What tells its weights, or its address, from all others, such as a hash; a run is only continued with the same.</param>
public sealed record EvaluatedModel(string Name, string Fingerprint)
{
    /// <summary>How it computes; null where that is not known.</summary>
    public Arithmetic? Arithmetic { get; init; }

    /// <summary>Hash of its chat template, SHA-256, hexadecimal; null where there is none or it is not known.</summary>
    public string? TemplateSha256 { get; init; }

    /// <summary>Ids that end its answers; null where they are not known.</summary>
    public IReadOnlyList<int>? StopIds { get; init; }
}
