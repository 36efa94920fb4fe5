using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// Questions whose options say which of several statements hold: "True, False", "Wrong, Not wrong", "I and III only", ①②, "Neither". What a text says of each
/// statement tells the option, whatever its words.
/// </summary>
internal sealed class StatementTruths
{
    private const string Index = "[1-4①②③④]|i{1,3}|iv|one|two|three|four";
    private const string Positive = "true|correct|right|holds?|valid|accurate|acceptable|正确|成立|属实|对";
    private const string Negative = "false|incorrect|wrong|untrue|invalid|inaccurate|不正确|错误|不成立|不对|错|有误";

    private static readonly Regex Word = Pattern.Of($@"(\bnot |n't |不|没有)?(?:\b|[^a-z])(?:({Negative})|({Positive}))");
    private static readonly Regex Denied = Pattern.Of(@"\b(?:not|nor|cannot|isn't|doesn't|does not)\b|不");
    private static readonly Regex Hedge = Pattern.Of(@"\b(?:might|may|could|perhaps|possibly|depends|unclear|not sure)\b|可能|也许|不确定");
    private static readonly Regex Same = Pattern.Of(@"\b(?:too|also|likewise|as well|so is|same)\b|也是|同样");

    /// <summary>Options of one truth per statement, in order.</summary>
    private static readonly Regex Truth = Pattern.Of($@"^(?:statement |scenario |说法)?(?:(?:{Index})\s*)?[:.]?\s*(not )?(?:(?:is )?({Negative})|({Positive}))$");

    /// <summary>Options that name the statements which hold.</summary>
    private static readonly Regex Holding = Pattern.Of($@"^(?:only |just |both |仅|只有|neither )?(?:statements? |说法)?(?:{Index})(?:(?:\s*,\s*(?:and |or )?|\s+(?:and|or|nor)\s+|、|和|与|\s*)(?:{Index}))*(?: only| is true| are true| is correct| are correct|正确)?$");
    private static readonly Regex AllHold = Pattern.Of("^(?:both(?: statements)?|all(?: three| of them| statements)?)(?: (?:are )?(?:true|correct|only))?$");
    private static readonly Regex NoneHolds = Pattern.Of(@"^(?:neither|none)\b.*$");

    /// <summary>Of which statements a text speaks.</summary>
    private static readonly Regex Subject = Pattern.Of(
        $@"(?:\b(?:statements?|scenarios?|claims?|propositions?|sentences?|assertions?|s)|说法|命题|论断|陈述|结论)\s?(?:#|no\.? )?(?<index>{Index})(?<more>(?:(?:,|、|\s?and|\s?or|和|与| nor)\s?(?:{Index})\b)*)",
        @"\bthe (?<place>first|second|third|fourth|other|last|latter|former)\b(?: one| statement| scenario| claim| proposition| assertion)?",
        @"(?:^|\n)\s*\(?(?<index>[1-4])[.):]",
        @"(?:[.;,]\s*)\((?<index>[1-4])\)",
        @"\b(?<all>both|all (?:two|three|four)|all (?:of (?:them|the statements)|(?:the )?statements))\b|(?<all>[两三四](?:个|种|项|者)?(?:说法|命题|论断|陈述|结论)?(?:都|均)?)",
        @"\b(?<none>neither|none)\b(?: of the)?(?: (?:statements?|scenarios?|claims?))?|(?<none>都不)",
        @"(?:^|[\n.;,:]\s*|\b(?:and|only|but|while|so|that|both) )(?<index>i{1,3}|iv)(?<more>(?:(?:, (?:and |or )?| and | or | nor )(?:i{1,3}|iv)\b)*)(?:[.):]| is\b| are\b| only\b| does\b| do\b)",
        "(?<index>[①②③④])(?<more>(?:[、和与]?[①②③④])*)");

    private static readonly string[] Words = ["one", "two", "three", "four"];
    private static readonly string[] Places = ["first", "second", "third", "fourth"];

    private readonly int[] _options;
    private readonly int _count;
    private readonly bool _isPairs;
    private readonly HashSet<string> _asked;

    private StatementTruths(int[] options, int count, bool isPairs, HashSet<string> asked) => (_options, _count, _isPairs, _asked) = (options, count, isPairs, asked);

    /// <summary>What the options say; null where they are of another kind.</summary>
    /// <param name="choices">The options' texts.</param>
    /// <param name="stem">The question without its options, in lower case.</param>
    public static StatementTruths? Of(IReadOnlyList<string> choices, string stem)
    {
        if (choices.Count is < 3 or > 8) return null;
        string[] folded = [.. choices.Select(choice => choice.Length > 60 ? "" : FoldedText.Of(choice).Lower.Trim().TrimEnd('.'))];
        if (folded.All(choice => TruthsOf(choice) is { Length: > 1 }))
        {
            int[] pairs = [.. folded.Select(choice => TruthsOf(choice)!.Select((truth, i) => truth ? 1 << i : 0).Sum())];
            int count = TruthsOf(folded[0])!.Length;
            return folded.All(choice => TruthsOf(choice)!.Length == count) && pairs.Distinct().Count() == pairs.Length ? new(pairs, count, true, ContentWords.Of(stem)) : null;
        }
        int most = folded.Where(choice => Holding.IsMatch(choice)).SelectMany(IndicesIn).DefaultIfEmpty(-1).Max() + 1;
        int[] sets = [.. folded.Select(choice => SetOf(choice, most))];
        return most > 1 && !sets.Contains(-1) && sets.Distinct().Count() == sets.Length ? new(sets, most, false, ContentWords.Of(stem)) : null;
    }

