using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Parts of a sentence.</summary>
internal static class Clauses
{
    private static readonly Regex Boundary = Pattern.Of("[,;:。]", @"\b(?:and|but|while|whereas|although|though|because|since)\b", "而|但");
    private static readonly Regex Turn = Pattern.Of(
        @"\b(?:so|therefore|thus|hence|consequently|but|however|actually|instead|means that|which means|only)\b", "所以|因此|故|因而|但|而是|却|可见|可知|即|只有|仅有|唯有");

    /// <summary>Words that only add to what is said.</summary>
    private static readonly Regex Aside = Pattern.Of(
        @"\([^()]*\)",
        @", (?:which|who|where|that) (?:[^,]|,[0-9])*(?:,|$)",
        @", (?:about|roughly|approximately|or about) [^,]*$",
        @", (?:unlike|as opposed to|not to mention) [^.;]*$");

    private static readonly Regex Resulting = Pattern.Of(@"^, that is\b", "^, (?:which|that) (?:leaves|gives|makes|equals|means|comes|yields|adds|totals|brings)");

    /// <summary>From here on the writer speaks for himself again.</summary>
    private static readonly Regex Own = Pattern.Of(@"\b(?:but|however|whereas|actually|yet|in fact|in reality|so|therefore|thus|hence)\b", "但|而是|其实|实际上|事实上|所以|因此|故");

    private static readonly Regex Conclusion = Pattern.Of(
        @"\b(?:so|therefore|thus|hence|consequently|finally|in total|altogether|we get|which gives|giving|leaving|leaves)(?:$|[^a-z])",
        @"\b(?:means that|meaning|in other words|that is,|i\.e\.)(?:$|[^a-z])|, that is ",
        @"所以|因此|故|因而|可见|可知|答\s*:|一共|总共|共计|最终|最后|还剩|剩下");

    private static readonly Regex Denial = Pattern.Of(
        @"(?:\bnot|n't|\bneither|\bnor|\brather than|\binstead of|\bunlike|\bother than|不是|而非|并非|除了|不同于)\s+?(?:[a-z]+ ){0,3}(?:[a-z]+ or )?$", "(?:不是|而非|并非|除了)$");
    private static readonly Regex Enough = Pattern.Of(@"\b(?:enough|only|just|merely|necessarily)\b");

    /// <summary>A clause before the main one that grants something.</summary>
    private static readonly Regex Concession = Pattern.Of(
        @"^\s*(?:although|though|even though|while|whilst|whereas|despite|unlike|contrary to)\b(?:[^,]|,[0-9])*,", @"^\s*(?:虽然|尽管|虽说|不同于)[^,]*,");

    /// <summary>A clause before the main one: its condition, ground, time or contrast.</summary>
    private static readonly Regex Opening = Pattern.Of(
        @"^\s*(?:and |but |so |then )?(?:although|though|even|while|whilst|whereas|despite|unlike|contrary to|instead|rather"
        + @"|if|assuming|supposing|provided|since|because|as|given|when|once|after|before|from|with|for|by|of|out of|at|having|starting|in order|to)\b(?:[^,]|,[0-9])*,",
        @"^\s*(?:虽然|尽管|虽说|不同于|如果|因为|由于|当|除了)[^,]*,");

    /// <summary>[From, To) of each clause of [from, to).</summary>
    public static IEnumerable<(int From, int To)> Of(string lower, int from, int to)
    {
        int start = from;
        foreach (Match boundary in Boundary.Matches(lower[from..to]))
        {
            int end = from + boundary.Index;
            bool isPoint = boundary.Length == 1 && end > from && end + 1 < to && char.IsAsciiDigit(lower[end - 1]) && char.IsAsciiDigit(lower[end + 1]);
            if (isPoint) continue;
            yield return (start, end);
            start = end + boundary.Length;
        }
        yield return (start, to);
    }

    /// <summary>Parts of [from, to) that only add to what is said: brackets, ", which …".</summary>
    public static IEnumerable<(int From, int To)> Asides(string lower, int from, int to) =>
        Aside.Matches(lower[from..to]).Where(aside => !Resulting.IsMatch(aside.Value)).Select(aside => (from + aside.Index, from + aside.Index + aside.Length));

    /// <summary>Where the clause that holds a place before <paramref name="to"/> ends.</summary>
    public static int EndOf(string lower, int at, int to) => Of(lower, at, to).First().To;

    /// <summary>Where, within [from, to), what follows the last "so" or "but" begins; <paramref name="from"/> where none ends at or before <paramref name="last"/>.</summary>
    public static int LastTurn(string lower, int from, int to, int last = int.MaxValue) => Last(Turn, lower, from, to, last);

    /// <summary>The same for "so" alone.</summary>
    public static int LastConclusion(string lower, int from, int to, int last = int.MaxValue) => Last(Conclusion, lower, from, to, last);

    /// <summary>Where, within [from, to), the writer begins to speak for himself: past an opening "although …," and what others think, with a "but".</summary>
    public static int LastOwn(string lower, int from, int to) => Last(Own, lower, from + Concession.Match(lower[from..to]).Length, to, int.MaxValue);

    /// <summary>Where, within [from, to), what follows an opening "although …," begins; <paramref name="from"/> without one.</summary>
    public static int PastOpening(string lower, int from, int to) => from + Opening.Match(lower[from..to]).Length;

    /// <summary>Whether a "not", "rather than" stands a few words before a place.</summary>
    public static bool IsDenied(string lower, int at) => Denial.Match(lower[Math.Max(0, at - 40)..at]) is { Success: true } denial && !Enough.IsMatch(denial.Value) && !denial.Value.Contains(" but ", StringComparison.Ordinal);

    private static int Last(Regex regex, string lower, int from, int to, int last) =>
        regex.Matches(lower[from..to]).LastOrDefault(match => from + match.Index + match.Length <= last) is { } found ? from + found.Index + found.Length : from;
}
