using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Numbers in English words ("seventy-three thousand", "two and a half", "one quarter") and Chinese numerals (三十九, 四分之三, 三点五).</summary>
internal static class NumberWords
{
    private const string Digit = "zero|one|two|three|four|five|six|seven|eight|nine";
    private const string Unit = $"{Digit}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";
    private const string Scale = "hundred|thousand|million|billion";
    private const string Part = "halves|half|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?";
    private const string Numeral = "一二两三四五六七八九十";

    /// <summary>English number words, lower case.</summary>
    public static readonly Regex English = Pattern.Of(
        @"\b(?:"
        + $"(?:{Unit}|{Scale}|dozen|a (?:hundred|thousand|million|dozen))"
        + $@"(?:[ -](?:and )?(?:{Unit}|{Scale})\b)*"
        + $"(?: and (?:a|one|two|three)[ -](?:{Part}))?"
        + $"(?: point(?: (?:{Digit}))+)?"
        + $"(?:[ -](?:{Part}))?"
        + @"|(?:an? |one[- ])?(?:half|quarter|third|fourth|fifth|sixth|eighth|tenth)"
        + @"|an? (?:hour|minute|day|week|month|year|dollar|pound|mile|met(?:er|re)|foot|litre|liter|ton|kilogram))\b");

    /// <summary>Chinese numerals.</summary>
    public static readonly Regex Chinese = Pattern.Of(
        $"(?:百分之|[零〇{Numeral}百千万亿]+分之)?[零〇{Numeral}百千万亿]+(?:点[零〇一二三四五六七八九]+[百千万亿]{{0,2}})?(?:又[{Numeral}]+分之[{Numeral}]+)?(?:个?半)?", "一?半(?:个小时|小时|天|年)");

    private static readonly Dictionary<string, double> Values =
        Unit.Split('|').Zip([.. Enumerable.Range(0, 20).Select(i => (double)i), 20, 30, 40, 50, 60, 70, 80, 90]).ToDictionary();

    private static readonly Dictionary<string, double> Parts = new()
    {
        ["hal"] = 2, ["thi"] = 3, ["qua"] = 4, ["fou"] = 4, ["fif"] = 5, ["six"] = 6, ["sev"] = 7, ["eig"] = 8, ["nin"] = 9, ["ten"] = 10,
    };

    private const string Digits = "零一二三四五六七八九";
    private const int MostNumerals = 40;

    private static readonly (char Sign, double Scale)[] Scales = [('亿', 1e8), ('万', 1e4), ('千', 1e3), ('百', 100), ('十', 10)];

    private static readonly string[] Names = Unit.Split('|');
    private static readonly Regex SmallNumber = Pattern.Of("^([^0-9]*)([1-9][0-9]?)([^0-9]*)$");

    /// <summary>What follows "an hour" where that is a number: "and a half", "and 40 minutes".</summary>
    private static readonly Regex AndMore = Pattern.Of($@"^,? and (?:a half|a quarter|a third|[0-9]|(?:{Unit})\b)");

    /// <summary>A number of something before "an hour", which is then what it is counted by.</summary>
    private static readonly Regex Rate = Pattern.Of(@"[0-9] ?[$€£]?(?:[a-z]+ )?$");

    /// <summary>A match without what belongs to the word behind it: 千克, 半小时, 两个半圆, "an hour and …"; empty where an "an" counts nothing.</summary>
    public static string Trimmed(string part, Match match)
    {
        string numerals = match.Value;
        if (numerals.IndexOf(' ', StringComparison.Ordinal) is > 0 and < 3 and var article && Units.Named(numerals[(article + 1)..]) is not null)
            return AndMore.IsMatch(part[(match.Index + match.Length)..Math.Min(part.Length, match.Index + match.Length + 20)]) && !Rate.IsMatch(part[Math.Max(0, match.Index - 20)..match.Index]) ? numerals[..article] : "";
        int to = match.Index + match.Length;
        if (numerals.Length > 1 && numerals[^1] == '千' && to < part.Length && part[to] is '克' or '米' or '瓦') return numerals[..^1];
        if (numerals.IndexOf('半', StringComparison.Ordinal) is >= 0 and var half && half < numerals.Length - 1) return numerals[..(half + 1)];
        return numerals.EndsWith("个半", StringComparison.Ordinal) && !IsHalved(part, to) ? numerals[..^2] : numerals;
    }

    /// <summary>Whether 个半 before a place adds a half to a number, as before 小时 and 月.</summary>
    public static bool IsHalved(string part, int at) => at < part.Length && part[at] is '小' or '钟' or '月' or '星' or '世';

    /// <summary>A text with its one number, of at most two digits, in words: 十八周岁, "three years"; null where it has none, or nothing else.</summary>
    public static string? InWords(string text)
    {
        if (SmallNumber.Match(text) is not { Success: true } match) return null;
        int value = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        string rest = match.Groups[3].Value;
        string tens = value / 10 is 0 ? "" : (value / 10 == 1 ? "" : Digits[value / 10].ToString()) + "十", ones = value % 10 == 0 ? "" : Digits[value % 10].ToString();
        if (rest.Length > 0 && rest[0] >= '\u3400') return value == 0 ? null : match.Groups[1].Value + tens + ones + rest;
        string? word = value <= 20 ? Names[value] : value % 10 == 0 ? Names[18 + (value / 10)] : $"{Names[18 + (value / 10)]}-{Names[value % 10]}";
        return rest.Length > 1 ? match.Groups[1].Value + word + rest : null;
    }