    /// <summary>The option that the text's verdicts on the statements come to; null where it does not judge all, or hedges.</summary>
    public int? Read(FoldedText text) => Read(text, byQuestion: false) ?? (_isPairs ? null : Read(text, byQuestion: true));

    /// <param name="text">The text.</param>
    /// <param name="byQuestion">Whether to be what the question asks for is a verdict, too.</param>
    private int? Read(FoldedText text, bool byQuestion)
    {
        var verdicts = new bool?[_count];
        (bool? last, int lastOf, bool isExact) = (null, 0, false);
        MatchCollection subjects = Subject.Matches(text.Lower);
        for (int i = 0; i < subjects.Count; i++)
        {
            int from = subjects[i].Index + subjects[i].Length, to = Math.Min(i + 1 < subjects.Count ? subjects[i + 1].Index : text.Lower.Length, Sentences.EndOf(text.Text, from));
            if (SpokenOf(subjects[i], lastOf) is not { } spoken || from > to || VerdictIn(text.Lower[from..to], last, byQuestion) is not bool verdict) continue;
            if (Hedge.IsMatch(text.Lower[from..to])) return null;
            bool isNone = subjects[i].Groups["none"].Success;
            foreach (int statement in spoken) verdicts[statement] = isNone ? !verdict : verdict;
            for (int other = 0; other < _count && IsOnly(text.Lower, subjects[i]); other++) verdicts[other] = spoken.Contains(other) == verdict;
            (last, lastOf) = (verdict, spoken[^1]);
            isExact |= spoken.Length > 1 && verdict && !isNone;
        }
        bool isWhole = Array.TrueForAll(verdicts, verdict => verdict is not null);
        if (!isWhole && (_isPairs || !isExact)) return null;
        int held = Enumerable.Range(0, _count).Sum(i => verdicts[i] == true ? 1 << i : 0);
        return Array.IndexOf(_options, held) is >= 0 and var option ? option : null;
    }

    private static bool[]? TruthsOf(string choice)
    {
        Match[] parts = [.. choice.Split([',', ';', '/']).Select(part => Truth.Match(part.Trim()))];
        return Array.TrueForAll(parts, part => part.Success) ? [.. parts.Select(part => part.Groups[1].Success != part.Groups[3].Success)] : null;
    }

    private static int SetOf(string choice, int count)
    {
        if (NoneHolds.IsMatch(choice)) return 0;
        if (AllHold.IsMatch(choice)) return (1 << count) - 1;
        return Holding.IsMatch(choice) ? IndicesIn(choice).Distinct().Sum(index => 1 << index) : -1;
    }

    private static IEnumerable<int> IndicesIn(string words)
    {
        foreach (string word in words.Split([' ', ',', '、', '和', '与']))
        {
            if (IndexOf(word) is int whole) yield return whole;
            else foreach (char c in word.Where(c => c is >= '①' and <= '④')) yield return c - '①';
        }
    }

    private static int? IndexOf(string word) => word switch
    {
        "i" => 0,
        "ii" => 1,
        "iii" => 2,
        "iv" => 3,
        [>= '1' and <= '4'] => word[0] - '1',
        [>= '①' and <= '④'] => word[0] - '①',
        _ => Array.IndexOf(Words, word) is >= 0 and var index ? index : null,
    };

    private static bool IsOnly(string lower, Match subject) =>
        subject.Value.Contains("only", StringComparison.Ordinal) || lower[Math.Max(0, subject.Index - 9)..subject.Index].Contains("only", StringComparison.Ordinal) || lower[Math.Max(0, subject.Index - 2)..subject.Index].AsSpan().ContainsAny('只', '仅');

    private int[]? SpokenOf(Match subject, int last)
    {
        if (subject.Groups["all"].Success || subject.Groups["none"].Success) return [.. Enumerable.Range(0, _count)];
        if (subject.Groups["place"].Value is { Length: > 0 } place)
        {
            int index = place switch { "other" when _count == 2 => 1 - last, "former" => 0, "last" or "latter" => _count - 1, _ => Array.IndexOf(Places, place) };
            return index >= 0 && index < _count ? [index] : null;
        }
        int[] spoken = [.. IndicesIn(subject.Groups["index"].Value), .. IndicesIn(subject.Groups["more"].Value)];
        return spoken.Length > 0 && Array.TrueForAll(spoken, index => index < _count) ? spoken : null;
    }

    /// <summary>Whether what follows a subject says that it holds; null where it says neither.</summary>
    private bool? VerdictIn(string words, bool? last, bool byQuestion)
    {
        if (Word.Match(words) is { Success: true } said) return Denied.IsMatch(words[..said.Index]) || said.Groups[1].Success ? said.Groups[2].Success : said.Groups[3].Success;
        bool isDenied = Denied.IsMatch(words);
        if (byQuestion && ContentWords.Of(words).Overlaps(_asked)) return !isDenied;
        return last is not bool before ? null : isDenied ? !before : Same.IsMatch(words) ? before : null;
    }
}
