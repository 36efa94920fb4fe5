using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Which of a sentence's numbers is what it says, not what it says it of.</summary>
internal static class NumberClause
{
    private static readonly Regex Aside = Pattern.Of(@"\([^()]*\)|, (?:which|who|where|that) (?:is|was|are|were|has|had|covered|costs?|cost|he|she|they|it|the|[a-z]+ed)\b[^,]*(?:,|$)|, (?:about|roughly|approximately|or about) [^,]*$");
    private static readonly Regex Opening = Pattern.Of(@"^\s*(?:after|when|if|from|since|with|because|given|as|for|by|of|out of|at|before|having)\b[^,]*,");
    private static readonly Regex Copula = Pattern.Of(@"\b(?:is|are|was|were|equals?|be|becomes?|left with|gives?|leaves?|pays?|costs?|makes?|earns?|needs?|takes?|has|have|had|remains?)\b|是|为|等于|应为|剩下?|需要?|花了|花费|共|得到?|有");
    private static readonly Regex Reason = Pattern.Of(@"\b(?:by|because|since|after|out of|for each|as|when|given|assuming|from|than|of (?:the|his|her|its|their)|in (?:the|his|her)|with)\b|因为|由于");
    private static readonly Regex Because = Pattern.Of(@"\b(?:because|since|given that|assuming|considering)\b|因为|由于");
    private static readonly Regex Range = Pattern.Of(@"^\s*(?:[a-z%°$/]{1,12}|[一-鿿]{1,2})?\s*(?:-|~|–|\bto\b|\bor\b|或者?|到|至)\s*[$¥€£]?\s*$");
    private static readonly Regex BetweenAnd = Pattern.Of(@"\b(?:between|either|anywhere from|somewhere)\b[^.]{0,40}$");

    /// <summary>What a picked number is; whether there is no single one.</summary>
    public readonly record struct Choice(Numeral? Numeral, string Rule, bool IsSeveral);

    /// <summary>The number that [from, to) begins to tell: what follows a declaration; the end of an equation where there is one.</summary>
    public static Choice First(string lower, int from, int to, AskedAmount asked)
    {
        List<Numeral> numerals = AskedAmount.Join(lower, Numeral.In(lower, from, to));
        if (numerals.Count == 0) return default;
        if (IsRange(lower, from, numerals, 0)) return new Choice(null, "", true);
        return AfterEquals(lower, from, to, numerals) is { } result ? new Choice(result, "equation", false)
            : numerals[0].From - from > 60 ? default : new Choice(OfPercent(numerals, asked) ?? numerals[0], "declared", false);
    }

    /// <summary>The number that a whole sentence [from, to) tells.</summary>
    public static Choice Pick(string lower, int from, int to, AskedAmount asked)
    {
        List<Numeral> all = AskedAmount.Join(lower, Numeral.In(lower, from, to));
        if (OfPercent(all, asked) is { } asPercent) return new Choice(asPercent, "percentage", false);
        List<Numeral> numerals = Outside(lower, from, to, all);
        if (numerals.Count == 0) return default;
        if (numerals.Count == 1) return new Choice(numerals[0], "single_number", false);
        int conclusion = Clauses.LastConclusion(lower, from, to);
        if (conclusion > from && numerals.Exists(n => n.From >= conclusion)) (from, numerals) = (conclusion, numerals.FindAll(n => n.From >= conclusion));
        if (AfterEquals(lower, from, to, numerals) is { } result) return new Choice(result, "equation", false);
        int turn = Clauses.LastTurn(lower, from, to);
        if (turn > from && numerals.Exists(n => n.From >= turn)) (from, numerals) = (turn, numerals.FindAll(n => n.From >= turn));
        for (int i = 0; i < numerals.Count - 1; i++)
        {
            if (IsRange(lower, from, numerals, i)) return new Choice(null, "", true);
        }
        if (numerals.Count == 1) return new Choice(numerals[0], "conclusion", false);
        if (OfSubject(lower, from, to, numerals, asked) is { } subject) return new Choice(subject, "subject", false);
        if (Opening.Match(lower[from..to]) is { Success: true } opening && numerals.FindAll(n => n.From >= from + opening.Length) is { Count: > 0 } rest) (from, numerals) = (from + opening.Length, rest);
        if (Because.Matches(lower[from..to]).FirstOrDefault(match => from + match.Index >= numerals[0].To) is { } because) to = from + because.Index;
        numerals = numerals.FindAll(n => n.From < to);
        if (AfterCopula(lower, from, to, numerals) is { } said) return new Choice(said, "statement", false);
        if (asked.Noun is { } noun && numerals.FindAll(n => lower.AsSpan(n.To, Math.Min(lower.Length - n.To, noun.Length + 8)).Contains(noun, StringComparison.Ordinal)) is [var counted]) return new Choice(counted, "noun", false);
        if (Reason.Matches(lower[from..to]).FirstOrDefault(match => from + match.Index >= numerals[0].To) is { } reason) numerals = numerals.FindAll(n => n.From < from + reason.Index);
        return new Choice(numerals[^1], "last_number", false);
    }

