using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The last run of digits in the answer, commas aside, is the expected whole number. An answer without digits has not the form asked for.</summary>
internal sealed partial class LastNumberCheck(string answer) : AnswerCheck
{
    public override Prediction Judge(string output)
    {
        Match last = WholeNumber().Match(output.Replace(",", "", StringComparison.Ordinal));
        return last.Success ? new Prediction(last.Value, "last_number", last.Value == answer) : Prediction.NothingFound;
    }

    [GeneratedRegex(@"-?\d+", RegexOptions.RightToLeft | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex WholeNumber();
}
