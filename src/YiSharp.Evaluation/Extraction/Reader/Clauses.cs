using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Parts of a sentence.</summary>
internal static class Clauses
{
    private static readonly Regex Turn = Pattern.Of(@"\b(?:so|therefore|thus|hence|consequently|but|however|whereas|while|actually|instead|means that|which means)\b|所以|因此|故|因而|但|而是|却|可见|可知|即");
    private static readonly Regex Conclusion = Pattern.Of(@"\b(?:so|therefore|thus|hence|consequently|finally|in total|altogether|we get|which gives|giving|leaving|means that)\b|所以|因此|故|因而|可见|可知|答\s*:|一共|总共|共计|最终|最后");
    private static readonly Regex Denial = Pattern.Of(@"(?:\bnot|n't|\bneither|\bnor|\brather than|\binstead of|\bunlike|\bother than|不是|而非|并非|除了|不同于)\s+?(?:[a-z]+ ){0,3}(?:[a-z]+ or )?$|(?:不是|而非|并非|除了)$");

    /// <summary>Where, within [from, to), what follows the last "so" or "but" begins; <paramref name="from"/> without one.</summary>
    public static int LastTurn(string lower, int from, int to) => Last(Turn, lower, from, to);

    /// <summary>The same for "so" alone.</summary>
    public static int LastConclusion(string lower, int from, int to) => Last(Conclusion, lower, from, to);

    /// <summary>Whether a "not", "rather than" stands a few words before a place.</summary>
    public static bool IsDenied(string lower, int at) => Denial.IsMatch(lower[Math.Max(0, at - 40)..at]);

    private static int Last(Regex regex, string lower, int from, int to) => regex.Matches(lower[from..to]).LastOrDefault() is { } match ? from + match.Index + match.Length : from;
}
