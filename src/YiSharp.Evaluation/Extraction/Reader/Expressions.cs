using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Sums, products and equations within a sentence: which numbers are their terms, and what they come to.</summary>
internal static class Expressions
{
    private static readonly Regex BeforeOperand = Pattern.Of(
        @"[+×÷*/][\s$¥€£(]*$",
        @"[0-9)%]\s*-\s*[$¥€£(]*$",
        @"\b(?:plus|minus|times|divided by|multiplied by|less|subtract|add)\s*[$¥€£]*$");
    private static readonly Regex AfterOperand = Pattern.Of(
        @"^[\s)]*[+×÷*/]\s*[\s$¥€£(]*[0-9]",
        @"^[\s)]*-\s*[$¥€£(]*[0-9]",
        @"^\s*(?:[a-z]+ )?(?:plus|minus|times|divided by|multiplied by)\b");

    /// <summary>What stands between two numbers of one expression: an operator or equals sign, units, brackets.</summary>
    private static readonly Regex WithinExpression = Pattern.Of(@"^[\s)]*(?:[a-z°%²³/]{1,12}[\s)]*){0,2}[+×÷*/=≈-][\s$¥€£(]*$");

    /// <summary>What the terms from a number on come to: 60 of "210 km / 3.5 h = 60 km/h"; null where no equals sign follows in the same expression.</summary>
    public static Numeral? ResultOf(string lower, List<Numeral> all, Numeral term)
    {
        Numeral? result = null;
        bool isEquated = false;
        for (int i = all.FindIndex(numeral => numeral.From == term.From) + 1; i > 0 && i < all.Count; i++)
        {
            string gap = lower[Math.Min(all[i - 1].To, all[i].From)..all[i].From];
            if (!WithinExpression.IsMatch(gap)) break;
            isEquated |= gap.AsSpan().ContainsAny('=', '≈');
            if (isEquated && !IsOperand(lower, all[i])) result = all[i];
        }
        return result;
    }

    /// <summary>Whether a number is a term of a sum or product.</summary>
    public static bool IsOperand(string lower, Numeral numeral) =>
        BeforeOperand.IsMatch(lower[Math.Max(0, numeral.From - 24)..numeral.From]) || AfterOperand.IsMatch(lower[numeral.To..Math.Min(lower.Length, numeral.To + 24)]);

    /// <summary>The number right behind the last equals sign or arrow of [from, to); null without one.</summary>
    public static Numeral? AfterEquals(string lower, int from, int to, List<Numeral> numerals)
    {
        int equals = lower.AsSpan(from, to - from).LastIndexOfAny('=', '≈', '→');
        if (equals < 0) return null;
        foreach (Numeral numeral in numerals)
        {
            if (numeral.From <= from + equals) continue;
            return lower.AsSpan(from + equals + 1, numeral.From - from - equals - 1).Trim(" $¥€£-*(\\").Length == 0 ? numeral : null;
        }
        return null;
    }
}
