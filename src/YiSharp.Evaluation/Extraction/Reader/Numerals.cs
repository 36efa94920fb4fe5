using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Finds numbers in a text in lower case: in digits, in words, in Chinese numerals.</summary>
internal static class Numerals
{
    private const int SignRoom = 24, LongestBound = 24;

    /// <summary>"Negative" is a sign wherever it stands, "minus" only where nothing stands before it to subtract from.</summary>
    private static readonly Regex SignWord = Pattern.Of(
        @"\b(negative)[ -]$",
        @"(?:^|[.,:;=≈(""→]\s*)(minus)[ -]$",
        @"\b(?:is|are|was|were|be|been|it's|at|to|of|about|roughly|nearly|exactly|just|only|or|than|still|now|currently|then|equals|becomes?|reach(?:es|ed)|gives?|gets?|got|has|have|had|shows?|reads?) (minus)[ -]$",
        "(零下|负的?)$");

    private static readonly Regex Below = Pattern.Of(@"^[^.,;0-9\n]{0,24}?\b(?:below|under|beneath) (?:zero|freezing|sea level|(?:the )?(?:water|surface|ground))", @"^(?: degrees)? below[.!]*$");
    private static readonly Regex Ordinal = Pattern.Of(@"^(?:st|nd|rd|th)\b");
    private static readonly Regex BeforeOne = Pattern.Of(@"(?:^|[.:=\n]|\b(?:is|are|was|were|be|has|have|had|with|only|just|exactly|gets?|needs?|leaves?|equals))\s*$");
    private static readonly Regex PronounOne = Pattern.Of(
        @"^\s*[,;:]", @"^\s*(?:of|way|another|who|that|which|can|must|should|could|would|might|to|more|side|hand|needs?|has|is|the)\b");
    private static readonly Regex OneIn = Pattern.Of("^ (?:in|out of) (?:every )?(?:[0-9]|(?:two|three|four|five|six|seven|eight|nine|ten|a hundred|a thousand)\\b)");
    private static readonly Regex OneUnit = Pattern.Of("^ (?:hour|minute|week|month|year|dollar|cent|mile|met(?:er|re)|foot|inch|litre|liter|kilogram|gram|ton|percent)\\b");
    private static readonly Regex BetweenScales = Pattern.Of("^(?: |,? and )$");
    private static readonly Regex ChineseOne = Pattern.Of("^[种者边角步共样起定]");

