using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Options that speak of the others: "None of the above", "All of the above", "Both A and C", 以上都对. What a text says of the others as a whole tells them, in other words too.</summary>
internal sealed class WholeOptions
{
    private static readonly Regex NoneOption = Pattern.Of(@"^(?:none|neither)(?: one)?(?: (?:of )?(?:the )?(?:above|these|them|those|options).*)?$", "^(?:以上|上述)?(?:选项)?(?:都|均|皆)(?:不|非|错)", "^以上答案都不");
    private static readonly Regex AllOption = Pattern.Of("^all (?:of )?(?:the )?(?:above|these|them|those|options|three|four)?.{0,20}$", "^(?:以上|上述)(?:选项)?(?:都|均|皆|全|所有)[^不非错]*$");
    private static readonly Regex PairOption = Pattern.Of(@"^(?:both )?(?:options? )?\(?([a-z])\)? (?:and|&) (?:option )?\(?([a-z])\)?(?: only)?$", @"^选?项?([a-z])(?:和|与|、|及)选?项?([a-z])(?:都|均)?(?:对|正确|是)?$");

    private const string Others = "these|them|those|the (?:above|others?|options|choices|answers|(?:listed |given |other |above )?[a-z]+)|(?:two|three|four)";

    private static readonly Regex None = Pattern.Of(
        @"\bnone of (?:these|them|those|the (?:above|options|choices|answers|(?:listed|given|above|remaining) [a-z]+|(?:two|three|four|five)\b|[a-z]+))\b",
        @"\bnone (?:is|are|was|were|has|have|does|do|can|qualif|match|fit|appl)[a-z]*\b",
        @"\bno (?:option|choice|answer)s?\b", @"\bneither of them\b",
        "(?:以上|上述)?(?:各|几|[两三四]个?)?(?:选项|项|数|者)?(?:都|均|皆)(?:不|没|非|错)");
    private static readonly Regex NotNone = Pattern.Of(@"\bnone of the (?:other|rest|remaining)", @"\b(?:except|but|besides|other than)\b", "除了");
    private static readonly Regex All = Pattern.Of(
        $@"\ball (?:of )?(?:{Others})\b", $@"\b(?:every one|each) of (?:{Others})\b", @"\ball are\b", @"\b(?:are|is) all\b",
        "(?:以上|上述|[两三四]个?)(?:各|几)?(?:选项|项|数|者|种|说法)?(?:都|均|皆|全)[^不没非错]");
    private static readonly Regex NotAll = Pattern.Of(@"\bnot (?:all|every|each)\b", @"\b(?:not|n't|never|except|but|wrong|incorrect|false)\b", "不|没|除了|错");
    private static readonly Regex Judging = Pattern.Of(@"\b(?:correct|right|true|false|appl(?:y|ies)|above|options?|qualif|works?|fits?)", "正确|对|符合|是");
    private static readonly Regex Both = Pattern.Of(@"\b(?:both|and)\b", "和|与|、|都|均");

    private readonly int? _none, _all;
    private readonly List<(int Option, HashSet<int> Parts)> _pairs = [];
    private readonly HashSet<string> _asked;

    /// <param name="question">The question.</param>
    /// <param name="stem">It without its options, in lower case.</param>
    public WholeOptions(ExtractionQuestion question, string stem)
    {
        for (int i = 0; i < question.Letters.Length && i < question.Choices.Count; i++)
        {
            string choice = FoldedText.Of(question.Choices[i][..Math.Min(question.Choices[i].Length, 60)]).Lower.Trim().TrimEnd('.', '。');
            if (NoneOption.IsMatch(choice)) _none = i;
            else if (AllOption.IsMatch(choice)) _all = i;
            else if (PairOption.Match(choice) is { Success: true } pair)
                _pairs.Add((i, [.. pair.Groups.Values.Skip(1).Where(group => group.Success).Select(group => question.Letters.IndexOf(char.ToUpperInvariant(group.Value[0]), StringComparison.Ordinal))]));
        }
        (int from, int to) = Sentences.AskingIn(stem);
        _asked = ContentWords.Of(stem[from..to]);
    }

    /// <summary>The option "None of the above"; null without one.</summary>
    public int? NoneOfThem => _none;

    /// <summary>The option whose like the last sentence says, and where; null where it says none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="letters">The options' letters in it.</param>
    public (int Option, int From, int To)? Read(FoldedText text, OptionLetters letters)
    {
        if ((_none ?? _all) is null && _pairs.Count == 0) return null;
        List<(int From, int To)> sentences = Sentences.Of(text.Text);
        foreach ((int from, int to) in sentences.Count > 1 ? [sentences[^1], sentences[0]] : sentences)
        {
            string sentence = text.Lower[from..to];
            int start = Clauses.LastConclusion(text.Lower, from, to);
            string conclusion = text.Lower[start..to];
            if (_none is int none && None.Match(conclusion) is { Success: true } no && !NotNone.IsMatch(conclusion) && IsOfQuestion(conclusion)) return (none, start + no.Index, start + no.Index + no.Length);
            if (_all is int all && All.Match(conclusion) is { Success: true } every && !NotAll.IsMatch(conclusion) && IsOfQuestion(conclusion)) return (all, start + every.Index, start + every.Index + every.Length);
            if (!Both.IsMatch(sentence) || NotAll.IsMatch(sentence)) continue;
            HashSet<int> named = [.. letters.Meant().Where(letter => letter.At >= from && letter.At < to && letters.IsOneOfSeveral(letter.At)).Select(letter => letter.Option)];
            if (_pairs.Find(pair => pair.Parts.SetEquals(named)) is { Parts: not null } whole) return (whole.Option, from, to);
        }
        return null;
    }

    /// <summary>Whether a sentence judges, or speaks of what was asked.</summary>
    private bool IsOfQuestion(string sentence) => Judging.IsMatch(sentence) || ContentWords.Of(sentence).Overlaps(_asked);
}
