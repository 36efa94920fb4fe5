using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The number that an answer settles on, in the unit that the question asks for.</summary>
internal static class NumberReader
{
    private static readonly Regex Total = Pattern.Of(@"\b(?:(?:grand |final )?total|sum|in total|altogether|final (?:price|amount|cost|value|profit|result|number|temperature|answer))\s*(?:is|was|:|=|comes to)\s*|(?:总计|共计|合计|总共|总数)\s*(?:是|为|:)\s*");
    private static readonly Regex First = Pattern.Of(@"^\s*(?:(?:about|exactly|roughly|约|大约)\s*)?$");
    private static readonly Regex UnitThenEnd = Pattern.Of(@"^\s*(?:[a-z/°%²³]+(?: (?:per|a|an|of)? ?[a-z/]+)?|[一-鿿]{1,4})?\s*(?:[.,;。!]|\bbecause|\bsince|\(|,? as\b|$)");
    private static readonly Regex Label = Pattern.Of(@"(?:^|\n)[ \t]*(?:\(?[0-9]{1,2}[.)]|[-•]|step [0-9]{1,2}\s*[:.]|第[0-9一二三四五六七八九十]{1,2}步)(?:[ \t]|[一-鿿:])");
    private static readonly Regex Note = Pattern.Of(@"^(?:\(?note|\(?check|verif|remark|注[:意]|检验|验算|备注)");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        var asked = new AskedAmount(question.Input);
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (NumberClause.Pick(text.Lower, from, to, asked) is { Numeral: { } inside }) return Found(inside, rule);
        }
        int[] labels = [.. Label.Matches(text.Lower).Select(match => match.Index)];
        if (Last(Wording.Declaration, text, asked, out bool several) is { } declared) return Found(declared, "declared");
        if (several) return null;
        if (Last(Total, text, asked, out _) is { } total) return Found(total, "total");
        if (text.Bold is (int boldFrom, int boldTo) && NumberClause.Pick(text.Lower, boldFrom, boldTo, asked).Numeral is { } bold && !IsLabel(text, bold)) return Found(Extended(text, bold), "bold");
        if (Wording.Refusal.IsMatch(text.Lower) || Wording.IsUnfinished(text)) return null;

        List<(int From, int To)> sentences = Sentences.Of(text.Text);
        if (sentences.Count > 0 && labels.Length < 2 && Leading(text, sentences) is { } first) return Found(first, "leading");
        for (int i = sentences.Count - 1; i >= 0; i--)
        {
            (int from, int to) = sentences[i];
            if (Note.IsMatch(text.Lower[from..to])) continue;
            if (labels.Length >= 2 && Label.Match(text.Lower[from..to]) is { Success: true } label) from += label.Length - (char.IsWhiteSpace(text.Text[from + label.Length - 1]) ? 0 : 1);
            (Numeral? picked, string rule, bool isSeveral) = NumberClause.Pick(text.Lower, from, to, asked);
            if (isSeveral) return null;
            if (picked is { } numeral) return Found(numeral, rule);
        }
        return null;

        Finding Found(Numeral numeral, string rule) => new(asked.Write(text.Lower, numeral), rule, numeral.From, numeral.To, rule is "last_number");
    }

    /// <summary>The number behind the last of an announcement's matches that has one in its sentence.</summary>
    private static Numeral? Last(Regex announcement, FoldedText text, AskedAmount asked, out bool several)
    {
        several = false;
        foreach (Match match in announcement.Matches(text.Lower).Reverse())
        {
            int from = Wording.PastDenied(text.Lower, match.Index + match.Length), to = Math.Min(Sentences.EndOf(text.Text, from), from + 200);
            if (from >= to || Wording.IsNotOwn(text.Lower, match.Index)) continue;
            (Numeral? numeral, _, several) = NumberClause.First(text.Lower, from, to, asked);
            if (numeral is not null || several) return numeral;
        }
        return null;
    }

    /// <summary>A number with at most a unit that the text begins with, before a reason or the way to it.</summary>
    private static Numeral? Leading(FoldedText text, List<(int From, int To)> sentences)
    {
        (int from, int to) = (sentences[0].From, Math.Min(text.Text.Length, sentences[0].To + 1));
        List<Numeral> numerals = AskedAmount.Join(text.Lower, Numeral.In(text.Lower, from, to));
        if (numerals.Count == 0 || !First.IsMatch(text.Lower[from..numerals[0].From].Replace("$", "", StringComparison.Ordinal).Replace("¥", "", StringComparison.Ordinal))) return null;
        int equals = text.Lower.IndexOf('=', from);
        if (equals >= 0 && equals < to) return null;
        return UnitThenEnd.IsMatch(text.Lower[numerals[0].To..Math.Min(text.Lower.Length, numerals[0].To + 40)]) ? numerals[0] : null;
    }

    /// <summary>The same number as it stands in the whole text, where a unit or percent sign may follow the bold part.</summary>
    private static Numeral Extended(FoldedText text, Numeral bold)
    {
        List<Numeral> around = AskedAmount.Join(text.Lower, Numeral.In(text.Lower, bold.From, Math.Min(text.Lower.Length, bold.To + 40)));
        return around.Count > 0 && around[0].From == bold.From ? around[0] : bold;
    }

    private static bool IsLabel(FoldedText text, Numeral numeral)
    {
        int line = text.Text.LastIndexOf('\n', Math.Max(numeral.From - 1, 0)) + 1;
        return Label.Match(text.Lower[line..Math.Min(text.Lower.Length, numeral.To + 3)]) is { Success: true } label && line + label.Length >= numeral.To;
    }
}
