using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>An answer of no fixed form: what is set off or declared, else a text that is short as a whole. Brackets are read from what follows the question's own.</summary>
internal static class FreeReader
{
    private const int ShortLength = 80;

    private static readonly Regex Brackets = Pattern.Of(@"[\[\](){}<>](?:[ \t]*[\[\](){}<>])*");
    private static readonly Regex Given = Pattern.Of(@"(?:gives|give|is|get|yields|makes|becomes|form|spells?|得到|为|是)(?: us)?:? ""([^""\n]{1,60})""");
    private static readonly Regex Listed = Pattern.Of(@"\n- ([^\n]{1,60})");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        string input = FoldedText.Of(question.Input ?? "").Text;
        if (input.Contains("parenthes", StringComparison.OrdinalIgnoreCase) || input.Contains("bracket", StringComparison.OrdinalIgnoreCase)) return ReadBrackets(input, text);
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (Trimmed(text, from, to, rule) is { } boxed) return boxed;
        }
        foreach (Match match in Wording.Declaration.Matches(text.Lower).Reverse())
        {
            int from = match.Index + match.Length;
            if (!Wording.IsNotOwn(text.Lower, match.Index) && Trimmed(text, from, Sentences.EndOf(text.Text, from), "declared") is { } declared) return declared;
        }
        if (Wording.Refusal.IsMatch(text.Lower) || Wording.IsUnfinished(text)) return null;
        string[] listed = [.. Listed.Matches(input).Select(match => match.Groups[1].Value.Trim().ToLowerInvariant())];
        if (listed.Length > 0 && new OptionTexts(listed).Mentions(text.Lower, shorter: false) is { Count: > 0 } mentions)
            return new Finding(listed[mentions[^1].Option], "option_text", mentions[^1].From, mentions[^1].To, true);
        if (text.Bold is (int boldFrom, int boldTo) && Trimmed(text, boldFrom, boldTo, "bold") is { } bold) return bold;
        if (Given.Matches(text.Text).LastOrDefault()?.Groups[1] is { } quoted) return new Finding(quoted.Value, "quoted", quoted.Index, quoted.Index + quoted.Length, true);
        int line = text.Text.TrimEnd().LastIndexOf('\n') + 1;
        Finding? last = text.Text.Length - line <= ShortLength ? Trimmed(text, line, text.Text.Length, line == 0 ? "whole" : "last_line") : null;
        return last is { } found ? found with { IsLowConfidence = true } : null;
    }

    private static Finding? ReadBrackets(string input, FoldedText text)
    {
        foreach ((int boxFrom, int boxTo, string boxRule) in Boxes.Of(text))
        {
            if (Brackets.Match(text.Text, boxFrom) is not { Success: true } boxed || boxed.Index + boxed.Length < boxTo) continue;
            if (text.Text.AsSpan(boxFrom, boxed.Index - boxFrom).IsWhiteSpace())
                return new Finding(Spaced(text.Text[boxed.Index..boxTo]), boxRule, boxed.Index, boxTo);
        }
        string open = Brackets.Matches(input).LastOrDefault()?.Value ?? "";
        int from = Wording.Declaration.Matches(text.Lower).LastOrDefault() is { } declared ? declared.Index + declared.Length : -1;
        Match? run = from >= 0 ? Brackets.Match(text.Text, from) : Wording.IsUnfinished(text) ? null : Brackets.Matches(text.Text).LastOrDefault();
        if (run is null || !run.Success) return null;
        string rule = from >= 0 ? "declared" : "last_run", squeezed = Spaced(run.Value), own = Spaced(open);
        bool isRepeated = own.Length > 0 && squeezed.StartsWith(own + " ", StringComparison.Ordinal);
        return new Finding(isRepeated ? squeezed[(own.Length + 1)..] : squeezed, rule, run.Index, run.Index + run.Length);
    }

    private static string Spaced(string brackets) => string.Join(' ', brackets.Where(c => !char.IsWhiteSpace(c)));

    private static Finding? Trimmed(FoldedText text, int from, int to, string rule)
    {
        const string edges = " \t\n\"'*.。:{}";
        while (from < to && edges.Contains(text.Text[from], StringComparison.Ordinal)) from++;
        while (to > from && edges.Contains(text.Text[to - 1], StringComparison.Ordinal)) to--;
        return to > from ? new Finding(text.Text[from..to], rule, from, to) : null;
    }
}
