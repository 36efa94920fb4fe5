using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Patterns for a model's words: time linear in them.</summary>
internal static class Pattern
{
    /// <summary>One pattern, or any of several: a row each.</summary>
    public static Regex Of(params string[] alternatives) => LinearRegex.Create(string.Join('|', alternatives));
}
