using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Regular expressions that take linear time, whatever the text.</summary>
/// <remarks>
/// .NET's engine without backtracking (7 to 10) passes over a match where a pattern begins with something optional: <c>-?\d+</c> finds 10 in "- 3 10" (dotnet/runtime, pull request 130176). It takes the
/// optional part for a piece of its own search for a beginning; a condition that always holds, in front of such a pattern, keeps the two apart. Within a pattern the same holds of something optional behind a
/// lazy loop, as in <c>.*?a?b</c>: put the condition between them. No other pattern gets one, since with any condition that engine loses the groups of a match that takes the text's last line end.
/// </remarks>
internal static class LinearRegex
{
    /// <summary>A condition that holds everywhere.</summary>
    public const string Anywhere = @"(?:\b|\B)";

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10); // for the unforeseen
    private static readonly TimeSpan TimeToMatchAgain = TimeSpan.FromSeconds(1);

    /// <summary>The expression of a pattern that can be read.</summary>
    public static Regex Create(string pattern, RegexOptions options = RegexOptions.None) => new(RegexBeginning.MayBeOptional(pattern) ? $"{Anywhere}(?:{pattern})" : pattern, options | Options, Timeout);

    /// <summary>Holds somebody's pattern to be one.</summary>
    /// <exception cref="RegexParseException">It cannot be read.</exception>
    /// <exception cref="NotSupportedException">It looks ahead or behind, refers to earlier groups, or holds atomic ones.</exception>
    public static void Require(string pattern) => _ = new Regex(pattern, Options);

    /// <summary>The groups of a match as the engine that backtracks finds them, where the other has lost them; else the match as it is.</summary>
    /// <param name="pattern">The pattern, as it was given.</param>
    /// <param name="text">What was searched.</param>
    /// <param name="match">A match in it.</param>
    public static Match WithGroups(string pattern, string text, Match match)
    {
        bool isAtLastLineEnd = match.Index + match.Length == text.Length && text.EndsWith('\n');
        if (!isAtLastLineEnd || match.Groups.Count == 1) return match;
        try
        {
            Match again = new Regex(pattern, RegexOptions.CultureInvariant, TimeToMatchAgain).Match(text, match.Index); // it matches there, so that there is nothing to search
            return again.Success && again.Index == match.Index && again.Length == match.Length ? again : match;
        }
        catch (RegexMatchTimeoutException)
        {
            return match; // a pattern whose ways to the same match are without number: its groups stay lost
        }
    }
}
