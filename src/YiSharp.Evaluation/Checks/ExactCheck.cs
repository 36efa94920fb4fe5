namespace YiSharp.Evaluation;

/// <summary>
/// The whole answer, without the space around it, is the expected text. The form asked for is that of the expected text: a label in square brackets where it is one;
/// digits and signs in the same places where it is a date or a number (1908-03-24); otherwise any single line.
/// </summary>
internal sealed class ExactCheck : AnswerCheck
{
    private readonly string _answer;

    private ExactCheck(string answer) => _answer = answer;

    /// <summary>The check for an expected text; null for one with space around it, which no answer has.</summary>
    public static ExactCheck? TryCreate(string answer) => answer == answer.Trim() ? new ExactCheck(answer) : null;

    public override Prediction Judge(string output)
    {
        string text = output.Trim();
        if (text == _answer) return new Prediction(text, Form(text), true);
        if (text.Length == 0 || text.Contains('\n')) return Prediction.NothingFound;
        return Form(text) == Form(_answer) ? new Prediction(text, Form(text), false) : Prediction.NothingFound;
    }

    private static string Form(string text)
    {
        if (text.Length > 2 && text[0] == '[' && text[^1] == ']' && text.AsSpan(1, text.Length - 2).IndexOfAny('[', ']') < 0) return "label";
        bool digits = text.Any(char.IsAsciiDigit) && !text.Any(char.IsLetter);
        return digits ? string.Concat(text.Select(c => char.IsAsciiDigit(c) ? '0' : c)) : "line";
    }
}
