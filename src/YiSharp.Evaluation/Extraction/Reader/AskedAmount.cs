using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>In what form a question wants its number: percent or share, thousands or 万, hours or minutes.</summary>
internal sealed class AskedAmount
{
    private static readonly Regex Percent = Pattern.Of(@"percentage|(?:what|how many|which) per ?cent|per ?cent of|百分(?:之几|之多少|率|比|数)|(?:多少|几)\s*%|%\s*\?|in percent|as a percent");
    private static readonly Regex Share = Pattern.Of("fraction|probability|chance|proportion|what part|几分之几|概率|比例");
    private static readonly Regex Scaled = Pattern.Of(@"(?:多少|几)(千|万|亿)|单位\s*[:是为]?\s*(千|万|亿)|how many (thousand|million|billion)|in (thousand|million|billion)s?\b");
    private static readonly Regex UnitAsked = Pattern.Of(@"(?:how many|in|what number of|number of) ([a-z]+)\b|(?:多少|几)(?:个)?(小时|分钟|秒|天|周|元|角|分|千米|米|厘米|千克|克|吨)");
    private static readonly Regex UnitBehind = Pattern.Of(@"^\s*(?:个)?(hours?|hrs?|h|minutes?|mins?|seconds?|secs?|days?|weeks?|dollars?|cents?|km|kilomet(?:er|re)s?|cm|centimet(?:er|re)s?|met(?:er|re)s?|m|kg|kilograms?|grams?|g|小时|分钟|秒|天|周|元|块|角|毛|分|千米|公里|米|厘米|千克|公斤|克|吨)(?:\b|$|[0-9一二三四五六七八九十两,.。])");
    private static readonly Regex Between = Pattern.Of(@"^\s*(?:,|and|, and|又|零)?\s*$");
    private static readonly Regex NounAsked = Pattern.Of(@"how (?:many|much) (?:more |total |whole )?([a-z]{3,})");
    private static readonly Regex SubjectAsked = Pattern.Of(@"([一-鿿]{2})(?:现在|一共|共)?(?:有|是|为|要|需要|等于)?(?:多少|几)");

    /// <summary>Of each unit its dimension and size.</summary>
    private static readonly (string[] Names, char Dimension, double Size)[] Units =
    [
        (["hour", "hr", "h", "小时"], 't', 60), (["minute", "min", "分钟"], 't', 1), (["second", "sec", "秒"], 't', 1 / 60d), (["day", "天"], 't', 1440), (["week", "周"], 't', 10080),
        (["dollar", "元", "块"], 'm', 100), (["cent", "分"], 'm', 1), (["角", "毛"], 'm', 10),
        (["km", "kilometer", "kilometre", "千米", "公里"], 'l', 100_000), (["m", "meter", "metre", "米"], 'l', 100), (["cm", "centimeter", "centimetre", "厘米"], 'l', 1),
        (["kg", "kilogram", "千克", "公斤"], 'w', 1000), (["g", "gram", "克"], 'w', 1), (["吨"], 'w', 1e6),
    ];

    private readonly bool _percent, _share;
    private readonly double _scale = 1;
    private readonly (char Dimension, double Size)? _unit;

    public AskedAmount(string? input)
    {
        string question = FoldedText.Of(input ?? "").Lower;
        _percent = Percent.IsMatch(question);
        _share = Share.IsMatch(question);
        if (Scaled.Match(question) is { Success: true } scaled)
        {
            _scale = string.Concat(scaled.Groups.Values.Skip(1).Select(g => g.Value)) switch { "千" or "thousand" => 1e3, "万" => 1e4, "亿" => 1e8, "million" => 1e6, _ => 1e9 };
        }
        foreach (Match unit in UnitAsked.Matches(question)) _unit ??= UnitOf(unit.Groups[1].Success ? unit.Groups[1].Value : unit.Groups[2].Value);
        Noun = NounAsked.Matches(question).LastOrDefault() is { } noun ? noun.Groups[1].Value.TrimEnd('s') : null;
        Subject = SubjectAsked.Matches(question).LastOrDefault()?.Groups[1].Value;
    }

    /// <summary>Whether a percentage is asked for.</summary>
    public bool IsPercent => _percent && !_share;

    /// <summary>What is counted, such as apple; null where the question does not say.</summary>
    public string? Noun { get; }

    /// <summary>Whose number is asked for in a Chinese question, two characters; null where it does not say.</summary>
    public string? Subject { get; }

    /// <summary>"2 hours and 30 minutes" as one number of hours.</summary>
    public static List<Numeral> Join(string lower, List<Numeral> numerals)
    {
        var joined = new List<Numeral>();
        for (int i = 0; i < numerals.Count; i++)
        {
            Numeral numeral = numerals[i];
            if (i + 1 < numerals.Count && Behind(lower, numeral.To) is { } whole && Behind(lower, numerals[i + 1].To) is { } part && whole.Dimension == part.Dimension && whole.Size > part.Size
                && whole.To <= numerals[i + 1].From && Between.IsMatch(lower[whole.To..numerals[i + 1].From]))
            {
                numeral = numeral with { Value = numeral.Value + (numerals[i + 1].Value * part.Size / whole.Size), To = numerals[i + 1].To };
                joined.Add(numeral with { To = numeral.To, Scale = numeral.Scale * (whole.Size / part.Size) });
                i++;
                continue;
            }
            joined.Add(numeral);
        }
        return joined;
    }

    /// <summary>The number in the form asked for.</summary>
    public string Write(string lower, Numeral numeral)
    {
        double value = numeral.Value * numeral.Scale;
        if (numeral.IsPercent && _share && !_percent) value /= 100;
        if (_scale > 1 && (numeral.Scale > 1 || Math.Abs(value) >= 100 * _scale)) value /= _scale;
        if (_scale > 1 && numeral.Scale == 1 && Math.Abs(numeral.Value) < 100 * _scale) value = numeral.Value;
        if (_unit is { } asked && Behind(lower, numeral.To) is { } unit && unit.Dimension == asked.Dimension) value *= unit.Size / asked.Size;
        return Format(value);
    }

    private static (char Dimension, double Size, int To)? Behind(string lower, int at)
    {
        Match match = UnitBehind.Match(lower[at..Math.Min(lower.Length, at + 20)]);
        return match.Success && UnitOf(match.Groups[1].Value) is { } unit ? (unit.Dimension, unit.Size, at + match.Groups[1].Index + match.Groups[1].Length) : null;
    }

    private static (char Dimension, double Size)? UnitOf(string name)
    {
        foreach ((string[] names, char dimension, double size) in Units)
        {
            if (names.Contains(name) || (name.Length > 2 && name.EndsWith('s') && names.Contains(name[..^1]))) return (dimension, size);
        }
        return null;
    }

    private static string Format(double value)
    {
        if (value == 0) return "0";
        string shortest = value.ToString("G12", CultureInfo.InvariantCulture);
        return shortest.Contains('E', StringComparison.Ordinal) && Math.Abs(value) is < 1e28 and > 1e-20 ? ((decimal)value).ToString(CultureInfo.InvariantCulture) : shortest;
    }
}
