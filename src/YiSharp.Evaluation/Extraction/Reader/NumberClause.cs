using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// Which of a sentence's numbers is what it says, not what it says it of: what is asked for is preferred to other amounts, the conclusion to its grounds, the
/// result to its operands, the clause that speaks of what was asked to others, the verb's number to those beside it.
/// </summary>
internal static class NumberClause
{
    private static readonly Regex Copula = Pattern.Of(
        @"\b(?:is|are|was|were|be|been|equals?|becomes?|makes?|makes up|gives?|leaves?|left with|remains?|totals?)\b",
        @"\b(?:comes? (?:out )?to|amounts? to|works? out (?:to|at)|ends? up with|falls? to|fell to|rises? to|rose to)\b",
        @"\b(?:pays?|paid|costs?|earns?|earned|needs?|needed|takes?|took|lasts?|lasted|runs?|weighs?)\b",
        @"\b(?:has|have|had|gets?|got|keeps?|spends?|spent|sold|sells?|saves?|saved|owes?|receives?|received)\b",
        "是|为|等于|应为|剩下?|还有|需要?|要|花了?|花费|付|共|得到?|有|达到?|变成");

    private static readonly Regex Equal = Pattern.Of(@"^[^,.;0-9]{0,30}?(?:\b(?:is|was|equals|comes to)\b|=|:)[^,.;0-9]{0,12}$");
    private static readonly Regex Because = Pattern.Of(@"\b(?:because|since|given that|assuming|considering|as (?:he|she|it|they|the|we|there)|for (?:he|she|it|they))\b", "因为|由于");
    private static readonly Regex Reason = Pattern.Of(
        @"\b(?:by|because|since|after|before|out of|for each|as|when|given|assuming|from|than|per|of (?:the|his|her|its|their)|in (?:the|his|her)|with|compared)\b", "因为|由于|比");

    private static readonly Regex Range = Pattern.Of(@"^\s*(?:[a-z%°$/]{1,12}|[一-鿿]{1,2})?\s*(?:-|~|–|\bto\b|\bor\b|或者?|到|至)\s*[$¥€£]?\s*$");
    private static readonly Regex BetweenAnd = Pattern.Of(@"\b(?:between|either|anywhere from|somewhere)\b[^.]{0,40}$");
    private static readonly Regex AnywhereFrom = Pattern.Of(@"\b(?:anywhere|somewhere|ranges?|ranging|var(?:y|ies|ying)|be) from$");
    private static readonly Regex FractionOf = Pattern.Of(@"^(?:th)?s?\s*(?:of\b|the\b|his\b|her\b|their\b|its\b|as\b)", "^的");
    private static readonly Regex OfOne = Pattern.Of("^ ?of an? [a-z]+");
    /// <summary>Numbers of the way to an answer, not of what is asked.</summary>
    private static readonly Regex OfMethod = Pattern.Of(
        @"^[ -](?:[a-z]+ )?(?:equations?|unknowns?|variables?|steps?|ways?|methods?|cases|parts|reasons?|conditions?|facts|possibilities|stages|approaches|options|statements)\b",
        "^(?:个|种)?(?:方程|未知数|步骤|步|方法|情况|部分|条件|阶段|原因)");

    /// <summary>A number of times an unknown: 3x, 2(x + 10), 2πr.</summary>
    private static readonly Regex Coefficient = Pattern.Of(@"^ ?π|^[jnpqtwxyz](?:[^a-z]|$)", @"^\([a-z] ?[+×*-]");

    private static readonly Regex NounBehind = Pattern.Of("^ ([a-z]{3,})");
    private static readonly Regex Strong = Pattern.Of(@"\b(?:so|therefore|thus|hence)\b", "所以|因此|故");
    private static readonly Regex Contrast = Pattern.Of(@"\b(?:whereas|while)\b");
    private static readonly Regex ResultVerb = Pattern.Of(@"(?:\b(?:makes|gives|leaves|comes to|totals|equals|yields|adds up to)|得到?|共) ?[$¥€£]*$");

    /// <summary>Before a number that is said not to be the one.</summary>
    private static readonly Regex Denied = Pattern.Of(@"(?:\bnot|n't|\brather than|\binstead of) (?:exactly |the )?[$¥€£]?$", "(?:不是|并非|而非|不等于) ?$");

