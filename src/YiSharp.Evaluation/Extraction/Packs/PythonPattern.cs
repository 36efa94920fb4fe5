using System.Text;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// Patterns of Python's <c>re</c>, over characters of 16 bits. Its <c>\s</c> has U+001C to U+001F, its word characters are letters, numbers of all kinds and the underscore (.NET's have marks and lack
/// numbers such as ₂). Patterns without look-around run in linear time.
/// </summary>
internal static class PythonPattern
{
    private const string Space = @"\s\x1c-\x1f", Word = @"\p{L}\p{N}_";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10); // for the unforeseen: the patterns with look-around backtrack within a line at most

    /// <summary>The pattern as a .NET one.</summary>
    public static Regex Compile(string pattern, RegexOptions options = RegexOptions.None)
    {
        string translated = Translate(pattern);
        bool looksAround = translated.Contains("(?=", StringComparison.Ordinal) || translated.Contains("(?!", StringComparison.Ordinal) || translated.Contains("(?<", StringComparison.Ordinal);
        return looksAround ? new Regex(translated, options | RegexOptions.CultureInvariant, Timeout) : LinearRegex.Create(translated, options);
    }

    private static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length);
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c != '\\' || i + 1 == pattern.Length)
            {
                inClass = inClass ? c != ']' : c == '[';
                translated.Append(c);
                continue;
            }
            char escaped = pattern[++i];
            translated.Append((escaped, inClass) switch
            {
                ('s', true) => Space,
                ('s', false) => $"[{Space}]",
                ('S', false) => $"[^{Space}]",
                ('S', true) => throw new NotSupportedException(@"\S within brackets"),
                ('w', false) => $"[{Word}]",
                ('W', false) => $"[^{Word}]",
                ('w' or 'W', true) => throw new NotSupportedException($@"\{escaped} within brackets"),
                ('b', false) => $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))",
                _ => $@"\{escaped}",
            });
        }
        return translated.ToString();
    }
}
