using YiSharp.Inference;

namespace YiSharp.Evaluation;

/// <summary>A sample without its texts: what scores and comparisons are reckoned from, small enough to be kept for every item.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Subject">The subject; null where the task has none.</param>
/// <param name="Item">The question's place in its file, 0-based.</param>
/// <param name="Score">What the answer is worth, 0 to 1.</param>
/// <param name="IsCorrect">Whether it is right.</param>
/// <param name="HasFailed">Whether no answer came, or no judge's word.</param>
/// <param name="IsNothingFound">Whether an answer came in which nothing of the form asked for was found.</param>
/// <param name="IsTruncated">Whether the limit of tokens cut it off.</param>
/// <param name="IsByOptions">Whether options were compared, so that no answer was read.</param>
internal readonly record struct SampleOutcome(string Task, string? Subject, int Item, double Score, bool IsCorrect, bool HasFailed, bool IsNothingFound, bool IsTruncated, bool IsByOptions)
{
    /// <summary>That of a sample.</summary>
    public static SampleOutcome Of(Sample sample) => new(
        sample.Task, sample.Subject, sample.Item, sample.Score, sample.Prediction.Correct, sample.Failure is not null,
        sample.Prediction.Extracted is null && sample.Failure is null && sample.LogLikelihoods is null, sample.Failure is null && sample.Response.FinishReason == FinishReason.Length, sample.LogLikelihoods is not null);

    /// <summary>What tells the question from all others of a run.</summary>
    public (string Task, string? Subject, int Item) Key => (Task, Subject, Item);

    /// <summary>Whether it is neither right nor wrong.</summary>
    public bool IsShare => Score is > 0 and < 1;

    /// <summary>What it may depend on together with others: the subject of its task; where there is none, nothing.</summary>
    public string Cluster => $"{Task} {Subject ?? $"{Item}"}";
}
