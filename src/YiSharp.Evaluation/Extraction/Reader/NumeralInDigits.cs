using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Numbers in digits with what belongs to them: 1,250, 2½, 3/4, \frac{3}{4}, 1.5 × 10^11, 2^10, 9π, 5√2, 3.5 million, 15 %. Their signs are read by <see cref="Numerals"/>.</summary>
internal static class NumeralInDigits
{
    private const string Digits = @"(?:[0-9]{1,3}(?:(?:,|\{,\}|\\,)[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+";
    private const string Fractions = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞";
    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹", RaisedMinus = "⁻";
    private const string Exponent = $@"(?:\s?\^\s?\{{?(-?[0-9]{{1,3}})\}}?|({RaisedMinus}?[{Raised}]{{1,3}}))";
    private const int Room = 24;

    private static readonly double[] FractionValues = [1 / 4d, 1 / 2d, 3 / 4d, 1 / 3d, 2 / 3d, 1 / 5d, 2 / 5d, 3 / 5d, 4 / 5d, 1 / 6d, 5 / 6d, 1 / 8d, 3 / 8d, 5 / 8d, 7 / 8d];

    /// <summary>Where a number begins.</summary>
    public static readonly Regex Beginning = Pattern.Of(
        "(?<scaled>[0-9]+(?:\\.[0-9]+)?[十百千万亿]{1,2}(?:零?[0-9]{1,4}[十百千万亿]{1,2})+)", // 1亿2千6百万
        @"\\frac\s*\{\s*(?<over>-?[0-9.]+\s*π?|-?π)\s*\}\s*\{\s*(?<under>[0-9.]+)\s*\}",
        @"\\frac\s*(?<over>[0-9])\s*(?<under>[0-9])",
        $@"(?<digits>{Digits})(?:e(?<exponent>[-+]?[0-9]{{1,3}})\b)?",
        @"√\s*[({]?\s*(?<root>[0-9]+(?:\.[0-9]+)?)\s*[)}]?",
        $"(?<sign>[{Fractions}])");

    /// <summary>
    /// What may stand behind digits, in this order: the first group is what belongs to their number, the others its parts. Whether the number is then a share or a
    /// value that decimals only come near to.
    /// </summary>
    private static readonly (Regex Form, Func<double, string[], double> Value, bool IsExact)[] Endings =
    [
        (Pattern.Of($@"^(\s*(?:×|x|\*|·)\s*10{Exponent})"), (value, parts) => value * Math.Pow(10, ExponentOf(parts[0])), false),
        (Pattern.Of($"^({Exponent})"), (value, parts) => Math.Pow(value, ExponentOf(parts[0])), false),
        (Pattern.Of(@"^(\s*(?:π|pi\b))(?:\s*(?:[^a-z\s]|$)|\s+(?:[a-z]{2}|m\b))"), (value, _) => value * Math.PI, true), // not the 2πr of a formula
        (Pattern.Of(@"^(\s*√\s*[({]?\s*([0-9]+(?:\.[0-9]+)?)\s*[)}]?)"), (value, parts) => value * Math.Sqrt(Parse(parts[0])), true),
        (Pattern.Of("^( ?[/⁄] ?([0-9]+(?:\\.[0-9]+)?))"), (value, parts) => value / Parse(parts[0]), true),
        (Pattern.Of("^((?: | and | ?又 ?)([0-9]{1,2})[/⁄]([0-9]{1,2}))(?:[^0-9]|$)", @"^(\s*\\frac\s*\{\s*([0-9]{1,2})\s*\}\s*\{\s*([0-9]{1,2})\s*\})", @"^(\s*\\frac\s*([0-9])\s*([0-9]))"), Mixed, false),
        (Pattern.Of("^( and a half)\\b", "^(个半)[小钟月星世]"), (value, _) => value + 0.5, false),
        (Pattern.Of($"^(([{Fractions}]))"), (value, parts) => value + FractionOf(parts[0][0]), false),
    ];

    private static readonly Regex Scales = Pattern.Of(@"^\s?(?:(k|m|bn)\b|(thousand|million|billion|trillion)\b|(万亿|亿|万|百(?:万)?|千)(?:[^克米瓦卡帕焦字伏]|$))");
    private static readonly Regex Tenths = Pattern.Of("^\\s*(成([一二三四五六七八九半])?)(?:[^为了功本长立就员交分果熟年人语都份品对双三四五六七八九]|$)");
    private static readonly Regex Percent = Pattern.Of(@"^\s*(?:%|‰|percent\b|per cent\b|percentage points?)");

