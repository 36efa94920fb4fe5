using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Whether an answer ends at True or False.</summary>
internal static class BoolReader
{
    private const string Word = @"[\s""'({\[$:]*(?:\\boxed\{\s*)?\b(true|false)\b";

    private static readonly Regex AtStart = Pattern.Of($"^{Word}");
    private static readonly Regex Evaluates = Pattern.Of(
        $"(?:=|≡|->|→|⇒){Word}",
        $@"\b(?:is|are|be|equals?|(?:evaluat|simplif|reduc|com|resolv|amount)[a-z]* to|results? in|giv(?:es|ing)|yields?|we get|becomes?|leaves|returns?){Word}",
        $"(?:为|是|等于|得){Word}");

    private static readonly Regex Hedge = Pattern.Of(
        @"\b(?:might|may|could) be\b", @"\b(?:either true or false|either false or true|unclear|not sure|uncertain|depends|depending)\b", "可能|取决于");

    private static readonly Regex LeadingEnd = Pattern.Of("^(?:$|[.,;:。\\n]| because)");
    private static readonly Regex Mention = Pattern.Of(@"\b(true|false)\b");
    private static readonly Regex Chinese = Pattern.Of("^[\\s\"'(]*(?:(真|对|正确)|(假|错误?))");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (At(text, from, to, rule) is { } boxed) return boxed;
        }
        foreach (Match match in Wording.Declaration.Matches(text.Lower).Reverse())
        {
            if (!Wording.IsNotOwn(text.Lower, match.Index) && At(text, match.Index + match.Length, text.Text.Length, "declared") is { } declared) return declared;
        }
        if (Wording.IsUnfinished(text) || (Mention.Count(text.Lower) > 1 && Hedge.IsMatch(text.Lower))) return null;
        int line = text.Text.TrimEnd().LastIndexOf('\n') + 1;
        if (text.Text.AsSpan(line).Trim().Length <= 7 && At(text, line, text.Text.Length, line == 0 ? "whole" : "last_line") is { } whole) return whole;
        if (text.Bold is (int boldFrom, int boldTo) && At(text, boldFrom, boldTo, "bold") is { } bold) return bold;
        if (Wording.Refusal.IsMatch(text.Lower)) return null;
        if (Leading(text) is { } leading) return leading;
        if (Evaluates.Matches(text.Lower).LastOrDefault() is { } evaluated) return Named(text, evaluated.Groups.Values.Skip(1).First(group => group.Success).Index, "evaluates");
        return Mention.Matches(text.Lower) is [var only] ? Named(text, only.Index, "alone") with { IsLowConfidence = true } : null;
    }

    /// <summary>The text begins with the word, and a comma, full stop or reason follows.</summary>
    private static Finding? Leading(FoldedText text) =>
        At(text, 0, text.Text.Length, "leading") is { } found && LeadingEnd.IsMatch(text.Lower[found.To..Math.Min(text.Lower.Length, found.To + 8)]) ? found : null;

    private static Finding? At(FoldedText text, int from, int to, string rule)
    {
        string part = text.Lower[from..Math.Min(to, from + 60)];
        if (AtStart.Match(part) is { Success: true } match) return Named(text, from + match.Groups[1].Index, rule);
        return Chinese.Match(part) is { Success: true } chinese ? new Finding(chinese.Groups[1].Success ? "True" : "False", rule, from, from + chinese.Length) : null;
    }

    private static Finding Named(FoldedText text, int at, string rule) => text.Lower[at] == 't' ? new Finding("True", rule, at, at + 4) : new Finding("False", rule, at, at + 5);
}
