using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Whether an answer says Yes or No, in so many words or by stating what was asked or its opposite.</summary>
internal static class YesNoReader
{
    private const string Yes = "yes|yeah|yep|yup|certainly|absolutely[.!,]|definitely[.!,]|of course[.!,]|in the affirmative|是的?|对的?|肯定的?|(?:当然|肯定|确实|应该)(?:是|会|能|可以)?的?|会的?|能的?|可以的?|有的?|正确|成立|没错";
    private const string No = "no|nope|not really|neither|in the negative|不是的?|不对|否定?的?|不能|不会|不可以|没有|不行|不|错误?|不成立|不正确|不属实";

    /// <summary>Words that say yes or no only where they begin the answer.</summary>
    private const string ShortYes = @"sure|(?:true|correct|right|indeed)\s*(?:[.!,:;]|$)|i (?:think|believe|guess) so", ShortNo = @"not (?:at all|for long)|hardly|(?:false|incorrect|wrong|untrue)\s*(?:[.!,:;]|$)|i (?:don't|do not) (?:think|believe) so";

    private const string Word = $"(?:({Yes})|({No}))(?:$|[^a-z一-鿿])";

    private static readonly Regex NoAtAll = Pattern.Of(@"^[\s""'(\[{*:：#-]*((?:most )?(?:certainly|absolutely|probably|definitely|clearly|of course|surely|unfortunately|sadly|i'm afraid|i am afraid|i think|i guess|generally|usually) not)\b", @"^[\s""'(\[{*:：#-]*((?:当然|肯定|绝对|显然|应该)不(?:是|会|能|可以|行|对)?)\b");
    private static readonly Regex AtStart = Pattern.Of($@"^[\s""'(\[{{*:：#-]*(?:({Yes}|{ShortYes})|({No}|{ShortNo}))(?:$|[^a-z一-鿿])");

    /// <summary>The question's own options, a line each, which say neither.</summary>
    private static readonly Regex Echo = Pattern.Of(@"(?:^|\n)[ \t]*(?:(?:options|选项)[ \t]*:[ \t]*\n)?(?:" + string.Join('|', EchoOf("yes", "no"), EchoOf("no", "yes"), EchoOf("是", "否")) + @")(?:\n|$)");

    private static readonly Regex Announced = Pattern.Of(
        $@"\b(?:so|thus|hence|therefore|is|that's|it's|be|conclude|says?|answer|reply|respond|think)(?: with| that)?(?: the answer is| a)?[,:]?\s*[""'(]*{Word}",
        $@"(?:所以|因此|故|答案|回答|会说|会答)(?:是|为|说)?[,:\s""]*{Word}");

