using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Units of amounts, as they stand beside numbers.</summary>
internal static class Units
{
    /// <summary>What is measured.</summary>
    public enum Dimension
    {
        Time,
        Money,
        Length,
        Weight,
        Volume,
        Temperature,
    }

    /// <summary>A unit: how large it is in its dimension, and whether it is one per something else (km/h).</summary>
    public readonly record struct Unit(Dimension Dimension, double Size, bool IsRate);

    /// <summary>Names in the singular; size within the dimension.</summary>
    private static readonly (string[] Names, Dimension Dimension, double Size)[] Table =
    [
        (["hour", "hr", "h", "小时", "个小时", "钟头"], Dimension.Time, 60),
        (["minute", "min", "分钟"], Dimension.Time, 1),
        (["second", "sec", "秒", "秒钟"], Dimension.Time, 1 / 60d),
        (["day", "天"], Dimension.Time, 1440),
        (["week", "周", "星期"], Dimension.Time, 10080),
        (["month", "个月"], Dimension.Time, 43_800),
        (["year", "年"], Dimension.Time, 525_600),
        (["dollar", "$", "usd", "euro", "€", "pound", "£", "元", "块", "块钱", "yuan", "¥"], Dimension.Money, 100),
        (["cent", "分"], Dimension.Money, 1),
        (["角", "毛"], Dimension.Money, 10),
        (["km", "kilometer", "kilometre", "千米", "公里"], Dimension.Length, 100_000),
        (["m", "meter", "metre", "米"], Dimension.Length, 100),
        (["cm", "centimeter", "centimetre", "厘米"], Dimension.Length, 1),
        (["dm", "decimeter", "decimetre", "分米"], Dimension.Length, 10),
        (["mm", "millimeter", "millimetre", "毫米"], Dimension.Length, 0.1),
        (["mile"], Dimension.Length, 160_934.4),
        (["foot", "feet", "ft"], Dimension.Length, 30.48),
        (["inch", "inche"], Dimension.Length, 2.54),
        (["kg", "kilogram", "kilo", "千克", "公斤"], Dimension.Weight, 1000),
        (["g", "gram", "克"], Dimension.Weight, 1),
        (["ton", "tonne", "吨"], Dimension.Weight, 1e6),
        (["litre", "liter", "l", "升"], Dimension.Volume, 1000),
        (["m³", "立方米"], Dimension.Volume, 1e6),
        (["cm³", "立方厘米"], Dimension.Volume, 1),
        (["ml", "millilitre", "milliliter", "毫升"], Dimension.Volume, 1),
        (["degree", "°c", "°f", "°", "度", "摄氏度", "℃"], Dimension.Temperature, 1),
    ];

    private static readonly Dictionary<string, Unit> ByName = Table.SelectMany(row => row.Names.Select(name => (name, row))).ToDictionary(
        pair => pair.name, pair => new Unit(pair.row.Dimension, pair.row.Size, false));

    private static readonly Regex Behind = Pattern.Of(@"^[\s-]*\(?(?:more |extra |whole |full )?(°?[a-z]+[²³]?|[°℃]|[一-鿿]{1,4})");
    private static readonly Regex Per = Pattern.Of(@"^\s*(?:/|per\b|an? (?:hour|day|minute|second|week|month|year|head|person|piece)\b|each\b|每)");

    /// <summary>A part of the unit before it: 两米半, 三块五, "two hours and three quarters".</summary>
    private static readonly Regex PartBehind = Pattern.Of("^(半)", "^([一二三四五六七八九])(?:[^一-鿿]|$)", @"^ and ((?:a|one|two|three)[ -](?:half|quarters?|thirds?|fourths?|fifths?))\b");
    private static readonly Regex Minutes = Pattern.Of("^ ?(?:分|m(?:[^a-z]|$))"); // behind hours; else 分 is money and m a length
    private static readonly Regex Between = Pattern.Of("^ *(?:,|and|, and|又|零)? *$");

    /// <summary>The unit of a name, singular or plural; null where it is none.</summary>
    public static Unit? Named(string name) =>
        ByName.TryGetValue(name, out Unit unit) || (name.Length > 2 && name[^1] == 's' && ByName.TryGetValue(name[..^1], out unit)) ? unit : null;

    /// <summary>Numbers with their units; "2 hours and 30 minutes" becomes one number, of minutes.</summary>
    public static List<Numeral> Attach(string lower, List<Numeral> numerals)
    {
        var attached = new List<Numeral>();
        int end = 0;
        foreach (Numeral written in numerals)
        {
            if (written.From < end) continue; // it is a part
            Unit? unit = Beside(lower, written, out int to);
            Numeral numeral = written;
            if (unit is { IsRate: false } && PartBehind.Match(lower[to..Math.Min(lower.Length, to + 24)]) is { Success: true } part)
            {
                string words = part.Groups.Values.Last(group => group.Success).Value;
                to += words[0] < '\u3400' ? part.Length : 1;
                numeral = written with { Value = written.Value + (words == "半" ? 0.5 : words[0] < '\u3400' ? NumberWords.ParseEnglish(words) : NumberWords.ParseChinese(words) / 10), To = to };
            }
            bool isInMinutes = attached is [.., { Unit: { Dimension: Dimension.Time, Size: > 1 } }] && (unit is null ? end == numeral.From : Minutes.IsMatch(lower[numeral.To..Math.Min(lower.Length, numeral.To + 4)]));
            if (isInMinutes) unit = ByName["min"];
            if (attached is [.., { Unit: { } large } whole] && unit is { } small && end <= numeral.From && Between.IsMatch(lower[end..numeral.From].TrimEnd('$')))
            {
                if (large.Dimension == small.Dimension && large.Size > small.Size)
                {
                    attached[^1] = whole with { Value = (whole.Value * large.Size / small.Size) + numeral.Value, To = numeral.To, Unit = small };
                    end = to;
                    continue;
                }
            }
            attached.Add(numeral with { Unit = unit });
            end = to;
        }
        return attached;
    }

    private static Unit? Beside(string lower, Numeral numeral, out int to)
    {
        to = numeral.To;
        if (Behind.Match(lower[to..Math.Min(lower.Length, to + 24)]) is { Success: true } match)
        {
            Group name = match.Groups[1];
            for (int length = name.Length; length > 0; length = name.Value[0] < '\u3400' ? 0 : length - 1)
            {
                if (Named(name.Value[..length]) is not { } unit || lower.AsSpan(to + name.Index).StartsWith("分之")) continue;
                to += name.Index + length;
                return unit with { IsRate = IsRateAt(lower, to) };
            }
        }
        int sign = lower[numeral.From] == '-' ? numeral.From + 1 : numeral.From - 1;
        return sign >= 0 && lower[sign] is '$' or '€' or '£' or '¥' ? ByName[lower[sign].ToString()] with { IsRate = IsRateAt(lower, to) } : null;
    }

    private static bool IsRateAt(string lower, int at) => Per.IsMatch(lower[at..Math.Min(lower.Length, at + 12)]);
}
