using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The last run of digits in the answer, commas aside, is the expected whole number. An answer without digits has not the form asked for.</summary>
internal sealed partial class LastNumberCheck : AnswerCheck
{
    private readonly string _answer;

    private LastNumberCheck(string answer) => _answer = answer;

    /// <summary>The check for an expected number; null for a text that is not just its digits.</summary>
    public static LastNumberCheck? TryCreate(string answer) => WholeNumber().Match(answer).Value is { Length: > 0 } digits && digits == answer ? new LastNumberCheck(answer) : null;

    public override Prediction Judge(string output)
    {
        Match last = WholeNumber().Match(output.Replace(",", "", StringComparison.Ordinal));
        return last.Success ? new Prediction(last.Value, "last_number", last.Value == _answer) : Prediction.NothingFound;
    }

    [GeneratedRegex(@"-?\d+", RegexOptions.RightToLeft | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex WholeNumber();
}
