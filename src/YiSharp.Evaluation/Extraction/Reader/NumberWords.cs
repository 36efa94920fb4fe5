using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Numbers in English words ("seventy-three thousand", "two and a half", "one quarter") and Chinese numerals (三十九, 四分之三, 三点五).</summary>
internal static class NumberWords
{
    private const string Unit = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";
    private const string Part = "halves|half|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?";

    /// <summary>English number words, lower case.</summary>
    public static readonly Regex English = Pattern.Of(
        $@"\b(?:(?:minus|negative)[ -])?(?:(?:{Unit}|hundred|thousand|million|billion|dozen|a (?:hundred|thousand|million|dozen))(?:[ -](?:and )?(?:{Unit}|hundred|thousand|million|billion)\b)*(?: and (?:a|one|two|three)[ -](?:{Part}))?(?: point(?: (?:zero|one|two|three|four|five|six|seven|eight|nine))+)?(?:[ -](?:{Part}))?|(?:a |one[- ])?(?:half|quarter|third))\b");

    /// <summary>Chinese numerals.</summary>
    public static readonly Regex Chinese = Pattern.Of("负?(?:百分之|[零〇一二两三四五六七八九十百千万亿]+分之)?[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?(?:又[一二两三四五六七八九十]+分之[一二两三四五六七八九十]+)?半?");

    private static readonly Dictionary<string, double> Values = Words(Unit.Split('|'), [.. Enumerable.Range(0, 20).Select(i => (double)i), 20, 30, 40, 50, 60, 70, 80, 90]);

    private static readonly Dictionary<string, double> Parts = new()
    {
        ["hal"] = 2, ["thi"] = 3, ["qua"] = 4, ["fou"] = 4, ["fif"] = 5, ["six"] = 6, ["sev"] = 7, ["eig"] = 8, ["nin"] = 9, ["ten"] = 10,
    };

    private const string Digits = "零一二三四五六七八九";

    private static Dictionary<string, double> Words(string[] words, double[] values) => words.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);

    /// <summary>What English words say; null where they say no number on their own, such as "one" in "that one".</summary>
    public static double? ParseEnglish(string words)
    {
        double total = 0, group = 0;
        bool negative = false, any = false;
        string[] parts = words.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string word = parts[i];
            if (word is "minus" or "negative") negative = true;
            else if (word is "a" or "and") continue;
            else if (word == "point") return (negative ? -1 : 1) * (total + group + double.Parse("0." + string.Concat(parts[(i + 1)..].Select(d => Values[d].ToString(CultureInfo.InvariantCulture))), CultureInfo.InvariantCulture));
            else if (Values.TryGetValue(word, out double value)) group += value;
            else if (word == "dozen") group = Math.Max(group, any ? group : 1) * 12;
            else if (word == "hundred") group = (group == 0 ? 1 : group) * 100;
            else if (word is "thousand" or "million" or "billion")
            {
                total += (group == 0 ? 1 : group) * (word[0] switch { 't' => 1e3, 'm' => 1e6, _ => 1e9 });
                group = 0;
            }
            else if (Parts.TryGetValue(word[..3], out double denominator))
            {
                bool hasWhole = i >= 2 && parts[i - 1] is "a" or "one" or "two" or "three" && Array.IndexOf(parts, "and") is > 0 and var and && and >= i - 2;
                double numerator = parts[Math.Max(i - 1, 0)] is var before && Values.TryGetValue(before, out double count) ? count : 1;
                if (hasWhole) group += (numerator / denominator) - (Values.ContainsKey(parts[i - 1]) ? numerator : 0);
                else group = (i == 0 || group == 0 ? 1 : group) / denominator;
            }
            any = true;
        }
        return (negative ? -1 : 1) * (total + group);
    }

    /// <summary>What Chinese numerals say.</summary>
    public static double? ParseChinese(string numerals)
    {
        bool negative = numerals[0] == '负';
        if (negative) numerals = numerals[1..];
        double extra = 0;
        if (numerals.EndsWith('半')) (numerals, extra) = (numerals[..^1], 0.5);
        int mixed = numerals.IndexOf('又', StringComparison.Ordinal);
        double value;
        if (mixed > 0) value = Plain(numerals[..mixed]) + Fraction(numerals[(mixed + 1)..]);
        else value = Plain(numerals);
        return (negative ? -1 : 1) * (value + extra);
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
        string decimals = point < 0 ? "" : numerals[(point + 1)..];
        if (point >= 0) numerals = numerals[..point];
        double total = 0, section = 0, digit = 0;
        bool scaled = false;
        var plain = "";
        foreach (char c in numerals)
        {
            double scale = c switch { '十' => 10, '百' => 100, '千' => 1_000, '万' => 1e4, '亿' => 1e8, _ => 0 };
            if (scale == 0)
            {
                digit = c switch { '〇' => 0, '两' => 2, _ => Digits.IndexOf(c, StringComparison.Ordinal) };
                plain += (char)('0' + (int)digit);
                continue;
            }
            scaled = true;
            if (scale >= 1e4)
            {
                total = (total + section + digit == 0 ? 1 : total + section + digit) * scale;
                section = 0;
            }
            else section += (digit == 0 ? 1 : digit) * scale;
            digit = 0;
        }
        double whole = scaled || plain.Length == 0 ? total + section + digit : double.Parse(plain, CultureInfo.InvariantCulture);
        return decimals.Length == 0 ? whole : whole + double.Parse("0." + string.Concat(decimals.Select(c => c == '〇' ? 0 : Digits.IndexOf(c, StringComparison.Ordinal))), CultureInfo.InvariantCulture);
    }
}
