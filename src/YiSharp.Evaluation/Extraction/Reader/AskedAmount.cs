using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Of what a question wants a number, and in what form: percent or share, thousands or 万, hours or minutes. Only its last sentence asks; those before it tell.</summary>
internal sealed class AskedAmount
{
    private static readonly Regex Percent = Pattern.Of(
        "percentage",
        @"(?:what|how many|which) per ?cent",
        @"(?:in|as a) per ?cent",
        "百分(?:之几|之多少|率|比|数)",
        @"(?:多少|几)\s*%",
        @"%\s*\?");

    private static readonly Regex Share = Pattern.Of("fraction", "probability", "chance", "proportion", "what part", "几分之几", "概率", "比例");
    private static readonly Regex Scaled = Pattern.Of(
        @"(?:多少|几)个?(?:(万|亿)|(千)(?:[^克米瓦卡]|$))",
        @"单位\s*[:是为]?\s*(千|万|亿)",
        @"以(千|万|亿).{0,2}为单位",
        @"\bhow many (thousand|million|billion)",
        @"\bin (thousand|million|billion)s?\b");

    private static readonly Regex Comparing = Pattern.Of(@"\b(?:more|less|fewer|longer|taller|older|heavier|farther|faster|cheaper|difference|than)\b", "[比差]");
    private static readonly Regex UnitAsked = Pattern.Of(
        @"\b(?:how many|what number of|number of|in)(?: more| whole| full| total| extra| additional)* ([a-z]+(?: per |/)?)",
        @"(?:多少|几)个?[万亿]?([一-鿿]{1,2}(?:/|每)?)",
        @"单位\s*[:是为]?\s*[万亿]?([一-鿿]{1,2}(?:/|每)?)");

    private static readonly Regex NounAsked = Pattern.Of(@"\bhow many (?:[a-z]+ ){0,2}?([a-z]{3,})(?:\?| (?:do|does|did|is|are|was|were|will|would|can|could|has|have|had|must|should|in|of|to|left|remain|altogether)\b)");
    /// <summary>What is left over of a division.</summary>
    public const string Remainder = "remainder";

    private static readonly Regex LeftOver = Pattern.Of(@"\bleft over\b");
    private static readonly Regex RateNamed = Pattern.Of(@"\bin ([a-z]{1,10} ?/ ?[a-z]{1,10})");
    private static readonly Regex TotalAsked = Pattern.Of(@"\b(?:total|altogether|in all|combined|sum|costs?|pay|paid|spend|spent)\b", "一?共|总|合计");
    private static readonly Regex SignAsked = Pattern.Of(@"\bnegative\b[^.?]*\b(?:loss|lost|deficit|debt|decrease)\b", @"\b(?:loss|lost|deficit|debt|decrease)\b[^.?]*\bnegative\b", @"\bnegative\b[^.?]*\b(?:below|underground|basement)\b", "负数[^。?]*地下|地下[^。?]*负数", "(?:亏损?|负债|下降|减少)[^。?]*负数", "负数[^。?]*(?:亏|负债|下降|减少)");
    private static readonly Regex EchoAsked = Pattern.Of("([一-鿿]{2,4})(?:多少|几)个?[万亿]?[一-鿿]?");
    private static readonly Regex RateAsked = Pattern.Of(@"\b(?:speed|rate|per|each)\b", "每|速度");

    private static readonly Regex PeriodAsked = Pattern.Of(@"\b(?:an?|per|each|every) (hour|day|week|month|year)\b");
    private static readonly Regex RoundingAsked = Pattern.Of(@"\b(?:round|nearest|decimals?|approximate(?:ly)?|about|use (?:pi|π)|(?:pi|π) (?:as|=|≈))\b", "保留|近似|约|四舍五入|π ?取");
    private static readonly Regex Negation = Pattern.Of(@"\b(?:not|never|no|none|neither|fails?|failed|without)\b|n't\b|[不未没非]");

    private static readonly Regex What = Pattern.Of(
        @"\bwhat (?:is|was|are|were|will be|would be) (?:the |his |her |its |their )?(?:[a-z]+ ){0,3}?([a-z]+)"
        + @"(?:$|[?,.]| (?:of|in|on|at|for|from|after|when|if|that|as|to)\b)");
    private static readonly Regex OwnerAsked = Pattern.Of("(?:^|[^一-鿿])([一-鿿]{1,4}?)(?:现在|原来)?(?:各|还)?有(?:多少|几)");
    private static readonly Regex CountedBy = Pattern.Of("(?:多少|几)([一-鿿])");

