using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Numbers of a text that others of it add up to.</summary>
internal static class NumberSums
{
    /// <summary>Words behind a number that say it is one of everything.</summary>
    public static readonly Regex Together = Pattern.Of(@"^(?: [a-z]+)? (?:altogether|in all|in total|overall)\b", "^[一-鿿]?(?:总共|合计)");

    private const double RoundingShare = 1e-9;

    /// <summary>What the parts behind a colon add up to, or, where a total is asked for, behind a comma or full stop: 3 of "three bolts in total: 2 blue and 1 white"; null where they do not, or the question asks for one of them.</summary>
    public static Numeral? OfParts(string lower, int from, int to, List<Numeral> all, AskedAmount asked)
    {
        int colon = lower.IndexOf(':', from, to - from);
        if (colon < 0 && all.Count > 2 && (asked.IsTotal || Together.IsMatch(lower[all[0].To..Math.Min(to, all[0].To + 40)]))) colon = lower.AsSpan(all[0].To, to - all[0].To).IndexOfAny(',', '。', '.') is >= 0 and var comma ? all[0].To + comma : -1;
        if (colon < 0 || all.FindLast(numeral => numeral.To <= colon) is not { To: > 0 } whole) return null;
        List<Numeral> parts = all.FindAll(numeral => numeral.From > colon && (whole.Unit is null || numeral.Unit?.Dimension == whole.Unit?.Dimension));
        if (parts.Count < 2 || !IsSum(whole, parts)) return null;
        if (asked.IsTotal || Together.IsMatch(lower[whole.To..Math.Min(to, whole.To + 40)])) return whole;
        HashSet<string> own = ContentWords.Of(lower[from..colon]);
        return ContentWords.Of(lower[colon..to]).Any(word => asked.Words.Contains(word) && !own.Contains(word)) ? null : whole;
    }

    /// <summary>Whether parts add up to a number, but for what arithmetic adds.</summary>
    public static bool IsSum(Numeral whole, List<Numeral> parts) => Math.Abs(parts.Sum(part => part.Value * part.Scale) - (whole.Value * whole.Scale)) <= RoundingShare * Math.Abs(whole.Value * whole.Scale);

    /// <summary>The last of the counts in brackets, each of which is what the numbers before it add up to: 12 of "three apples (3), four pears (7), five plums (12)".</summary>
    public static Numeral? Running(string lower, List<Numeral> all)
    {
        double sum = 0;
        int counts = 0;
        bool isCounted = true;
        foreach (Numeral numeral in all)
        {
            bool isCount = numeral.From > 0 && lower[numeral.From - 1] == '(';
            if (!isCount) sum += numeral.Value;
            else if (isCounted) sum++; // of "a piano (1)"
            if (isCount && numeral.Value != sum) return null;
            if (isCount) counts++;
            isCounted = isCount;
        }
        return counts > 1 && all[^1].Value == sum ? all[^1] : null;
    }
}
