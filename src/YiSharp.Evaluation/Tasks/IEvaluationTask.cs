using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>A set of questions and the rule by which an answer is read and judged.</summary>
public interface IEvaluationTask
{
    /// <summary>Its name in every table and file.</summary>
    string Name { get; }

    /// <summary>The questions, in file order; each may be made anew whenever it is asked for.</summary>
    IReadOnlyList<TaskExample> Examples { get; }

    /// <summary>The sha256 of the files that the questions come from (<see cref="BenchmarkContent.Sha256"/>); null for a task that does not record it.</summary>
    string? DataSha256 => null;

    /// <summary>How another model judges the answers; null where they are read by rules.</summary>
    Rubric? Rubric => null;

    /// <summary>Whether our own rules (<see cref="ReadingRules"/>) say what an answer is: not where options are compared by log-likelihood, or another harness's rules read.</summary>
    bool IsReadByOurRules => true;

    /// <summary>Reads the answer out of a model's words and judges it; not called where there is a <see cref="Rubric"/>.</summary>
    /// <param name="example">One of <see cref="Examples"/>.</param>
    /// <param name="output">What the model said, as it came.</param>
    Prediction Predict(TaskExample example, string output);

    /// <summary>Judges log-likelihoods of the options, for examples that have some.</summary>
    /// <param name="example">One of <see cref="Examples"/>.</param>
    /// <param name="logLikelihoods">Nats, an option each.</param>
    /// <returns>The choice, and what it is worth, 0 to 1.</returns>
    (Prediction Prediction, double Score) Choose(TaskExample example, IReadOnlyList<double> logLikelihoods) => throw new NotSupportedException($"{Name} has no options to choose from.");

    /// <summary>What the same log-likelihoods are worth by other metrics, 0 to 1, such as <c>acc_norm</c>; null for none.</summary>
    /// <param name="example">One of <see cref="Examples"/>.</param>
    /// <param name="logLikelihoods">Nats, an option each.</param>
    IReadOnlyDictionary<string, double>? FurtherMetrics(TaskExample example, IReadOnlyList<double> logLikelihoods) => null;
}

/// <summary>One question.</summary>
/// <param name="Item">Its place in the task, 0-based.</param>
/// <param name="Messages">The prompt, ending with the user.</param>
/// <param name="Answer">What a right answer holds.</param>
/// <param name="Check">How it is looked for; part of what makes two runs the same.</param>
public sealed record TaskExample(int Item, IReadOnlyList<ChatMessage> Messages, string Answer, string Check)
{
    /// <summary>Its subject, in a task that has some.</summary>
    public string? Subject { get; init; }

    /// <summary>The prompt as a text without a chat template; the messages then hold it as the user's. Null for a chat.</summary>
    public string? Text { get; init; }

    /// <summary>Continuations whose log-likelihoods are compared; empty where the model writes an answer.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Most tokens of an answer; null takes the protocol's.</summary>
    public int? MaxNewTokens { get; init; }
}

/// <summary>What was read out of a model's words, and whether it is right.</summary>
/// <param name="Extracted">The answer that was found; null when the words have no answer in the form asked for.</param>
/// <param name="Rule">Which rule found it; null when none did.</param>
/// <param name="Correct">Whether it is right; never so without an answer.</param>
public readonly record struct Prediction(string? Extracted, string? Rule, bool Correct)
{
    /// <summary>Where in the output it stands: UTF-16 positions [from, to); null where the rule does not say.</summary>
    public (int From, int To)? Span { get; init; }

    /// <summary>Whether the rule is one that guesses: worth a look in an audit.</summary>
    public bool IsLowConfidence { get; init; }

    /// <summary>No answer in the form asked for.</summary>
    public static Prediction NothingFound => default;
}
