using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Finds numbers in a text in lower case: in digits, in words, in Chinese numerals.</summary>
internal static class Numerals
{
    private const string Digits = @"(?:[0-9]{1,3}(?:(?:,|\{,\}|\\,)[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+";
    private const string Fractions = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞";
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private static readonly double[] FractionValues = [1 / 4d, 1 / 2d, 3 / 4d, 1 / 3d, 2 / 3d, 1 / 5d, 2 / 5d, 3 / 5d, 4 / 5d, 1 / 6d, 5 / 6d, 1 / 8d, 3 / 8d, 5 / 8d, 7 / 8d];

    private static readonly Regex Plain = Pattern.Of(
        @"\\frac\s*\{\s*(-?[0-9.]+)\s*\}\s*\{\s*([0-9.]+)\s*\}",
        $@"({Digits})(?:e([-+]?[0-9]{{1,3}})\b)?",
        @"\\frac\s*([0-9])\s*([0-9])",
        $"[{Fractions}]");

    private static readonly Regex PowerOfTen = Pattern.Of($@"^\s*(?:×|x|\*)\s*10\s?\^?\s?\{{?(-?[0-9]{{1,3}}|[{Superscripts}])\}}?");
    private static readonly Regex Over = Pattern.Of(@"^ ?[/⁄] ?([0-9]+(?:\.[0-9]+)?)");
    private static readonly Regex MixedOver = Pattern.Of("^(?: | and | ?又 ?)([0-9]{1,2})[/⁄]([0-9]{1,2})(?:[^0-9]|$)");
    private static readonly Regex AndHalf = Pattern.Of(@"^ and a half\b");
    private static readonly Regex Scales = Pattern.Of(@"^\s?(?:(k|m|bn)\b|(thousand|million|billion)\b|(万亿|亿|万|百(?:万)?|千)(?:[^克米瓦卡帕焦字伏]|$))");
    private static readonly Regex Percent = Pattern.Of(@"^\s*(?:%|‰|percent\b|per cent\b|percentage points?)");
    private static readonly Regex Below = Pattern.Of(@"^[^.,;0-9\n]{0,24}?\b(?:below|under|beneath) (?:zero|freezing|sea level|(?:the )?(?:water|surface|ground))");
    private static readonly Regex MinusBefore = Pattern.Of(@"(?:^|[.:=,\n] ?|\b(?:is|was|to|at|be|of|equals|about|now|only) )((?:minus|negative) [$¥€£]?)$");
    private static readonly Regex Ordinal = Pattern.Of(@"^(?:st|nd|rd|th)\b");
    private static readonly Regex BeforeOne = Pattern.Of(@"(?:^|[.:=\n]|\b(?:is|are|was|were|be|has|have|had|with|only|just|exactly|gets?|needs?|leaves?|equals))\s*$");
    private static readonly Regex PronounOne = Pattern.Of(
        @"^\s*[,;:]", @"^\s*(?:of|way|another|who|that|which|can|must|should|could|would|might|to|more|side|hand|needs?|has|is|the)\b");
    private static readonly Regex ChineseOne = Pattern.Of("^[种者边角步共样起定]");

