using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Patterns for a model's words: time linear in them.</summary>
internal static class Pattern
{
    public static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, TimeSpan.FromSeconds(10));
}
