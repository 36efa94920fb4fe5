namespace YiSharp.Evaluation;

/// <summary>The expected text stands somewhere in the answer. Any answer but an empty one has the form asked for.</summary>
internal sealed class ContainsCheck : AnswerCheck
{
    private readonly string _answer;

    private ContainsCheck(string answer) => _answer = answer;

    /// <summary>The check for an expected text; null for an empty one, which stands everywhere.</summary>
    public static ContainsCheck? TryCreate(string answer) => answer.Length > 0 ? new ContainsCheck(answer) : null;

    public override Prediction Judge(string output)
    {
        string text = output.Trim();
        if (text.Length == 0) return Prediction.NothingFound;
        return text.Contains(_answer, StringComparison.Ordinal) ? new Prediction(_answer, "contains", true) : new Prediction(text, "whole", false);
    }
}
