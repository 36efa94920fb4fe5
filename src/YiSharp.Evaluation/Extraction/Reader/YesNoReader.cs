using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Whether an answer says Yes or No, in so many words or by stating what was asked or its opposite.</summary>
internal static class YesNoReader
{
    private const string Word = @"(?:(yes|yeah|yep|yup|certainly|是的|对的|对|是|能|会|可以|有|正确|成立)|(no|nope|not really|不是的?|不对|否|不能|不会|不可以|没有|不|错误?|不成立))(?:$|[^a-z一-鿿])";

    private static readonly Regex AtStart = Pattern.Of($@"^[\s""'(\[{{*:：#-]*{Word}");
    private static readonly Regex Announced = Pattern.Of($@"\b(?:so|thus|hence|therefore|is|be|conclude|say|says|answer|reply|respond|think)(?: with| that)?(?: the answer is| a)?[,:]?\s*[""'(]*{Word}|(?:所以|因此|故|答案)(?:是|为)?[,:\s]*{Word}");
    private static readonly Regex Hedge = Pattern.Of(@"\b(?:could|may|might|perhaps|maybe|some (?:people|would)|others?|depends|differ|either|unclear|uncertain|possibly)\b|可能|也许|或许|不一定|取决于|因人而异|看情况");
    private static readonly Regex Yes = Pattern.Of(@"\byes\b"), No = Pattern.Of(@"\bno\b");
    private static readonly Regex Short = Pattern.Of(@"^(?:i|you|we|they|he|she|it|this|that)(?:'s)?(?: (?:certainly|definitely|probably|clearly|really))? ?(?:can|do|does|did|will|would|is|are|was|were|has|have|should|might|could)?(n't|not| not)?(?: (?:so|correct|right|true))?[.!]*$");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (WordAt(text, from, to) is { } boxed) return boxed with { Rule = rule };
        }
        foreach (Match match in Wording.Declaration.Matches(text.Lower).Reverse())
        {
            if (!Wording.IsNotOwn(text.Lower, match.Index) && WordAt(text, match.Index + match.Length, text.Text.Length) is { } declared) return declared with { Rule = "declared" };
        }
        bool both = Yes.IsMatch(text.Lower) && No.IsMatch(text.Lower);
        if (both && Hedge.IsMatch(text.Lower)) return null;
        if (WordAt(text, 0, text.Text.Length) is { } leading) return leading with { Rule = "leading" };
        if (Wording.Refusal.IsMatch(text.Lower)) return null;
        if (Announced.Matches(text.Lower).LastOrDefault() is { } announced)
        {
            Group[] words = [.. announced.Groups.Values.Skip(1).Where(group => group.Success)];
            bool isYes = announced.Groups[1].Success || announced.Groups[3].Success;
            return new Finding(isYes ? "Yes" : "No", "announced", words[0].Index, words[0].Index + words[0].Length);
        }
        int line = text.Text.TrimEnd().LastIndexOf('\n') + 1;
        if (line > 0 && WordAt(text, line, text.Text.Length) is { } last) return last with { Rule = "last_line" };
        if (Sentences.Of(text.Text) is [.., var end] && end.To - end.From <= 6 && WordAt(text, end.From, end.To) is { } alone) return alone with { Rule = "last_sentence" };
        if (text.Bold is (int boldFrom, int boldTo) && WordAt(text, boldFrom, boldTo) is { } bold) return bold with { Rule = "bold" };
        if (Wording.IsUnfinished(text)) return null;
        return Stated(question, text);
    }

    private static Finding? WordAt(FoldedText text, int from, int to)
    {
        string part = text.Lower[from..Math.Min(to, from + 40)];
        if (part.StartsWith("\\boxed{", StringComparison.Ordinal)) part = new string(' ', 7) + part[7..];
        if (AtStart.Match(part) is not { Success: true } match) return null;
        Group word = match.Groups[1].Success ? match.Groups[1] : match.Groups[2];
        return new Finding(match.Groups[1].Success ? "Yes" : "No", "", from + word.Index, from + word.Index + word.Length);
    }

    /// <summary>The last sentence that says what was asked, or its opposite.</summary>
    private static Finding? Stated(ExtractionQuestion question, FoldedText text)
    {
        var statement = new Statement(question.Input ?? "");
        foreach ((int from, int to) in Enumerable.Reverse(Sentences.Of(text.Text)))
        {
            string sentence = text.Lower[from..to];
            if (Short.Match(sentence) is { Success: true } shortly) return new Finding(shortly.Groups[1].Success ? "No" : "Yes", "statement", from, to, true);
            if (statement.Holds(sentence) is not bool holds) continue;
            return Hedge.IsMatch(sentence) ? null : new Finding(holds ? "Yes" : "No", "statement", from, to, true);
        }
        return null;
    }
}
