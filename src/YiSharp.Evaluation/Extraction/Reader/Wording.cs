using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>How people word answers, of whatever kind: declarations, corrections, refusals, texts that stop in the middle. Patterns for lower case.</summary>
internal static class Wording
{
    /// <summary>"The answer is", "Answer:", "答案是": what follows is the answer.</summary>
    public static readonly Regex Declaration = Pattern.Of(
        @"\b(?:answer|choice|option|solution|conclusion|result|verdict|response)s?(?: choice| option| here| then| letter)?(?: (?:to|for|of) [^.:\n]{1,80}?)?\s*(?:(?:is|was|are|would be|must be|should be|has to be|will be|comes to|turns out to be)(?: therefore| thus| clearly| definitely| indeed| actually| simply)?\s*:?|[:=]|->|→)\s*"
        + @"|\b(?:answer|conclusion)""?\s*[:\n]\s*"
        + @"|(?:答案|正确的?选项|正确的?选择|正確的?選項|正确的?说法|结果|結果|结论)(?:选项|選項)?""?(?:应该|应当|應該|應當|应|應|就|显然|只能)?\s*(?:是|为|為|选择|选|選|等于)?(?:选项|選項)?[\s:】\]]*"
        + @"|(?:^|[\s。,;!?])答\s*:\s*");

    /// <summary>Where somebody takes back what he said; only at the start of a clause.</summary>
    public static readonly Regex Retraction = Pattern.Of(
        @"(?:^|[\s.,;:!?。…-])(?:wait\b|hold on\b|hmm+\b|oops\b|let me (?:re|correct|double|fix|check)[a-z-]*|scratch that|on second thoughts?|correction\s*:|(?:no, )?that(?:'s| is) (?:wrong|incorrect|not right|a mistake)|i (?:made|have made) an? (?:mistake|error)|no,|sorry,|不对|不是[,。]|等等[,。…]|等一下|重新(?:考虑|计算|思考|算|检查)|更正|算错|我错了|应更正)");

    /// <summary>Words of one who does not answer.</summary>
    public static readonly Regex Refusal = Pattern.Of(
        @"\bi(?:'m| am) sorry|\bi(?: can(?:not|'t)|'m unable|'m not able| am unable| am not able| do not know| don't know)|\bunable to\b|\bas an ai\b|not enough info|enough information|insufficient (?:info|data)|(?:can(?:not|'t)|could not|impossible to) (?:be )?(?:determine|say|tell|know|answer|decide|solve)|it depends|that depends|opinions (?:differ|vary)|抱歉|对不起|无法(?:回答|确定|判断|作答|计算|得出|选择|求)|不能确定|难以确定|(?:信息|条件|数据)不足|不确定|我不知道|不知道");

    /// <summary>A statement that holds only under a condition, or that others hold.</summary>
    private static readonly Regex NotOwn = Pattern.Of(
        @"\bif (?:the|it|we|you|this|that|i|he|she)\b|\b(?:people|many|some|students|one|you|others|most) (?:may |might |would |could |often |wrongly |mistakenly )*(?:think|say|believe|assume|guess|choose|pick|claim|answer)|(?:tempt|mistake|common(?:ly)? (?:error|wrong)|at first|initially|first thought|looks like|seems)|如果|假如|若是|有人|误以为|容易认为|有些人|可能认为|很多人|常被误");

    private static readonly Regex NotBut = Pattern.Of(@"^\s*(?:not|不是)\s[^.\n]{0,60}?\bbut\s+|^\s*不是[^。\n]{0,30}?而是\s*");
    private static readonly Regex UnfinishedEnd = Pattern.Of(
        @"(?:\b(?:is|are|was|were|the|a|an|of|and|or|but|which|that|who|to|with|has|have|had|by|for|from|in|on|at|as|so|then|if|because|we|they|she|he|it|its|their|be|not|look at|next|more|than|into|about|make|makes|take|takes|step|steps|number|[0-9]+ [a-z]+ (?:and|or|of))|[,;:(+×÷*/=<-]|[是的为和在而有与或把被从以及于对，、；：因])\s*$");

    /// <summary>Where what is declared begins: past "not A but".</summary>
    public static int PastDenied(string lower, int at) => at + NotBut.Match(lower[at..Math.Min(lower.Length, at + 80)]).Length;

    /// <summary>Whether the text stops in the middle of a sentence.</summary>
    public static bool IsUnfinished(FoldedText text) => UnfinishedEnd.IsMatch(text.Lower);

    /// <summary>Whether what stands at a place is said of others or under a condition, judged by its sentence up to there.</summary>
    public static bool IsNotOwn(string lower, int at)
    {
        int from = Math.Max(Sentences.StartOf(lower, at), at - 300);
        return NotOwn.IsMatch(lower[from..at]);
    }
}