    /// <summary>Before a number that the one that is told is compared with.</summary>
    private static readonly Regex Compared = Pattern.Of(@"\b(?:(?:up|down) from|compared (?:with|to)|as opposed to|vs\.?|versus) [$¥€£]?$");

    private static readonly Regex PerPeriod = Pattern.Of(@"^(?: [a-z]+)? ?(?:/ ?|(?:an?|per|each|every) )(hour|day|week|month|year)\b");

    /// <summary>Before a number from which something changes to another.</summary>
    private static readonly Regex Changes = Pattern.Of(@"\b(?:fell|drop(?:s|ped)|rose|rises|falls|went|goes|increase[sd]|decrease[sd]|grew|grows|declined|warmed|cooled|changed|climbed|sank)\b[^,;]* from [$¥€£]?$");

    /// <summary>Before the second of two numbers that may be.</summary>
    private static readonly Regex OrPossibly = Pattern.Of(@"\bor (?:perhaps|maybe|possibly|(?:it|there|this|that|he|she|they) (?:could|might|may))\b|\b(?:could|might|may) (?:also|just as well)\b", "(?:也|或者?|还)有?可能");

    /// <summary>Behind a number, before the word asked for: "9 is the average".</summary>
    private static readonly Regex IsThe = Pattern.Of("^(?: [a-z]+)? (?:is|are|was|were|will be) (?:the |his |her |its |their )?(?:[a-z]+ ){0,2}$");

    /// <summary>What a picked number is; whether there is no single one.</summary>
    public readonly record struct Choice(Numeral? Numeral, string Rule, bool IsSeveral);

    /// <summary>The amounts in [from, to), with their units.</summary>
    public static List<Numeral> In(string lower, int from, int to, AskedAmount asked)
    {
        List<Numeral> numerals = Units.Attach(lower, Numerals.In(lower, from, to));
        numerals.RemoveAll(numeral => Coefficient.IsMatch(lower[numeral.To..Math.Min(lower.Length, numeral.To + 24)]));
        numerals.RemoveAll(numeral => OfMethod.IsMatch(lower[numeral.To..Math.Min(lower.Length, numeral.To + 24)]));
        numerals.RemoveAll(numeral => Denied.IsMatch(lower[Math.Max(from, numeral.From - 24)..numeral.From]));
        return asked.IsShare ? Ratios(lower, numerals) : numerals;
    }

    /// <summary>The number that [from, to) begins to tell: what follows a declaration; the end of an equation where there is one.</summary>
    public static Choice First(string lower, int from, int to, AskedAmount asked)
    {
        List<Numeral> numerals = In(lower, from, to, asked);
        if (numerals.Count == 0) return default;
        if (IsRange(lower, from, numerals, 0)) return new Choice(null, "", true);
        if (numerals.Count > 1 && numerals[^1] is var end && ResultVerb.IsMatch(lower[numerals[^2].To..end.From]) && lower.AsSpan(from, end.From - from).Contains('=')) return new Choice(end, "statement", false);
        if (Expressions.AfterEquals(lower, from, to, numerals) is { } result) return new Choice(result, "equation", false);
        return numerals[0].From - from > 60 ? default : new Choice(Fitting(lower, numerals, asked)[0], "declared", false);
    }

    /// <summary>The number that a whole sentence [from, to) tells; several where that is an end of a range.</summary>
    public static Choice Pick(string lower, int from, int to, AskedAmount asked)
    {
        List<Numeral> all = In(lower, from, to, asked);
        if ((NumberSums.OfParts(lower, from, to, all, asked) ?? NumberSums.Running(lower, all)) is { } whole) return new Choice(whole, "sum", false);
        if (asked.IsTotal && all is [.., { } last] && all.FindAll(numeral => numeral.To <= last.From && numeral.Unit?.Dimension == last.Unit?.Dimension) is { Count: > 1 } parts && NumberSums.IsSum(last, parts)) return new Choice(last, "sum", false);
        if (ArePossibilities(lower, from, to, all, asked)) return new Choice(null, "", true);
        if (all.FindLast(numeral => IsTogether(lower, to, numeral, asked)) is { To: > 0 } together) return new Choice(together, "total", false);
        if (ChangedTo(lower, from, all, asked) is { } changed) return new Choice(changed, "statement", false);
        Choice choice = Pick(lower, from, to, all, asked);
        if (choice.Numeral is { } term && Expressions.ResultOf(lower, all, term) is { } end) choice = new Choice(end, "equation", false);
        int picked = choice.Numeral is { } numeral ? all.FindIndex(other => other.From == numeral.From) : -1;
        return picked >= 0 && (IsRange(lower, from, all, picked) || (picked > 0 && IsRange(lower, from, all, picked - 1))) ? new Choice(null, "", true) : choice;
    }