    /// <summary>Questions that ask of a dimension without naming its unit.</summary>
    private static readonly (Regex Question, Units.Dimension Dimension)[] Implied =
    [
        (Pattern.Of(@"\bhow long\b", "多长时间", "多久"), Units.Dimension.Time),
        (Pattern.Of(@"\bhow much (?:money|change|profit)\b", @"\b(?:cost|pay|paid|price|profit|earn|spend|spent|salary|revenue)\b", "多少钱"), Units.Dimension.Money),
        (Pattern.Of(@"\bhow (?:far|tall|high|deep|wide)\b", "多[远高深宽]"), Units.Dimension.Length),
        (Pattern.Of(@"\bhow (?:heavy|much does .{1,30} weigh)\b", "多重"), Units.Dimension.Weight),
        (Pattern.Of(@"\btemperature\b", "气温", "温度"), Units.Dimension.Temperature),
    ];

    private readonly bool _percent, _share, _isDenied;
    private readonly HashSet<string> _told;
    private readonly HashSet<(double Value, bool IsPercent)> _given;
    private readonly double _scale = 1;

    public AskedAmount(string? input)
    {
        string lower = FoldedText.Of(input ?? "").Lower;
        (int from, int to) = Sentences.AskingIn(lower);
        string asking = lower[from..];
        _percent = Percent.IsMatch(asking);
        _share = Share.IsMatch(asking);
        if (Scaled.Match(asking) is { Success: true } scaled)
        {
            _scale = string.Concat(scaled.Groups.Values.Skip(1).Select(group => group.Value)) switch
            {
                "千" or "thousand" => 1e3,
                "万" => 1e4,
                "亿" => 1e8,
                "million" => 1e6,
                _ => 1e9,
            };
        }
        foreach (Match unit in UnitAsked.Matches(asking)) Unit ??= UnitOf(string.Concat(unit.Groups.Values.Skip(1).Select(group => group.Value)));
        Dimension = Unit?.Dimension ?? Implied.Where(row => row.Question.IsMatch(asking)).Select(row => (Units.Dimension?)row.Dimension).FirstOrDefault();
        Head = What.Match(asking) is { Success: true } what ? what.Groups[1].Value : LeftOver.IsMatch(asking) ? Remainder : null;
        Noun = NounAsked.Match(asking) is { Success: true } noun ? ContentWords.Stem(noun.Groups[1].Value) : null;
        RateName = RateNamed.Match(asking) is { Success: true } rate ? rate.Groups[1].Value : null;
        IsTotal = TotalAsked.IsMatch(asking);
        IsSigned = SignAsked.IsMatch(lower);
        IsRateOpen = RateAsked.IsMatch(asking);
        Period = PeriodAsked.Matches(asking).LastOrDefault()?.Groups[1].Value;
        IsRounded = RoundingAsked.IsMatch(lower);
        _isDenied = Negation.IsMatch(asking);
        Echo = EchoAsked.Matches(asking).LastOrDefault()?.Groups[1].Value;
        Measure = CountedBy.Matches(asking).LastOrDefault()?.Groups[1].Value;
        Owner = OwnerAsked.Matches(asking).LastOrDefault()?.Groups[1].Value;
        int clause = Math.Max(from, lower[from..to].LastIndexOfAny([',', ';']) + from);
        Words = ContentWords.Of(lower[clause..to]);
        Compares = Comparing.IsMatch(asking);
        _told = ContentWords.Of(lower[..clause]);
        _given = [.. Numerals.In(lower, 0, to).Select(Amount)];
    }

    /// <summary>Whether a percentage is asked for.</summary>
    public bool IsPercent => _percent && !_share;

    /// <summary>Whether a part of a whole is asked for, in whatever form.</summary>
    public bool IsShare => _share || _percent;

    /// <summary>The unit asked for; null where the question names none.</summary>
    public Units.Unit? Unit { get; }

    /// <summary>What is to be measured; null where the question does not say.</summary>
    public Units.Dimension? Dimension { get; }

    /// <summary>What "what is the …" asks for, such as speed; null where the question is another.</summary>
    public string? Head { get; }

    /// <summary>The Chinese word by which is counted what is asked for, such as 棵; null without one.</summary>
    public string? Measure { get; }