    /// <summary>A text with its one number word, of at most twenty, in digits: "less than 1"; null where it has none, several, or nothing else.</summary>
    public static string? InDigits(string text)
    {
        string[] words = text.Split(' ');
        int[] at = [.. Enumerable.Range(0, words.Length).Where(i => Array.IndexOf(Names, words[i], 0, 21) >= 0)];
        if (words.Length < 2 || at.Length != 1) return null;
        words[at[0]] = Array.IndexOf(Names, words[at[0]]).ToString(CultureInfo.InvariantCulture);
        return string.Join(' ', words);
    }

    /// <summary>What English words say.</summary>
    public static double ParseEnglish(string words)
    {
        if (words is "a" or "an") return 1;
        double total = 0, group = 0;
        bool any = false;
        string[] parts = words.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string word = parts[i];
            if (word is "a" or "an" or "and") continue;
            else if (word == "point")
            {
                group += Decimals(parts[(i + 1)..].Select(digit => (int)Values[digit]));
                break;
            }
            else if (Values.TryGetValue(word, out double value)) group += value;
            else if (word == "dozen") group = Math.Max(group, any ? group : 1) * 12;
            else if (word == "hundred") group = (group == 0 ? 1 : group) * 100;
            else if (word is "thousand" or "million" or "billion")
            {
                total += (group == 0 ? 1 : group) * (word[0] switch { 't' => 1e3, 'm' => 1e6, _ => 1e9 });
                group = 0;
            }
            else if (Parts.TryGetValue(word[..3], out double denominator)) group = WithPart(parts, i, group, denominator);
            any = true;
        }
        return total + group;
    }

    /// <summary>"Two and a half" adds, "two thirds" divides.</summary>
    private static double WithPart(string[] parts, int at, double group, double denominator)
    {
        bool hasWhole = at >= 2 && parts[at - 1] is "a" or "one" or "two" or "three" && Array.IndexOf(parts, "and") is > 0 and var and && and >= at - 2;
        if (!hasWhole) return (at == 0 || group == 0 ? 1 : group) / denominator;
        bool isCounted = Values.TryGetValue(parts[at - 1], out double count);
        return isCounted ? group - count + (count / denominator) : group + (1 / denominator);
    }

    /// <summary>What Chinese numerals say.</summary>
    public static double ParseChinese(string numerals)
    {
        if (numerals.TrimStart('一')[0] == '半') return 0.5;
        double extra = 0;
        if (numerals.EndsWith('半')) (numerals, extra) = (numerals.TrimEnd('半', '个'), 0.5);
        int mixed = numerals.IndexOf('又', StringComparison.Ordinal);
        double value = mixed > 0 ? Plain(numerals[..mixed]) + Fraction(numerals[(mixed + 1)..]) : Plain(numerals);
        return value + extra;
    }

    private static double Plain(string numerals) => numerals.Contains("分之", StringComparison.Ordinal) ? Fraction(numerals) : Whole(numerals);

    private static double Fraction(string numerals)
    {
        int at = numerals.IndexOf("分之", StringComparison.Ordinal);
        double denominator = numerals[..at] == "百" ? 100 : Whole(numerals[..at]);
        return Whole(numerals[(at + 2)..]) / denominator;
    }

    private static double Whole(string numerals)
    {
        int point = numerals.IndexOf('点', StringComparison.Ordinal);
        if (point < 0) return Scaled(numerals);
        string decimals = numerals[(point + 1)..].TrimEnd('百', '千', '万', '亿'), scale = numerals[(point + 1 + decimals.Length)..];
        return (Scaled(numerals[..point]) + Decimals(decimals.Select(DigitOf))) * (scale.Length == 0 ? 1 : Scaled(scale));
    }

    /// <summary>Of Chinese words of scale with numerals or digits between: what stands before the largest word of scale times that, and what stands behind it; a lone digit behind counts tenths of it: 三万五.</summary>
    public static double Scaled(string numerals)
    {
        if (numerals.Length > MostNumerals) return double.NaN;
        foreach ((char sign, double scale) in Scales)
        {
            int at = numerals.LastIndexOf(sign);
            if (at < 0) continue;
            string behind = numerals[(at + 1)..];
            double rest = behind.Length == 0 ? 0 : behind.Length == 1 && scale >= 100 ? DigitOf(behind[0]) * scale / 10 : Scaled(behind);
            return ((at == 0 ? 1 : Scaled(numerals[..at])) * scale) + rest;
        }
        return numerals.Length == 0 ? 0 : double.Parse(string.Concat(numerals.Select(c => c == '.' ? "." : DigitOf(c).ToString(CultureInfo.InvariantCulture))), CultureInfo.InvariantCulture);
    }

    private static int DigitOf(char c) => c switch { '〇' => 0, '两' => 2, _ when char.IsAsciiDigit(c) => c - '0', _ => Digits.IndexOf(c, StringComparison.Ordinal) };

    private static double Decimals(IEnumerable<int> digits) => double.Parse("0." + string.Concat(digits) + "0", CultureInfo.InvariantCulture);
}
