using System.Text;

namespace YiSharp.Evaluation;

/// <summary>The prompts of a suite's questions, by the templates of a <see cref="SuiteProtocol"/>.</summary>
/// <param name="protocol">The templates.</param>
/// <param name="subject">Whose questions.</param>
/// <param name="taskText">What the source says about the subject as a whole; empty for nothing.</param>
internal sealed class QuestionText(SuiteProtocol protocol, BenchmarkSubject subject, string taskText)
{
    /// <summary>The space between a prompt and an option that is scored, as lm-evaluation-harness has it.</summary>
    private const string Delimiter = " ";

    private const string BetweenExemplars = "\n\n";

    private string? _exemplars;

    /// <summary>The whole prompt.</summary>
    public string Prompt(BenchmarkItem item) => Fill(protocol.Description, item) + (_exemplars ??= Exemplars()) + Fill(protocol.Question, item);

    private string Exemplars()
    {
        var text = new StringBuilder();
        foreach (BenchmarkItem exemplar in subject.Exemplars.Take(protocol.Shots)) text.Append(Fill(protocol.Question, exemplar)).Append(protocol.TargetDelimiter).Append(AnswerOf(exemplar)).Append(BetweenExemplars);
        return text.ToString();
    }

    /// <summary>What is scored: letters or choices, with the space before them.</summary>
    public IReadOnlyList<string> Options(BenchmarkItem item) => [.. item.Choices.Select((choice, i) => Delimiter + (protocol.AnswersAreChoices ? choice : Letter(i)))];

    /// <summary>The letter of an option, 0-based.</summary>
    public static string Letter(int index) => ((char)('A' + index)).ToString();

    /// <summary>Whether options are the letters, with the space before them, and nothing else.</summary>
    public static bool AreLetters(IReadOnlyList<string> options) => options.Count <= 26 && options.Select((option, i) => option == Delimiter + Letter(i)).All(isLetter => isLetter);

    private string AnswerOf(BenchmarkItem item) =>
        item.Right.Count == 0 ? item.Answer : protocol.AnswersAreChoices ? item.Choices[item.Right[0]] : Letter(item.Right[0]);

    private string Fill(string template, BenchmarkItem item) => Fill(template, name => name switch
    {
        "title" => subject.Title,
        "subject" => subject.Name,
        "task" => taskText,
        "question" => protocol.KeepsSpace ? item.Question : item.Question.Trim(),
        "options" => string.Join('\n', item.Choices.Select((choice, i) => Fill(protocol.Option, part => part switch { "letter" => Letter(i), "choice" => choice, _ => null }))),
        _ => null,
    });

    /// <summary>Puts values in for names in braces, once from left to right: what was put in is not looked at again.</summary>
    internal static string Fill(string template, Func<string, string?> valueOf)
    {
        var text = new StringBuilder();
        int at = 0;
        while (template.IndexOf('{', at) is int open and >= 0)
        {
            int close = template.IndexOf('}', open);
            string? value = close < 0 ? null : valueOf(template[(open + 1)..close]);
            text.Append(template, at, open - at).Append(value ?? "{");
            at = value is null ? open + 1 : close + 1;
        }
        return text.Append(template, at, template.Length - at).ToString();
    }
}