    private static Choice Pick(string lower, int from, int to, List<Numeral> all, AskedAmount asked)
    {
        if (!asked.IsShare) all.RemoveAll(numeral => numeral.IsFraction && IsStep(lower[numeral.To..Math.Min(lower.Length, numeral.To + 24)], asked));
        List<Numeral> numerals = Fitting(lower, all, asked);
        if (asked.IsPercent && numerals.Count > 0 && numerals.TrueForAll(numeral => numeral.IsPercent))
            return new Choice(OfClause(lower, from, to, numerals, asked) is [var spokenOf] ? spokenOf : numerals[^1], "percentage", false);
        (int From, int To)[] asides = [.. Clauses.Asides(lower, from, to)];
        numerals = Preferred(numerals, numeral => !Array.Exists(asides, aside => numeral.From >= aside.From && numeral.To <= aside.To) || (asked.Noun is { } noun && StemBehind(lower, numeral) == noun && !asked.IsGiven(numeral)));
        if (numerals.Count == 0) return default;
        if (numerals.Count == 1) return new Choice(numerals[0], "single_number", false);

        if (asked.Head is { } head && numerals.FindLast(numeral => IsOf(lower, from, to, numeral, head)) is { To: > 0 } subject) return new Choice(subject, "subject", false);
        from = Past(Clauses.PastOpening(lower, from, to), from, ref numerals);
        if (Because.Match(lower[from..to]) is { Success: true } because && !Strong.IsMatch(lower[(from + because.Index)..to])) to = Before(Because, lower, from, to, ref numerals);
        from = Past(Clauses.LastConclusion(lower, from, to, numerals[^1].From), from, ref numerals);
        from = Past(Clauses.PastOpening(lower, from, to), from, ref numerals);
        to = Before(Because, lower, from, to, ref numerals);
        string rule = "conclusion";
        List<Numeral> spoken = OfClause(lower, from, to, numerals, asked);
        if (spoken.Count == 0 && asked.Owner is { } owner && numerals.FindLast(numeral => IsOwned(lower, from, numeral, owner)) is { To: > 0 } owned) return new Choice(owned, "subject", false);
        if (spoken.Count > 0 && spoken.Count < numerals.Count) (numerals, rule, to) = (spoken, "clause", Clauses.EndOf(lower, spoken[^1].To, to));
        if (Expressions.AfterEquals(lower, from, to, numerals) is { } result) return new Choice(result, "equation", false);
        to = Before(Contrast, lower, from, to, ref numerals);
        from = Past(Clauses.LastTurn(lower, from, to, numerals[^1].From), from, ref numerals);
        if (numerals.Count == 1) return new Choice(numerals[0], rule, false);
        if (OfNoun(lower, numerals, asked) is { } counted) return new Choice(counted, "subject", false);
        numerals = Preferred(numerals, numeral => !asked.IsGiven(numeral));
        if (AfterCopula(lower, from, to, numerals) is { } said) return new Choice(said, "statement", false);
        Before(Reason, lower, from, to, ref numerals);
        return new Choice(numerals[^1], "last_number", false);
    }

    /// <summary>Whether "in total" stands behind a number: at the sentence's end, or anywhere where a total is asked for.</summary>
    private static bool IsTogether(string lower, int to, Numeral numeral, AskedAmount asked)
    {
        Match together = NumberSums.Together.Match(lower[numeral.To..Math.Min(to, numeral.To + 40)]);
        return together.Success && asked.Fits(numeral) && (asked.IsTotal || lower.AsSpan(numeral.To + together.Length, to - numeral.To - together.Length).Trim(" .!。").IsEmpty);
    }

    /// <summary>The only number with the noun of "how many …" behind it, where all others have other words there and the question has not this one; null without one.</summary>
    private static Numeral? OfNoun(string lower, List<Numeral> numerals, AskedAmount asked) =>
        asked.Noun is { } noun && numerals.FindAll(numeral => StemBehind(lower, numeral) == noun) is [var counted] && !asked.IsGiven(counted)
        && numerals.TrueForAll(numeral => StemBehind(lower, numeral) is not null) ? counted : null;