    private static readonly Regex AtEnd = Pattern.Of(@"(?:^|[\s,.!;:?])(?:(yes)|(no))[^a-z0-9]*$");
    private static readonly Regex Field = Pattern.Of(@"""[^""\n]{1,40}""\s*:\s*""?(?:(yes|true)|(no|false))""?\s*[,}]");
    private static readonly Regex Hedge = Pattern.Of(
        @"\b(?:could (?:be|go|also|either|mean)|may|might|perhaps|maybe|some (?:people|would|say|think)|others?|depends|differ|either|unclear|uncertain|possibly|yes and no)\b",
        "可能|也许|或许|不一定|取决于|因人而异|看情况");

    private static readonly Regex Opening = Pattern.Of("^(?:会[^议计]|能[^量源力]|可以|属于)", "^(?:(并不|并非|不会|不能|不是|不可以|不属于|没有|[一-鿿]不(?:到|了|出|动)|not all|not every))");
    /// <summary>Behind what others say: that the writer says something else.</summary>
    private static readonly Regex Contradicted = Pattern.Of(@"\b(?:but|however|yet|actually|in fact)\b", "但|其实|实际上");

    private static readonly Regex Claim = Pattern.Of(
        @"(?:^|[,;:] |\b(?:so|thus|hence|therefore),? )(?:this|that|it|the (?:statement|claim|conclusion|argument|inference))(?:'s| is| would be) (?:clearly |simply |physically |logically |mathematically |therefore )?"
        + @"(?:(possible|true|correct|valid)|((?:im|not )possible|false|untrue|incorrect|invalid|not (?:true|correct|valid)|(?:just |only )?a (?:common |popular )?(?:myth|misconception)))[.!]*$",
        "(?:该|这[个种一]?|此|题中的?)(?:句话|说法|观点|论断|陈述|命题|结论|推理|推论|论证)(?:显然)?是?(?:(正确|对|成立)|(不正确|错误|不对|不成立|有误))的?(?:[,。.!]|$)");

    private static readonly Regex VerdictAsked = Pattern.Of(@"possible|\b(?:false|untrue|incorrect|wrong)\b|不正确|错误|不对|不成立|不可能");
    private static readonly Regex BothWords = Pattern.Of(@"\byes\b[\s\S]*\bno\b", @"\bno\b[\s\S]*\byes\b");
    private static readonly Regex Short = Pattern.Of(
        "^(?:so |thus |indeed,? |contrary to [^,]{1,40}, |.{1,40} (?:say|says|answer|answers|think|believe|conclude) that )?"
        + "(?:i|you|we|they|he|she|it|this|that)(?:'s)?(?: (?:certainly|definitely|probably|clearly|really))? ?"
        + "(?:can|do|does|did|will|would|is|are|was|were|has|have|had|should|might|could)?(n't|not| not| none)?(?: (?:so|correct|right|true))?[.!]*$");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        MatchCollection echoes = Echo.Matches(text.Lower);
        if (echoes.Count == 0) return Said(question, text);
        int after = echoes[^1].Index + echoes[^1].Length;
        return (after < text.Text.Length ? Shifted(Said(question, text.From(after)), after) : null) ?? (echoes[0].Index > 0 ? Said(question, text.UpTo(echoes[0].Index)) : null);
    }

    private static string EchoOf(string first, string second)
    {
        const string Bullet = @"[ \t]*(?:[-•]|\(?[ab12][.)])?[ \t]*", End = @"[ \t.]*";
        return Bullet + first + End + @"\n" + Bullet + second + End;
    }

    private static Finding? Shifted(Finding? found, int by) => found is { } finding ? finding with { From = finding.From + by, To = finding.To + by } : null;

    private static Finding? Said(ExtractionQuestion question, FoldedText text)
    {
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (WordAt(text, from, to, rule) is { } boxed) return boxed;
        }
        if (Field.Matches(text.Lower).LastOrDefault() is { } field) return Named(field, 0, "field");
        foreach (Match match in Wording.Declaration.Matches(text.Lower).Reverse())
        {
            if (!Wording.IsNotOwn(text.Lower, match.Index) && WordAt(text, match.Index + match.Length, text.Text.Length, "declared") is { } declared) return declared;
        }
        Finding? leading = WordAt(text, 0, text.Text.Length, "leading");
        if (leading is { To: var end } && end < text.Text.Length && text.Text[end] is '.' or '!' or '。') return leading; // what follows only explains
        if (BothWords.IsMatch(text.Lower) && Hedge.IsMatch(text.Lower)) return null;
        if (leading is not null) return leading;
        if (Wording.Refusal.IsMatch(text.Lower)) return null;
        if (Announced.Matches(text.Lower).LastOrDefault(match => !Wording.IsNotOwn(text.Lower, match.Index + match.Length) || !Contradicted.IsMatch(text.Lower[match.Index..Sentences.EndOf(text.Text, match.Index)])) is { } announced) return Named(announced, 0, "announced");
        if (Last(text) is { } last) return last;
        if (text.Bold is (int boldFrom, int boldTo) && WordAt(text, boldFrom, boldTo, "bold") is { } bold) return bold;
        return Wording.IsUnfinished(text) ? null : Stated(question, text);
    }

    /// <summary>The word on a line or in a sentence of its own at the end, or behind its last comma.</summary>
    private static Finding? Last(FoldedText text)
    {
        int line = text.Text.TrimEnd().LastIndexOf('\n') + 1;
        if (line > 0 && WordAt(text, line, text.Text.Length, "last_line") is { } last) return last;
        if (AtEnd.Match(text.Lower) is { Success: true } word) return Named(word, 0, "last_word");
        return Sentences.Of(text.Text) is [.., var end] && end.To - end.From <= 6 ? WordAt(text, end.From, end.To, "last_word") : null;
    }

    private static Finding? WordAt(FoldedText text, int from, int to, string rule)
    {
        string part = text.Lower[from..Math.Min(to, from + 40)];
        if (part.StartsWith("\\boxed{", StringComparison.Ordinal)) part = new string(' ', 7) + part[7..];
        if (NoAtAll.Match(part) is { Success: true } no) return new Finding("No", rule, from + no.Groups[1].Index, from + no.Length);
        return AtStart.Match(part) is { Success: true } match ? Named(match, from, rule) : null;
    }

    /// <summary>A match whose odd groups say yes and whose even ones say no.</summary>
    private static Finding Named(Match match, int from, string rule)
    {
        int said = Enumerable.Range(1, match.Groups.Count - 1).First(i => match.Groups[i].Success);
        Group word = match.Groups[said];
        return new Finding(said % 2 == 1 ? "Yes" : "No", rule, from + word.Index, from + word.Index + word.Length);
    }

    /// <summary>A sentence that ends with a verdict on what was asked: "hence this is impossible", 该说法不正确. Where the question itself asks for such a word, its own words tell.</summary>
    private static Finding? OfClaim(ExtractionQuestion question, FoldedText text, int from, int to)
    {
        if (Claim.Match(text.Lower[from..to]) is not { Success: true } claim || VerdictAsked.IsMatch((question.Input ?? "").ToLowerInvariant())) return null;
        return Named(claim, from, "statement") with { IsLowConfidence = true };
    }

    /// <summary>The last sentence that says what was asked, or its opposite: before its colon, in what it concludes, or as a whole.</summary>
    private static Finding? Stated(ExtractionQuestion question, FoldedText text)
    {
        if (Opening.Match(text.Lower) is { Success: true } opening) return new Finding(opening.Groups[1].Success ? "No" : "Yes", "statement", 0, opening.Length, true);
        var statement = new Statement(question.Input ?? "");
        foreach ((int from, int to) in Enumerable.Reverse(Sentences.Of(text.Text)))
        {
            string whole = text.Lower[from..to];
            if (OfClaim(question, text, from, to) is { } judged) return judged;
            if (Short.Match(whole) is { Success: true } shortly) return new Finding(shortly.Groups[1].Success ? "No" : "Yes", "statement", from, to, true);
            string conclusion = text.Lower[Clauses.LastOwn(text.Lower, from, to)..to].TrimStart(), head = whole[..Math.Max(0, whole.IndexOf(':', StringComparison.Ordinal))];
            int but = whole.IndexOf(", but ", StringComparison.Ordinal);
            if (but > 0 && statement.HoldsWhole(whole[..but]) is bool stated && !Hedge.IsMatch(whole)) return new Finding(stated ? "Yes" : "No", "statement", from, to, true);
            foreach (string part in (string[])[head, conclusion, whole])
            {
                if (statement.Holds(part) is not bool holds) continue;
                return Hedge.IsMatch(part.Replace("不太可能", "", StringComparison.Ordinal).Replace("不可能", "", StringComparison.Ordinal)) ? null : new Finding(holds ? "Yes" : "No", "statement", from, to, true);
            }
        }
        return null;
    }
}