    /// <summary>The number that begins with a match of <see cref="Beginning"/>; its value is no number where it divides by zero.</summary>
    public static Numeral Read(string part, Match match)
    {
        int to = match.Index + match.Length;
        double value;
        bool isExact = true;
        string? digits = null;
        Group root = match.Groups["root"], written = match.Groups["digits"], scaled = match.Groups["scaled"];
        if (match.Groups["over"] is { Success: true } over) value = ParseTimesPi(over.Value) / Parse(match.Groups["under"].Value);
        else if (match.Groups["sign"].Success) value = FractionOf(match.Value[0]);
        else if (root.Success) value = Math.Sqrt(Parse(root.Value));
        else if (scaled.Success) (value, isExact) = (NumberWords.Scaled(scaled.Value), false);
        else
        {
            value = Parse(written.Value);
            if (match.Groups["exponent"] is { Success: true } exponent) value *= Math.Pow(10, ExponentOf(exponent.Value));
            isExact = Continue(part, ref value, ref to);
            if (to == match.Index + match.Length && !match.Value.AsSpan().ContainsAny('.', 'e')) digits = WithoutSeparators(match.Value);
            value = Math.Min(value, double.MaxValue); // too large for a double, and too long to be an answer: still the number that stands there
        }
        double scale = ScaleAt(part, match.Index, ref to);
        bool isPercent = IsPercentAt(part, ref to, ref value);
        return new Numeral(match.Index, to, value) { IsPercent = isPercent, IsFraction = isExact, Scale = scale, Digits = digits };
    }

    /// <summary>Whether a number's place ends before a percent sign or word, or before 成, which stands for tens of them; the place goes behind a sign or 成.</summary>
    public static bool IsPercentAt(string part, ref int to, ref double value)
    {
        string after = After(part, to);
        if (value is > 0 and <= 10 && Tenths.Match(after) is { Success: true } tenths)
        {
            value = (value * 10) + (tenths.Groups[2] is not { Success: true } digit ? 0 : digit.Value == "半" ? 5 : NumberWords.ParseChinese(digit.Value));
            to += tenths.Groups[1].Index + tenths.Groups[1].Length;
            return true;
        }
        Match percent = Percent.Match(after);
        to += percent.Length;
        return percent.Success;
    }

    /// <summary>Takes what follows digits and is part of their number.</summary>
    private static bool Continue(string part, ref double value, ref int to)
    {
        bool isExact = false;
        foreach ((Regex form, Func<double, string[], double> valueOf, bool exact) in Endings)
        {
            if (form.Match(After(part, to)) is not { Success: true } match) continue;
            Group[] groups = [.. match.Groups.Values.Skip(1).Where(group => group.Success)];
            double ended = valueOf(value, [.. groups.Skip(1).Select(group => group.Value)]);
            if (!double.IsFinite(ended)) continue;
            value = ended;
            to += groups[0].Length;
            isExact |= exact;
        }
        return isExact;
    }

    private static double ScaleAt(string part, int from, ref int to)
    {
        if (Scales.Match(After(part, to)) is not { Success: true } scaled) return 1;
        Group word = scaled.Groups.Values.Skip(1).First(group => group.Success);
        if (word.Value is "m" or "bn" && !IsMoney(part, from)) return 1;
        to += word.Index + word.Length;
        return word.Value switch
        {
            "百" => 100,
            "k" or "thousand" or "千" => 1e3,
            "万" => 1e4,
            "m" or "million" or "百万" => 1e6,
            "亿" => 1e8,
            "bn" or "billion" => 1e9,
            _ => 1e12,
        };
    }

    /// <summary>Whether a sign of currency stands before: only there an m is a million.</summary>
    private static bool IsMoney(string part, int at) => at > 0 && part[at - 1] is '$' or '¥' or '€' or '£';

    /// <summary>With a fraction behind it, which is one of the same number only where it is less than one.</summary>
    private static double Mixed(double value, string[] parts) => Parse(parts[0]) < Parse(parts[1]) ? value + (Parse(parts[0]) / Parse(parts[1])) : double.NaN;

    private static double FractionOf(char sign) => FractionValues[Fractions.IndexOf(sign, StringComparison.Ordinal)];

    private static int ExponentOf(string digits)
    {
        string plain = string.Concat(digits.Select(c => c == RaisedMinus[0] ? '-' : Raised.IndexOf(c, StringComparison.Ordinal) is >= 0 and var digit ? (char)('0' + digit) : c));
        return int.Parse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static string After(string part, int at) => part[at..Math.Min(part.Length, at + Room)];

    private static string WithoutSeparators(string digits) => string.Concat(digits.Where(c => char.IsAsciiDigit(c) || c is '.' or '-'));

    private static double ParseTimesPi(string digits) => !digits.EndsWith('π') ? Parse(digits) : digits.Any(char.IsAsciiDigit) ? Parse(digits) * Math.PI : digits[0] == '-' ? -Math.PI : Math.PI;

    private static double Parse(string digits) => double.TryParse(WithoutSeparators(digits), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}