    /// <summary>The stem of the word right behind a number; null without one.</summary>
    public static string? StemBehind(string lower, Numeral numeral) =>
        NounBehind.Match(lower[numeral.To..Math.Min(lower.Length, numeral.To + 30)]) is { Success: true } word ? ContentWords.Stem(word.Groups[1].Value) : null;

    /// <summary>Whether [from, to) has two numbers that may be, and concludes nothing from that.</summary>
    private static bool ArePossibilities(string lower, int from, int to, List<Numeral> all, AskedAmount asked)
    {
        if (OrPossibly.Match(lower[from..to]) is not { Success: true } or) return false;
        int at = from + or.Index;
        return all.FindLast(numeral => numeral.To <= at && asked.Fits(numeral)) is { To: > 0 } one && all.Find(numeral => numeral.From >= at && asked.Fits(numeral)) is { To: > 0 } other && one.Value != other.Value
            && Clauses.LastConclusion(lower, at, to, all[^1].From) == at;
    }

    /// <summary>What something changes to: 5 of "it fell by 12 from 17 to 5"; null where the change is asked for, or another number follows.</summary>
    private static Numeral? ChangedTo(string lower, int from, List<Numeral> all, AskedAmount asked)
    {
        if (asked.Compares || asked.IsShare || all is not [.., var first, var last] || !asked.Fits(last)) return null;
        return Changes.IsMatch(lower[from..first.From]) && lower[first.To..Math.Max(first.To, last.From)].TrimEnd('$').EndsWith(" to ", StringComparison.Ordinal) ? last : null;
    }

    /// <summary>Whether "the speed is" stands before a number, or "is the speed" behind it.</summary>
    private static bool IsOf(string lower, int from, int to, Numeral numeral, string head)
    {
        string behind = lower[numeral.To..Math.Min(to, numeral.To + 60)];
        if (behind.IndexOf(head, StringComparison.Ordinal) is > 0 and var word && IsThe.IsMatch(behind[..word])) return true;
        string before = lower[Math.Max(from, numeral.From - 60)..numeral.From];
        int at = before.LastIndexOf(head, StringComparison.Ordinal);
        return at >= 0 && (Equal.IsMatch(before[(at + head.Length)..]) || (head == AskedAmount.Remainder && before.AsSpan(at + head.Length).Trim() is "of" or ""));
    }

    /// <summary>Whether 兔 or 兔有 stands right before a number.</summary>
    private static bool IsOwned(string lower, int from, Numeral numeral, string owner) => lower[from..numeral.From].TrimEnd(' ', '有', '是', '为', '=', ':').EndsWith(owner, StringComparison.Ordinal);

    /// <summary>Whether a fraction before these words is taken of something, not counted in what is asked for: "a third of her books", not "3/8 of a cup".</summary>
    private static bool IsStep(string after, AskedAmount asked) => FractionOf.IsMatch(after) && !(OfOne.Match(after) is { Success: true } one && asked.IsSpokenOf(one.Value));

    /// <summary>"3 out of 8" as one number.</summary>
    private static List<Numeral> Ratios(string lower, List<Numeral> numerals)
    {
        var ratios = new List<Numeral>();
        foreach (Numeral numeral in numerals)
        {
            bool isWhole = ratios is [.., var part] && numeral.Value != 0 && lower[part.To..numeral.From] is " out of " or " in ";
            if (isWhole) ratios[^1] = ratios[^1] with { Value = ratios[^1].Value / numeral.Value, To = numeral.To, IsFraction = true };
            else ratios.Add(numeral);
        }
        return ratios;
    }

    /// <summary>The numbers from a place on, and the place; all of them, and <paramref name="from"/>, where none stands there.</summary>
    private static int Past(int place, int from, ref List<Numeral> numerals)
    {
        if (place <= from || numerals.FindAll(numeral => numeral.From >= place) is not { Count: > 0 } rest) return from;
        numerals = rest;
        return place;
    }

    /// <summary>The numbers before what a pattern begins behind the first of them, and where that is; all of them, and <paramref name="to"/>, without one.</summary>
    private static int Before(Regex pattern, string lower, int from, int to, ref List<Numeral> numerals)
    {
        int first = numerals[0].To;
        int end = pattern.Matches(lower[from..to]).FirstOrDefault(match => from + match.Index >= first) is { } found ? from + found.Index : to;
        numerals = numerals.FindAll(numeral => numeral.From < end);
        return end;
    }