    /// <summary>Every number in [from, to) of a text, in order; their units are not looked for.</summary>
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
        AddWords(part, NumberWords.English, NumberWords.ParseEnglish, taken, found);
        AddWords(part, NumberWords.Chinese, NumberWords.ParseChinese, taken, found);
        found.Sort((a, b) => a.From - b.From);
        return [.. found.Select(numeral => numeral with { From = numeral.From + from, To = numeral.To + from })];
    }

    private static void AddWords(string part, Regex words, Func<string, double> parse, bool[] taken, List<Numeral> found)
    {
        foreach (Match match in words.Matches(part))
        {
            string numerals = NumberWords.Trimmed(part, match);
            int to = match.Index + numerals.Length;
            if (numerals.Length == 0 || taken.AsSpan(match.Index, numerals.Length).Contains(true) || IsNoNumber(part, match)) continue;
            double value = parse(numerals);
            if (!double.IsFinite(value)) continue;
            bool isHundredths = numerals.Contains("百分之", StringComparison.Ordinal);
            found.Add(WithSign(part, new Numeral(match.Index, to, isHundredths ? value * 100 : value)
            {
                IsPercent = isHundredths || Percent.IsMatch(After(part, to)),
                IsFraction = !isHundredths && value is > -1 and < 1 and not 0,
            }));
        }
    }

    private static Numeral Read(string part, Match match)
    {
        int to = match.Index + match.Length;
        double value;
        bool isFraction = true;
        string? digits = null;
        if (match.Groups[1].Success) value = Parse(match.Groups[1].Value) / Parse(match.Groups[2].Value);
        else if (match.Groups[5].Success) value = Parse(match.Groups[5].Value) / Parse(match.Groups[6].Value);
        else if (!match.Groups[3].Success) value = FractionValues[Fractions.IndexOf(match.Value[0], StringComparison.Ordinal)];
        else
        {
            value = Parse(match.Groups[3].Value);
            if (match.Groups[4].Success) value *= Math.Pow(10, int.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
            isFraction = Continue(part, ref value, ref to);
            if (to == match.Index + match.Length && !match.Value.AsSpan().ContainsAny('.', 'e')) digits = WithoutSeparators(match.Value);
            value = Math.Min(value, double.MaxValue); // too large for a double, and too long to be an answer: still the number that stands there
        }
        double scale = ScaleAt(part, match.Index, ref to);
        Match percent = Percent.Match(After(part, to));
        return WithSign(part, new Numeral(match.Index, to + percent.Length, value) { IsPercent = percent.Success, IsFraction = isFraction, Scale = scale, Digits = digits });
    }

    /// <summary>What follows digits and is part of their number; whether that makes a fraction of them.</summary>
    private static bool Continue(string part, ref double value, ref int to)
    {
        string after = After(part, to);
        if (PowerOfTen.Match(after) is { Success: true } power)
        {
            string exponent = power.Groups[1].Value;
            int superscript = Superscripts.IndexOf(exponent, StringComparison.Ordinal);
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
            return true;
        }
        else if (AndHalf.Match(after) is { Success: true } half)
        {
            value += 0.5;
            to += half.Length;
        }
        else if (after.StartsWith("个半", StringComparison.Ordinal) && NumberWords.IsHalved(part, to + 2))
        {
            value += 0.5;
            to += 2;
        }
        else if (after.Length > 0 && Fractions.IndexOf(after[0], StringComparison.Ordinal) is >= 0 and var fraction)
        {
            value += FractionValues[fraction];
            to++;
        }
        return false;
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

    /// <summary>A minus before it that is no operator, "below zero" behind it, 零下 before it.</summary>
    private static Numeral WithSign(string part, Numeral numeral)
    {
        int at = numeral.From - 1;
        while (at >= 0 && part[at] is '$' or '¥' or '€' or '£') at--;
        if (at >= 0 && part[at] == '-' && IsSign(part, at)) return numeral with { From = at, Value = -numeral.Value };
        if (MinusBefore.Match(part[Math.Max(0, numeral.From - 24)..numeral.From]) is { Success: true } minus) return numeral with { From = numeral.From - minus.Groups[1].Length, Value = -numeral.Value };
        if (numeral.From >= 2 && part.AsSpan(numeral.From - 2, 2) is "零下" or "负的") return numeral with { From = numeral.From - 2, Value = -numeral.Value };
        if (numeral.From >= 1 && part[numeral.From - 1] is '负') return numeral with { From = numeral.From - 1, Value = -numeral.Value };
        Match below = Below.Match(part[numeral.To..Math.Min(part.Length, numeral.To + 60)]);
        return below.Success ? numeral with { To = numeral.To + below.Length, Value = -numeral.Value } : numeral;
    }

    /// <summary>Whether a hyphen is a minus: nothing that could be subtracted from stands before it.</summary>
    private static bool IsSign(string part, int hyphen)
    {
        int before = hyphen - 1;
        bool isSpaced = before >= 0 && part[before] == ' ';
        while (before >= 0 && part[before] is ' ' or '$') before--;
        return before < 0 || part[before] >= '\u3000' || "=(:,{\"≈\n.×*/[~".Contains(part[before], StringComparison.Ordinal) || (isSpaced && char.IsAsciiLetter(part[before]));
    }

    /// <summary>Part of a word or a name, such as the digit in CO2 or B12; 2nd and 19:15 are no amounts either.</summary>
    private static bool IsInWord(string part, Match match)
    {
        int to = match.Index + match.Length;
        char before = match.Index > 0 ? part[match.Index - 1] : ' ', after = to < part.Length ? part[to] : ' ';
        bool followsDigit = match.Index > 1 && char.IsAsciiDigit(part[match.Index - 2]);
        if (char.IsAsciiLetter(before) || before == '_' || (before is '.' or ':' && followsDigit)) return true;
        return (after == ':' && to + 1 < part.Length && char.IsAsciiDigit(part[to + 1])) || Ordinal.IsMatch(After(part, to));
    }

    /// <summary>"One" as a pronoun, "third" as a place, 一 in 一共, numerals in names.</summary>
    private static bool IsNoNumber(string part, Match match)
    {
        string after = After(part, match.Index + match.Length);
        if (match.Value is "third" or "quarter") return true;
        if (match.Value == "one") return !BeforeOne.IsMatch(part[Math.Max(0, match.Index - 12)..match.Index]) || PronounOne.IsMatch(after);
        if (match.Value[0] < '\u3400') return false;
        char before = match.Index > 0 ? part[match.Index - 1] : ' ';
        if (before is '第' or '星' or '周' or '其' or '统' or '唯' || (match.Value[0] is '万' or '亿' or '千' or '百' && char.IsAsciiDigit(before))) return true;
        return match.Value is "一" or "万" or "千" or "百" or "亿" or "十分" || (match.Value.Length == 1 && ChineseOne.IsMatch(after));
    }

    private static string After(string part, int at) => part[at..Math.Min(part.Length, at + 24)];

    private static string WithoutSeparators(string digits) => string.Concat(digits.Where(c => char.IsAsciiDigit(c) || c is '.' or '-'));

    private static double Parse(string digits) => double.TryParse(WithoutSeparators(digits), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}