    private static List<Numeral> Outside(string lower, int from, int to, List<Numeral> all)
    {
        MatchCollection asides = Aside.Matches(lower[from..to]);
        List<Numeral> outside = all.FindAll(n => !asides.Any(aside => n.From >= from + aside.Index && n.To <= from + aside.Index + aside.Length));
        return outside.Count > 0 ? outside : all;
    }

    private static Numeral? AfterEquals(string lower, int from, int to, List<Numeral> numerals)
    {
        int equals = lower.AsSpan(from, to - from).LastIndexOfAny('=', '≈');
        if (equals < 0) return null;
        foreach (Numeral numeral in numerals)
        {
            if (numeral.From <= from + equals) continue;
            return lower.AsSpan(from + equals + 1, numeral.From - from - equals - 1).Trim(" $¥€£-*(\\").Length == 0 ? numeral : null;
        }
        return null;
    }

    private static Numeral? AfterCopula(string lower, int from, int to, List<Numeral> numerals)
    {
        foreach (Match copula in Copula.Matches(lower[from..to]).Reverse())
        {
            int end = from + copula.Index + copula.Length;
            int index = numerals.FindIndex(n => n.From >= end);
            if (index < 0) continue;
            string gap = lower[end..numerals[index].From];
            if (gap.Length <= 16 && !gap.Contains(',', StringComparison.Ordinal) && !Reason.IsMatch(gap)) return numerals[index];
        }
        return null;
    }

    private static Numeral? OfPercent(List<Numeral> numerals, AskedAmount asked) => asked.IsPercent && numerals.FindAll(n => n.IsPercent) is [.., var percent] ? percent : null;

    /// <summary>The number of the clause that names whom the question asks of.</summary>
    private static Numeral? OfSubject(string lower, int from, int to, List<Numeral> numerals, AskedAmount asked)
    {
        if (asked.Subject is not { } subject) return null;
        int at = lower.LastIndexOf(subject, to - 1, to - from, StringComparison.Ordinal);
        if (at < 0) return null;
        int end = lower.AsSpan(at, to - at).IndexOfAny(',', '。', ';');
        return numerals.FindAll(n => n.From >= at && (end < 0 || n.From < at + end)) is [var only] ? only : null;
    }

    private static bool IsRange(string lower, int from, List<Numeral> numerals, int index)
    {
        if (index + 1 >= numerals.Count) return false;
        string gap = lower[numerals[index].To..Math.Max(numerals[index].To, numerals[index + 1].From)];
        if (lower[from..numerals[index].From].TrimEnd('$', ' ').EndsWith("from", StringComparison.Ordinal)) return false;
        if (Range.IsMatch(gap) && !gap.Contains(" - ", StringComparison.Ordinal)) return true;
        return gap.Length < 40 && gap.Contains("and", StringComparison.Ordinal) && BetweenAnd.IsMatch(lower[from..numerals[index].From]);
    }
}
