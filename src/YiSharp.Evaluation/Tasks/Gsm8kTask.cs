using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// Grade-school word problems (Cobbe et al. 2021, arXiv:2110.14168), zero-shot in a chat. A row of the data set:
/// <code>
/// {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber.  How many bolts in total does it take?",
///  "answer": "It takes 2/2=&lt;&lt;2/2=1&gt;&gt;1 bolt of white fiber\nSo the total amount of fabric is 2+1=&lt;&lt;2+1=3&gt;&gt;3 bolts of fabric\n#### 3"}
/// </code>
/// The model is asked the question and to end with "The answer is" and the number. "2 + 1 = 3. The answer is 3." gives 3 by the rule <c>declared</c>: right.
/// "I would need more fiber." has no number: nothing is found. Answers are read as everywhere (docs/extraction.md).
/// </summary>
public sealed class Gsm8kTask : IEvaluationTask
{
    private const string Instruction = "Think step by step. End with \"The answer is\" and the number.";

    private readonly ExtractionQuestion[] _questions;

    private Gsm8kTask(IReadOnlyList<(string Question, string Answer)> rows)
    {
        _questions = [.. rows.Select(row => new ExtractionQuestion(AnswerKind.Number, row.Question, []))];
        Examples = [.. rows.Select((row, item) => new TaskExample(item, [new ChatMessage("user", $"{row.Question}\n\n{Instruction}")], row.Answer, "number"))];
    }

    /// <inheritdoc/>
    public string Name => "gsm8k";

    /// <inheritdoc/>
    public IReadOnlyList<TaskExample> Examples { get; }

    /// <summary>Reads a file of questions.</summary>
    /// <param name="path">JSON lines of <c>question</c> and <c>answer</c>, the number after "####".</param>
    /// <exception cref="InvalidDataException">Rows are bad; all are listed, with number and reason.</exception>
    public static Gsm8kTask Read(string path) => new(JsonLines.Read(path, "\"question\" and \"answer\"", Parse).ToArray());

    /// <inheritdoc/>
    public Prediction Predict(TaskExample example, string output)
    {
        Extraction found = ExtractionPack.Default.Extract(_questions[example.Item], output);
        return new Prediction(found.Answer, found.Rule, found.Answer == example.Answer) { Span = found.Span, IsLowConfidence = found.IsLowConfidence };
    }

    private static (string Question, string Answer) Parse(JsonElement row)
    {
        string solution = JsonLines.Text(row, "answer");
        int mark = solution.LastIndexOf("####", StringComparison.Ordinal);
        if (mark < 0 || PlainNumber.In(solution[mark..]) is not { } number) throw new InvalidDataException("has no number after \"####\" in \"answer\"");
        return (JsonLines.Text(row, "question"), number);
    }
}