    /// <summary>Of whose is asked how many there are, such as 兔 in 兔有几只; null without one.</summary>
    public string? Owner { get; }

    /// <summary>The stem of the noun of "how many …", such as animal; null without one.</summary>
    public string? Noun { get; }

    /// <summary>The unit asked for where it is one per something else, such as km/h; null without one.</summary>
    public string? RateName { get; }

    /// <summary>Whether it asks what parts come to together.</summary>
    public bool IsTotal { get; }

    /// <summary>Whether it wants a loss as a negative number.</summary>
    public bool IsSigned { get; }

    /// <summary>For what time it asks an amount: day of "how many dollars a day"; null without one.</summary>
    public string? Period { get; }

    /// <summary>Whether it wants a rounded value, or says with which π to count.</summary>
    public bool IsRounded { get; }

    /// <summary>Whether the amount may be one per something else, said so or not: 每小时行多少千米.</summary>
    public bool IsRateOpen { get; }

    /// <summary>The Chinese words right before 多少 or 几, such as 共需; an answer may say them before its number. Null without them.</summary>
    public string? Echo { get; }

    /// <summary>The words of the clause that asks.</summary>
    public HashSet<string> Words { get; }

    /// <summary>Whether it asks how two amounts differ.</summary>
    public bool Compares { get; }

    /// <summary>Whether a number may be of the kind asked for: of no other dimension, in percent only where a part is asked for.</summary>
    public bool Fits(Numeral numeral) => numeral.IsPercent ? IsShare : Dimension is null || numeral.Unit is null || numeral.Unit?.Dimension == Dimension;

    /// <summary>Whether a text has words of the clause that asks.</summary>
    public bool IsSpokenOf(string lower) => SharedWords(lower) > 0;

    /// <summary>How many words of the clause that asks a text has.</summary>
    public int SharedWords(string lower) => ContentWords.Of(lower).Count(Words.Contains);

    /// <summary>Whether a clause denies what the question does not, or the other way round: "10 % did not pass" where is asked how many passed.</summary>
    public bool IsOpposedBy(string clause) => Negation.IsMatch(clause) != _isDenied;

    /// <summary>Whether the question itself has the number.</summary>
    public bool IsGiven(Numeral numeral) => _given.Contains(Amount(numeral));

    /// <summary>Whether a question is this one, by most of its words.</summary>
    public bool IsAskedAgain(string question)
    {
        HashSet<string> words = ContentWords.Of(question);
        return words.Count(Words.Contains) * 2 >= words.Count;
    }

    /// <summary>Whether a sentence with this number says again what the question told: one of its own numbers, in its words.</summary>
    public bool IsRestatedBy(string sentence, Numeral numeral)
    {
        if (!_given.Contains(Amount(numeral))) return false;
        HashSet<string> words = ContentWords.Of(sentence);
        int told = words.Count(_told.Contains);
        return told * 4 >= words.Count * 3 && told > words.Count(Words.Contains);
    }

    /// <summary>The number in the form asked for; null where it has more digits than an answer has.</summary>
    public string? Write(Numeral numeral)
    {
        double value = numeral.Value * numeral.Scale;
        if (numeral.IsPercent && _share && !_percent) value /= 100;
        if (numeral.IsFraction && IsPercent && value is > 0 and <= 1) value *= 100;
        if (_scale > 1) value = numeral.Scale > 1 || Math.Abs(value) >= (numeral.Unit is null ? 10 : 1) * _scale ? value / _scale : numeral.Value;
        if (Unit is { } asked && numeral.Unit is { } unit && unit.Dimension == asked.Dimension && !unit.IsRate && !asked.IsRate) value *= unit.Size / asked.Size;
        return PlainDecimal.Of(value, numeral.Digits);
    }

    private static (double Value, bool IsPercent) Amount(Numeral numeral) => (numeral.Value * numeral.Scale, numeral.IsPercent);

    private static Units.Unit? UnitOf(string name)
    {
        bool isRate = name[^1] is '/' or '每' or ' ';
        if (isRate) name = name[..^1].Replace(" per", "", StringComparison.Ordinal);
        for (int length = name.Length; length > 0; length = name[0] < '\u3400' ? 0 : length - 1)
        {
            if (Units.Named(name[..length]) is { } unit) return unit with { IsRate = isRate };
        }
        return null;
    }
}
