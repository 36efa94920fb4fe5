using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// The final number of a worked solution. Rules, the first that finds one decides: <c>hash</c> (#### 18), <c>boxed</c> (\boxed{18}), <c>sentence</c>
/// ("the answer is 18", 答案是18), <c>bold</c> (**18**), <c>last_number</c>. Within a rule the last find counts: who corrects himself does so at the end. A question that the model goes on to
/// ask itself, and all after it, is left out.
/// </summary>
public static partial class NumberExtraction
{
    /// <summary>The number in its plainest form, such as 70000 for "$70,000.00", and the rule that found it; both null when there is none.</summary>
    public static (string? Number, string? Rule) Find(string text)
    {
        if (NextQuestion().Match(text) is { Success: true, Index: > 0 } next) text = text[..next.Index];
        (string Rule, Regex Marker)[] rules = [("hash", Hash()), ("boxed", Boxed()), ("sentence", Sentence()), ("bold", Bold())];
        foreach ((string rule, Regex marker) in rules)
        {
            foreach (Match match in marker.Matches(text).Reverse())
            {
                Match number = Number().Match(match.Groups["rest"].Value);
                if (number.Success) return (Normalize(number.Value), rule);
            }
        }
        MatchCollection all = Number().Matches(text);
        return all.Count == 0 ? (null, null) : (Normalize(all[^1].Value), "last_number");
    }

    /// <summary>
    /// The plainest form of a written number: no currency, percent sign, thousands separators, leading plus or zeros, nor zeros after the point; U+2212 becomes a minus,
    /// full-width digits become plain ones.
    /// </summary>
    public static string Normalize(string number)
    {
        var kept = new char[number.Length];
        int length = 0;
        foreach (char c in number)
        {
            if (c is '−' or '-') kept[length++] = '-';
            else if (c is '.' or '．') kept[length++] = '.';
            else if (char.IsDigit(c)) kept[length++] = (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c));
        }
        string plain = new(kept, 0, length);
        bool negative = plain.StartsWith('-');
        string digits = plain.TrimStart('-');
        if (digits.Contains('.')) digits = digits.TrimEnd('0').TrimEnd('.');
        digits = digits.TrimStart('0');
        if (digits.Length == 0 || digits[0] == '.') digits = "0" + digits;
        return negative && digits != "0" ? "-" + digits : digits;
    }

    private const int TimeoutMilliseconds = 10_000; // each pattern is linear in the text; this only bounds the unforeseen

    [GeneratedRegex(@"(?<=\n)\s*(?:Q|Question|问题?)\s*[:：]", RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex NextQuestion();

    [GeneratedRegex(@"####(?<rest>[^\n]{0,200})", RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Hash();

    [GeneratedRegex(@"\\boxed\s{0,4}\{(?=(?<rest>[^\n]{0,200}))", RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Boxed();

    [GeneratedRegex(@"(?:\banswer(?:\s+is)?\s*[:=]?|答案?(?:是|为)?\s*[:：]?)(?=(?<rest>[^\n]{0,200}))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\*\*(?<rest>[^*\n]{1,200})\*\*", RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Bold();

    [GeneratedRegex(@"(?<![A-Za-z\d])[-−]?[\$¥€£]?(?:\d{1,3}(?:(?:,|，|\{,\}|\\,)\d{3})+|\d+)(?:[.．]\d+)?|(?<![A-Za-z\d])[-−]?[.]\d+", RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Number();
}