    /// <summary>Those of the kind asked for, where there are some; else those of no other kind; never the terms of a sum where others are.</summary>
    private static List<Numeral> Fitting(string lower, List<Numeral> all, AskedAmount asked)
    {
        List<Numeral> fitting = Preferred(all, numeral => numeral.IsPercent == asked.IsPercent || (asked.IsShare && numeral.IsPercent));
        if (asked.Dimension is { } dimension)
        {
            fitting = Preferred(fitting, numeral => numeral.Unit?.Dimension == dimension);
            if (asked.RateName is { } rate) fitting = Preferred(fitting, numeral => lower.AsSpan(numeral.To).TrimStart().StartsWith(rate, StringComparison.Ordinal));
            if (asked.Unit is { } unit && !asked.IsRateOpen) fitting = Preferred(fitting, numeral => numeral.Unit?.IsRate == unit.IsRate);
            fitting = Preferred(fitting, numeral => numeral.Unit is null || numeral.Unit?.Dimension == dimension);
        }
        if (asked.Measure is { } measure) fitting = Preferred(fitting, numeral => lower.AsSpan(numeral.To).StartsWith(measure, StringComparison.Ordinal));
        if (asked.Period is { } period) fitting = Preferred(fitting, numeral => PerPeriod.Match(lower[numeral.To..Math.Min(lower.Length, numeral.To + 24)]) is not { Success: true } per || per.Groups[1].Value == period);
        fitting = Preferred(fitting, numeral => !Compared.IsMatch(lower[Math.Max(0, numeral.From - 24)..numeral.From]));
        return Preferred(fitting, numeral => !Expressions.IsOperand(lower, numeral));
    }

    private static List<Numeral> Preferred(List<Numeral> numerals, Predicate<Numeral> isPreferred) =>
        numerals.FindAll(isPreferred) is { Count: > 0 } preferred ? preferred : numerals;

    private static Numeral? AfterCopula(string lower, int from, int to, List<Numeral> numerals)
    {
        foreach (Match copula in Copula.Matches(lower[from..to]).Reverse())
        {
            int end = from + copula.Index + copula.Length;
            int index = numerals.FindIndex(numeral => numeral.From >= end);
            if (index < 0) continue;
            string gap = lower[end..numerals[index].From];
            if (gap.Length <= 16 && !gap.Contains(',', StringComparison.Ordinal) && !Reason.IsMatch(gap)) return numerals[index];
        }
        return null;
    }

    /// <summary>
    /// The numbers of the one clause that holds more of the question's words than every other with a number; none where there is no such, or where a later clause
    /// goes on with what it says: has no words of its own.
    /// </summary>
    private static List<Numeral> OfClause(string lower, int from, int to, List<Numeral> numerals, AskedAmount asked)
    {
        (int Rank, List<Numeral> Numerals) best = (0, []);
        bool tied = false;
        foreach ((int start, int end) in Clauses.Of(lower, from, to))
        {
            List<Numeral> inside = numerals.FindAll(numeral => numeral.From >= start && numeral.From < end);
            if (inside.Count == 0) continue;
            HashSet<string> said = ContentWords.Of(lower[start..end]);
            int words = said.Count(asked.Words.Contains);
            bool isOpposed = asked.IsOpposedBy(lower[start..end]);
            int rank = words == 0 ? 0 : (2 * words) - (isOpposed ? 1 : 0);
            tied = rank == best.Rank || (rank < best.Rank && (tied || (words == said.Count && !isOpposed)));
            if (rank > best.Rank) best = (rank, inside);
        }
        return tied ? [] : best.Numerals;
    }

    private static bool IsRange(string lower, int from, List<Numeral> numerals, int index)
    {
        if (index + 1 >= numerals.Count) return false;
        string gap = lower[numerals[index].To..Math.Max(numerals[index].To, numerals[index + 1].From)];
        string before = lower[from..numerals[index].From].TrimEnd('$', ' ');
        if (before.EndsWith("by", StringComparison.Ordinal)) return false; // it fell by 12 to 5
        if (before.EndsWith("from", StringComparison.Ordinal)) return AnywhereFrom.IsMatch(before) && Range.IsMatch(gap);
        if (Range.IsMatch(gap) && !gap.Contains(" - ", StringComparison.Ordinal)) return true;
        return gap.Length < 40 && gap.Contains("and", StringComparison.Ordinal) && BetweenAnd.IsMatch(before);
    }
}
