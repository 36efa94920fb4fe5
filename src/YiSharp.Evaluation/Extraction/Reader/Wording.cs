using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>How people word answers, of whatever kind: declarations, corrections, refusals, texts that stop in the middle. Patterns for lower case.</summary>
internal static class Wording
{
    /// <summary>"The answer is", "Answer:", "答案是": what follows is the answer.</summary>
    public static readonly Regex Declaration = Pattern.Of(
        @"\b(?:answer|choice|option|solution|conclusion|result|verdict|response)s?(?: choice| option| here| then| letter)?(?: (?:to|for|of) [^.:\n]{1,80}?)?"
        + @"\s*(?:(?:is|was|are|would be|must be|should be|has to be|will be|comes to|turns out to be)"
        + @"(?: therefore| thus| clearly| definitely| indeed| actually| simply)?\s*:?|[:=]|->|→)\s*",
        @"\b(?:answer|conclusion)""?\s*[:\n]\s*",
        "(?:答案|正确的?选项|正确的?选择|正确的?說法|正確的?選項|正确的?说法|结果|結果|结论)(?:选项|選項)?\"?(?:应该|应当|應該|應當|应|應|就|显然|只能)?"
        + @"\s*(?:是|为|為|选择|选|選|等于)?(?:选项|選項)?[\s:】\]]*",
        @"(?:^|[\s。,;!?])答\s*:\s*");

    /// <summary>Where somebody takes back what he said; only at the start of a clause.</summary>
    public static readonly Regex Retraction = Pattern.Of(
        @"(?:^|[\s.,;:!?。…-])(?:"
        + string.Join('|',
            @"wait\b", @"hold on\b", @"hmm+\b", @"oops\b", @"let me (?:re|correct|double|fix|check)[a-z-]*", @"scratch that", @"on second thoughts?", @"correction\s*:",
            @"(?:no, )?that(?:'s| is) (?:wrong|incorrect|not right|a mistake)", @"i (?:made|have made) an? (?:mistake|error)", "no,", "sorry,",
            "不对", "不是[,。]", "等等[,。…]", "等一下", "重新(?:考虑|计算|思考|算|检查)", "更正", "算错", "我错了", "应更正")
        + ")");

    /// <summary>Words of one who does not answer.</summary>
    public static readonly Regex Refusal = Pattern.Of(
        @"\bi(?:'m| am) (?:sorry|not (?:sure|certain))",
        @"\bi(?: can(?:not|'t)|'m unable|'m not able| am unable| am not able| do not know| don't know)",
        @"\bunable to\b",
        @"\bi(?:'d| would)? need (?:to know|more (?:info|context|details))",
        @"\b(?:please|could you|can you) (?:provide|clarify|share)\b",
        @"\bas an ai\b",
        @"not enough info|enough information|insufficient (?:info|data)",
        @"(?:can(?:not|'t)|could not|impossible to) (?:be )?(?:determine|say|tell|know|answer|decide|solve)",
        @"(?:it|that) depends|opinions (?:differ|vary)",
        @"\bno (?:clear|definite|single|simple|obvious) (?:answer|solution)",
        "抱歉|对不起|无法(?:回答|确定|判断|作答|计算|得出|选择|求)",
        "(?:不能|难以|无从)确定|(?:信息|条件|数据)不足|不(?:太|是很|大|敢|好|怎么)?确定|不知道|说不准|说不好");

    /// <summary>A statement that holds only under a condition, or that others hold.</summary>
    private static readonly Regex NotOwn = Pattern.Of(
        @"\b(?:if|had) (?:the|it|we|you|this|that|i|he|she)\b",
        @"\b(?:people|many|some|one|you|others|most|everyone|somebody|someone|they|[a-z]{3,}s) (?:may |might |would |could |often |wrongly |mistakenly |still )*"
        + "(?:think|say|believe|assume|guess|choose|pick|claim|answer|expect|suppose)",
        @"tempt|\bmistakes?\b|mistakenly|common(?:ly)? (?:error|wrong)|at first|initially|first thought|looks like|seems",
        "如果|假如|若是|若问|倘若|有人|误以为|容易认为|有些人|可能认为|很多人|常被误");

    /// <summary>A sentence about what is not so, or not yet.</summary>
    public static readonly Regex Hypothesis = Pattern.Of(@"^\s*(?:if|suppose|assume|assuming|imagine|let)\b", @"\bwould have\b", "^\\s*(?:如果|假如|假设|若|设|要是)");

    /// <summary>A sentence beside the answer.</summary>
    public static readonly Regex Note = Pattern.Of(@"^\s*\(?(?:note|(?:to )?(?:double-?)?check|(?:to )?verif|remark|for comparison|by the way|incidentally|注[:意]|检验|验算|备注|顺便)");

    private static readonly Regex NotBut = Pattern.Of(@"^\s*(?:not|不是)\s[^.\n]{0,60}?\bbut\s+", @"^\s*不是[^。\n]{0,30}?而是\s*");

    /// <summary>Words and signs after which something must follow.</summary>
    private static readonly Regex UnfinishedEnd = Pattern.Of(
        @"(?:\b(?:"
        + string.Join('|',
            "is|are|was|were|be|has|have|had|equals|which (?:gives|leaves|means|makes)|not|the|a|an|it|its|their|we|they|she|he",
            "of|to|with|by|for|from|in|on|at|as|into|about|than|more|and|or|but|which|that|who|so|then|if|because",
            "make|makes|take|takes|step|steps|number|look at|next|[0-9]+ [a-z]+ (?:and|or|of)",
            "(?:and|then|and then|to|must|first|we|can) (?:add|subtract|multiply|divide|compute|calculate|find|get|look|take|compare|check|consider|see|use)")
        + @")|[,;:({+×÷*/=<-]|[是的为和在而有与或把被从以及于对得，、；：因]|后剩下|还剩|仅剩|只剩|一共|总共|等于|得到|变成|,(?:再|然后|接着|最后)[^,。0-9]{1,8})\s*$",
        @"\n[ \t]*[0-9]{1,2}[.)]\s*$"); // the number of a further step

    private const int ShortestCut = 16;

    /// <summary>Where what is declared begins: past "not A but".</summary>
    public static int PastDenied(string lower, int at) => at + NotBut.Match(lower[at..Math.Min(lower.Length, at + 80)]).Length;

    /// <summary>
    /// Whether the text stops in the middle of a sentence: at a word that wants another, or without a full stop where the sentence before, in the same line, has
    /// one.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="isAnswered">Whether [from, to) holds an answer: a last sentence that concludes one needs no full stop.</param>
    public static bool IsUnfinished(FoldedText text, Func<int, int, bool>? isAnswered = null)
    {
        if (UnfinishedEnd.IsMatch(text.Text)) return true;
        if (Sentences.Of(text.Text) is not [.., var before, var last] || !char.IsLetter(text.Text[last.To - 1])) return false;
        if (text.Text.AsSpan(before.From, last.From - before.From).Contains('\n')) return false;
        bool concludes = last.To - last.From < ShortestCut || Clauses.LastConclusion(text.Lower, last.From, last.To) > last.From;
        return !concludes || isAnswered?.Invoke(last.From, last.To) == false;
    }

    /// <summary>Whether what stands at a place is said of others or under a condition: judged by its sentence up to there, from its last "but" or "so" on.</summary>
    public static bool IsNotOwn(string lower, int at)
    {
        int from = Math.Max(Sentences.StartOf(lower, at), at - 300);
        return NotOwn.IsMatch(lower[Clauses.LastOwn(lower, from, at)..at]);
    }
}