    /// <summary>Every number in [from, to) of a text, in order; their units are not looked for.</summary>
    public static List<Numeral> In(string lower, int from, int to)
    {
        string part = lower[from..to];
        var found = new List<Numeral>();
        var taken = new bool[part.Length];
        int end = 0;
        foreach (Match match in NumeralInDigits.Beginning.Matches(part))
        {
            if (match.Index < end || IsInWord(part, match)) continue;
            Numeral numeral = WithSign(part, NumeralInDigits.Read(part, match));
            end = numeral.To;
            if (!double.IsFinite(numeral.Value)) continue;
            found.Add(numeral);
            taken.AsSpan(numeral.From, numeral.To - numeral.From).Fill(true);
        }
        AddWords(part, NumberWords.English, NumberWords.ParseEnglish, taken, found);
        AddWords(part, NumberWords.Chinese, NumberWords.ParseChinese, taken, found);
        found.Sort((a, b) => a.From - b.From);
        return [.. Joined(part, found).Select(numeral => numeral with { From = numeral.From + from, To = numeral.To + from })];
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
            if (isHundredths) value *= 100;
            bool isPercent = isHundredths || NumeralInDigits.IsPercentAt(part, ref to, ref value);
            double scale = numerals[^1] switch { '万' => 1e4, '亿' => 1e8, _ => 1 };
            found.Add(WithSign(part, new Numeral(match.Index, to, value / scale) { IsPercent = isPercent, Scale = scale, IsFraction = !isPercent && value is > -1 and < 1 and not 0 }));
        }
    }

    /// <summary>A minus before it that is no operator, "below zero" behind it, 零下 before it.</summary>
    private static Numeral WithSign(string part, Numeral numeral)
    {
        int at = numeral.From - 1;
        while (at >= 0 && part[at] is '$' or '¥' or '€' or '£') at--;
        if (at >= 0 && part[at] == '-' && IsSign(part, at)) return numeral with { From = at, Value = -numeral.Value };
        int window = Math.Max(0, at + 1 - SignRoom);
        if (SignWord.Match(part[window..(at + 1)]) is { Success: true } sign) return numeral with { From = window + sign.Groups.Values.Skip(1).First(group => group.Success).Index, Value = -numeral.Value };
        Match below = Below.Match(part[numeral.To..Math.Min(part.Length, numeral.To + 60)]);
        return below.Success ? numeral with { To = numeral.To + below.Length, Value = -numeral.Value } : numeral;
    }

    /// <summary>Whether a hyphen is a minus: nothing that could be subtracted from stands before it.</summary>
    private static bool IsSign(string part, int hyphen)
    {
        int before = hyphen - 1;
        bool isSpaced = before >= 0 && part[before] == ' ';
        if (before >= 0 && part[before] is '$' or '¥' or '€' or '£') return before == 0 || !char.IsAsciiDigit(part[before - 1]);
        while (before >= 0 && part[before] == ' ') before--;
        return before < 0 || part[before] >= '\u3000' || "=(:,{\"≈\n.×*/[~".Contains(part[before], StringComparison.Ordinal) || (isSpaced && char.IsAsciiLetter(part[before]));
    }

    /// <summary>Part of a word or a name, such as the digit in CO2 or B12; 2nd and 19:15 are no amounts either.</summary>
    private static bool IsInWord(string part, Match match)
    {
        int to = match.Index + match.Length;
        char before = match.Index > 0 ? part[match.Index - 1] : ' ', after = to < part.Length ? part[to] : ' ';
        bool followsDigit = match.Index > 1 && char.IsAsciiDigit(part[match.Index - 2]);
        if (before == 'h' && followsDigit) return false; // 1h45
        if (char.IsAsciiLetter(before) || before is '_' or '^' || IsRaised(part, match.Index) || (before is '.' or ':' && followsDigit)) return true;
        return (after == ':' && to + 1 < part.Length && char.IsAsciiDigit(part[to + 1])) || Ordinal.IsMatch(After(part, to));
    }

    /// <summary>Whether a place is in braces behind ^ or _, as the bounds of a sum are.</summary>
    private static bool IsRaised(string part, int at)
    {
        int from = Math.Max(0, at - LongestBound), open = from + part.AsSpan(from, at - from).LastIndexOf('{');
        return open > from && part[open - 1] is '^' or '_' && !part.AsSpan(open, at - open).Contains('}');
    }

    /// <summary>Numbers with those behind them that go on with smaller words of scale: "2 million 300 thousand".</summary>
    private static List<Numeral> Joined(string part, List<Numeral> found)
    {
        var joined = new List<Numeral>();
        foreach (Numeral numeral in found)
        {
            bool goesOn = joined is [.., { Scale: > 1, IsPercent: false } large] && numeral is { Scale: > 1, Value: > 0 } && numeral.Scale < large.Scale && numeral.Value * numeral.Scale < large.Scale && BetweenScales.IsMatch(part[large.To..numeral.From]);
            if (goesOn) joined[^1] = joined[^1] with { Value = joined[^1].Value + (Math.Sign(joined[^1].Value) * numeral.Value * numeral.Scale / joined[^1].Scale), To = numeral.To, Digits = null };
            else joined.Add(numeral);
        }
        return joined;
    }

    /// <summary>"One" as a pronoun, "third" as a place, 一 in 一共, numerals in names.</summary>
    private static bool IsNoNumber(string part, Match match)
    {
        string after = After(part, match.Index + match.Length);
        if (match.Value is "third" or "quarter") return true;
        if (match.Value == "one" && (OneIn.IsMatch(after) || OneUnit.IsMatch(after))) return false;
        if (match.Value == "one") return !BeforeOne.IsMatch(part[Math.Max(0, match.Index - 12)..match.Index]) || PronounOne.IsMatch(after);
        if (match.Value[0] < '\u3400') return false;
        char before = match.Index > 0 ? part[match.Index - 1] : ' ';
        if (before is '第' or '星' or '周' or '其' or '统' or '唯' || (match.Value[0] is '万' or '亿' or '千' or '百' && char.IsAsciiDigit(before))) return true;
        return match.Value is "一" or "万" or "千" or "百" or "亿" or "十分" || (match.Value.Length == 1 && ChineseOne.IsMatch(after)) || (match.Value == "零" && after.StartsWith('下'));
    }

    private static string After(string part, int at) => part[at..Math.Min(part.Length, at + 24)];
}
