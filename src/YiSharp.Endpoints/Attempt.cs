using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>What follows from an attempt.</summary>
internal enum Verdict
{
    /// <summary>There is an answer.</summary>
    Answered,

    /// <summary>Another attempt may help.</summary>
    TryAgain,

    /// <summary>Nothing can be reached there: another attempt may help, and where none does, no other question fares better.</summary>
    Unreachable,

    /// <summary>The endpoint knows the limit of tokens by its other name, <see cref="EndpointRequest.CompletionLimit"/>.</summary>
    RenameLimit,

    /// <summary>This question has no answer, however often it is asked.</summary>
    QuestionFails,

    /// <summary>No question will have one.</summary>
    RunStops,
}

/// <summary>One request and what came of it.</summary>
/// <param name="Verdict">What follows.</param>
/// <param name="Reason">Why there is no answer, a sentence; empty where there is one.</param>
internal sealed record Attempt(Verdict Verdict, string Reason)
{
    /// <summary>The answer, where there is one.</summary>
    public Response? Response { get; init; }

    /// <summary>Log-probabilities of the prompt's tokens, nats, not a number where the endpoint gives none (as of the first); null where they were not asked for, or there are none.</summary>
    public double[]? PromptLogProbs { get; init; }

    /// <summary>How long the endpoint asks to be left alone; null where it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Tokens of the prompt; null where the endpoint does not say.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Tokens of the answer; null where the endpoint does not say.</summary>
    public int? CompletionTokens { get; init; }

    /// <summary>From sending to the last byte.</summary>
    public TimeSpan Elapsed { get; init; }
}
