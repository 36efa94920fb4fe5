namespace YiSharp.Evaluation;

/// <summary>The expected text stands somewhere in the answer. Any answer but an empty one has the form asked for.</summary>
internal sealed class ContainsCheck(string answer) : AnswerCheck
{
    public override Prediction Judge(string output)
    {
        string text = output.Trim();
        if (text.Length == 0) return Prediction.NothingFound;
        return text.Contains(answer, StringComparison.Ordinal) ? new Prediction(answer, "contains", true) : new Prediction(text, "whole", false);
    }
}
