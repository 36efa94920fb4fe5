using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>A number as it stands in a text.</summary>
/// <param name="From">Where it begins, its sign included.</param>
/// <param name="To">Where it ends, a percent sign or a word of scale included.</param>
/// <param name="Value">Its value as written; 25 for "25%".</param>
/// <param name="IsPercent">Whether a percent sign or word stands behind it.</param>
/// <param name="Scale">10 000 for 万, a million for "million"; 1 without a word of scale. Not yet in <paramref name="Value"/>.</param>
internal readonly record struct Numeral(int From, int To, double Value, bool IsPercent, double Scale)
{
    private const string Digits = @"(?:[0-9]{1,3}(?:(?:,|\{,\}|\\,)[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+";

    private static readonly Regex Plain = Pattern.Of($@"\\frac\s*\{{\s*(-?[0-9.]+)\s*\}}\s*\{{\s*([0-9.]+)\s*\}}|({Digits})(?:e([-+]?[0-9]{{1,3}})\b)?|[¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]");
    private static readonly Regex PowerOfTen = Pattern.Of(@"^\s*(?:×|x|\*)\s*10\s?\^?\s?\{?(-?[0-9]{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹])\}?");
    private static readonly Regex Over = Pattern.Of(@"^ ?[/⁄] ?([0-9]+)");
    private static readonly Regex MixedOver = Pattern.Of(@"^ ([0-9]{1,2})[/⁄]([0-9]{1,2})(?:[^0-9]|$)");
    private static readonly Regex Scales = Pattern.Of(@"^\s?(?:(k|m|bn)\b|(thousand|million|billion)\b|(万亿|亿|万|百(?:万)?|千)(?:[^克米瓦卡帕焦字伏]|$))");
    private static readonly Regex Percent = Pattern.Of(@"^\s*(?:%|‰|percent\b|per cent\b|percentage points?)");
    private static readonly Regex Below = Pattern.Of(@"^[^.,;0-9\n]{0,24}?\bbelow (?:zero|freezing|sea level|(?:the )?(?:water|surface|ground))");
    private const string Fractions = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞";
    private static readonly double[] FractionValues = [1 / 4d, 1 / 2d, 3 / 4d, 1 / 3d, 2 / 3d, 1 / 5d, 2 / 5d, 3 / 5d, 4 / 5d, 1 / 6d, 5 / 6d, 1 / 8d, 3 / 8d, 5 / 8d, 7 / 8d];

    /// <summary>Every number in [from, to) of a text in lower case, in order.</summary>
    public static List<Numeral> In(string lower, int from, int to)
    {
        string part = lower[from..to];
        var found = new List<Numeral>();
        var taken = new bool[part.Length];
        int end = 0;
        foreach (Match match in Plain.Matches(part))
        {
            if (match.Index < end || IsInWord(part, match)) continue;
            Numeral numeral = Read(part, match);
            end = numeral.To;
            if (!double.IsFinite(numeral.Value)) continue;
            found.Add(numeral);
            taken.AsSpan(numeral.From, numeral.To - numeral.From).Fill(true);
        }
        foreach ((Regex words, Func<string, double?> parse) in ((Regex, Func<string, double?>)[])[(NumberWords.English, NumberWords.ParseEnglish), (NumberWords.Chinese, NumberWords.ParseChinese)])
        {
            foreach (Match match in words.Matches(part))
            {
                bool isUnit = match.Value.Length > 1 && match.Value[^1] == '千' && match.Index + match.Length < part.Length && part[match.Index + match.Length] is '克' or '米' or '瓦';
                string numerals = isUnit ? match.Value[..^1] : match.Value;
                if (taken.AsSpan(match.Index, match.Length).Contains(true) || IsNoNumber(part, match) || parse(numerals) is not double value || !double.IsFinite(value)) continue;
                bool isPercent = Percent.Match(part[(match.Index + match.Length)..Math.Min(part.Length, match.Index + match.Length + 20)]).Success;
                bool hundredths = match.Value.Contains("百分之", StringComparison.Ordinal);
                found.Add(WithSign(part, new Numeral(match.Index, match.Index + numerals.Length, hundredths ? value * 100 : value, isPercent || hundredths, 1)));
            }
        }
        found.Sort((a, b) => a.From - b.From);
        return [.. found.Select(n => n with { From = n.From + from, To = n.To + from })];
    }

    private static Numeral Read(string part, Match match)
    {
        int to = match.Index + match.Length;
        double value;
        if (match.Groups[1].Success) value = Parse(match.Groups[1].Value) / Parse(match.Groups[2].Value);
        else if (!match.Groups[3].Success) value = FractionValues[Fractions.IndexOf(match.Value[0], StringComparison.Ordinal)];
        else
        {
            value = Parse(match.Groups[3].Value);
            if (match.Groups[4].Success) value *= Math.Pow(10, int.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
            string after = part[to..Math.Min(part.Length, to + 24)];
            if (PowerOfTen.Match(after) is { Success: true } power)
            {
                string exponent = power.Groups[1].Value;
                int superscript = "⁰¹²³⁴⁵⁶⁷⁸⁹".IndexOf(exponent, StringComparison.Ordinal);
                value *= Math.Pow(10, superscript >= 0 ? superscript : int.Parse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
                to += power.Length;
            }
            else if (MixedOver.Match(after) is { Success: true } mixed && Parse(mixed.Groups[1].Value) < Parse(mixed.Groups[2].Value))
            {
                value += Parse(mixed.Groups[1].Value) / Parse(mixed.Groups[2].Value);
                to += mixed.Groups[2].Index + mixed.Groups[2].Length;
            }
            else if (Over.Match(after) is { Success: true } over && Parse(over.Groups[1].Value) != 0)
            {
                value /= Parse(over.Groups[1].Value);
                to += over.Length;
            }
            else if (after.Length > 0 && Fractions.IndexOf(after[0], StringComparison.Ordinal) is >= 0 and var fraction)
            {
                value += FractionValues[fraction];
                to++;
            }
        }
        string rest = part[to..Math.Min(part.Length, to + 24)];
        double scale = 1;
        if (Scales.Match(rest) is { Success: true } scaled)
        {
            scale = string.Concat(scaled.Groups.Values.Skip(1).Select(g => g.Value)) switch
            {
                "m" or "bn" when !IsMoney(part, match.Index) => 0,
                "k" or "thousand" or "千" => 1e3,
                "m" or "million" or "百万" => 1e6,
                "bn" or "billion" => 1e9,
                "万" => 1e4,
                "亿" => 1e8,
                "万亿" => 1e12,
                "百" => 100,
                _ => 1
            };
            if (scale == 0) scale = 1;
            else to += scaled.Groups.Values.Skip(1).Max(g => g.Index + g.Length);
        }
        Match percent = Percent.Match(rest);
        return WithSign(part, new Numeral(match.Index, to + (percent.Success ? percent.Length : 0), value, percent.Success, scale));
    }

    /// <summary>Whether a sign of currency stands before: only there an m is a million.</summary>
    private static bool IsMoney(string part, int at) => at > 0 && part[at - 1] is '$' or '¥' or '€' or '£';

    /// <summary>A minus before it that is no operator, "below zero" behind it, 零下 before it.</summary>
    private static Numeral WithSign(string part, Numeral numeral)
    {
        int at = numeral.From - 1;
        while (at >= 0 && part[at] is '$' or '¥' or '€' or '£') at--;
        if (at >= 0 && part[at] == '-')
        {
            int before = at - 1;
            bool spaced = before >= 0 && part[before] == ' ';
            while (before >= 0 && part[before] is ' ' or '$') before--;
            bool sign = before < 0 || part[before] is '=' or '(' or ':' or ',' or '{' or '"' or '≈' or '\n' or '.' or '。' or '为' or '是' or '×' or '*' or '/' or '[' || part[before] >= '\u3400' || (spaced && char.IsAsciiLetter(part[before]));
            if (sign) return numeral with { From = at, Value = -numeral.Value };
        }
        if (numeral.From >= 2 && part.AsSpan(numeral.From - 2, 2) is "零下" or "负的") return numeral with { From = numeral.From - 2, Value = -numeral.Value };
        if (numeral.From >= 1 && part[numeral.From - 1] is '负') return numeral with { From = numeral.From - 1, Value = -numeral.Value };
        return Below.Match(part[numeral.To..Math.Min(part.Length, numeral.To + 60)]) is { Success: true } below ? numeral with { To = numeral.To + below.Length, Value = -numeral.Value } : numeral;
    }

    /// <summary>Part of a word or a name, such as the digit in CO2 or B12; 2nd and 19:15 are no amounts either.</summary>
    private static bool IsInWord(string part, Match match)
    {
        char before = match.Index > 0 ? part[match.Index - 1] : ' ', after = match.Index + match.Length < part.Length ? part[match.Index + match.Length] : ' ';
        if (char.IsAsciiLetter(before) || before == '_' || (before == '.' && match.Index > 1 && char.IsAsciiDigit(part[match.Index - 2]))) return true;
        if ((before == ':' && match.Index > 1 && char.IsAsciiDigit(part[match.Index - 2])) || (after == ':' && match.Index + match.Length + 1 < part.Length && char.IsAsciiDigit(part[match.Index + match.Length + 1]))) return true;
        ReadOnlySpan<char> rest = part.AsSpan(match.Index + match.Length);
        return rest.StartsWith("st ", StringComparison.Ordinal) || rest.StartsWith("nd ", StringComparison.Ordinal) || rest.StartsWith("rd ", StringComparison.Ordinal) || rest.StartsWith("th ", StringComparison.Ordinal);
    }

    /// <summary>"One" as a pronoun, 一 in 一共, numerals in names.</summary>
    private static bool IsNoNumber(string part, Match match)
    {
        if (match.Value is "half" or "a half" or "third" or "quarter") return match.Value != "half" && match.Value != "a half";
        if (match.Value == "one") return true;
        if (match.Value[0] < '\u3400') return false;
        string after = part[(match.Index + match.Length)..Math.Min(part.Length, match.Index + match.Length + 2)];
        if (match.Index > 0 && part[match.Index - 1] is '第' or '星' or '周' or '其' or '统' or '唯' || (match.Value[0] is '万' or '亿' or '千' or '百' && match.Index > 0 && char.IsAsciiDigit(part[match.Index - 1]))) return true;
        return match.Value is "一" or "万" or "千" or "百" or "亿" or "十分" || (match.Value.Length == 1 && after.Length > 0 && after[0] is '种' or '者' or '边' or '角' or '步' or '共' or '样' or '起' or '定');
    }

    private static double Parse(string digits) =>
        double.TryParse(string.Concat(digits.Where(c => char.IsAsciiDigit(c) || c is '.' or '-')), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}
