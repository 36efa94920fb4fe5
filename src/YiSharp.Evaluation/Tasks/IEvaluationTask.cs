using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>A set of questions and the rule by which an answer is read and judged.</summary>
public interface IEvaluationTask
{
    /// <summary>Its name in every table and file.</summary>
    string Name { get; }

    /// <summary>The questions, in file order.</summary>
    IReadOnlyList<TaskExample> Examples { get; }

    /// <summary>Reads the answer out of a model's words and judges it.</summary>
    /// <param name="example">One of <see cref="Examples"/>.</param>
    /// <param name="output">What the model said, as it came.</param>
    Prediction Predict(TaskExample example, string output);
}

/// <summary>One question.</summary>
/// <param name="Item">Its place in the task, 0-based.</param>
/// <param name="Messages">The prompt, ending with the user.</param>
/// <param name="Answer">What a right answer holds.</param>
/// <param name="Check">How it is looked for; part of what makes two runs the same.</param>
public sealed record TaskExample(int Item, IReadOnlyList<ChatMessage> Messages, string Answer, string Check);

/// <summary>What was read out of a model's words, and whether it is right.</summary>
/// <param name="Extracted">The answer that was found; null when the words have no answer in the form asked for.</param>
/// <param name="Rule">Which rule found it; null when none did.</param>
/// <param name="Correct">Whether it is right; never so without an answer.</param>
public readonly record struct Prediction(string? Extracted, string? Rule, bool Correct)
{
    /// <summary>Where in the output it stands: UTF-16 positions [from, to); null where the rule does not say.</summary>
    public (int From, int To)? Span { get; init; }

    /// <summary>No answer in the form asked for.</summary>
    public static Prediction NothingFound => default;
}
