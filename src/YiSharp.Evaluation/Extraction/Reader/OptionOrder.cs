using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Options that a text ranks: "B &gt; D &gt; C", "in descending order: A, C, B, D", 由强到弱依次为：银、铜、铝、铁.</summary>
internal static class OptionOrder
{
    private static readonly Regex Chain = Pattern.Of(@"^[^<>=\n。;]{0,40}([<>=])[\s(]*$");
    private static readonly Regex Listing = Pattern.Of("^(?:[ ,、和与及]|and|then)*$");
    private static readonly Regex Rising = Pattern.Of(
        @"\b(?:increasing|ascending|rising)\b", @"\bfrom (?:the )?(?:low|small|short|light|slow|weak|least|few)[a-z]* to\b", "[由从](?:小|低|弱|少|短|轻|慢|矮|近|差)到");
    private static readonly Regex Falling = Pattern.Of(
        @"\b(?:decreasing|descending|falling)\b", @"\bfrom (?:the )?(?:large|big|great|high|long|tall|heav|fast|strong|most)[a-z]* to\b", "[由从](?:大|高|强|多|长|重|快|远|好)到");

    private const int FewestListed = 3;

    /// <summary>The least and the most of them; null where the text does not rank them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="named">Options in it, in order.</param>
    /// <param name="options">How many options there are: an order in words names them all.</param>
    public static (ChoiceMentions.Mention Least, ChoiceMentions.Mention Most)? Of(FoldedText text, List<ChoiceMentions.Mention> named, int options)
    {
        if (named.Count < 2 || named.DistinctBy(mention => mention.Option).Count() < named.Count) return null;
        string[] gaps = [.. named.Zip(named.Skip(1), (before, mention) => text.Lower[before.To..Math.Max(before.To, mention.From)])];
        bool? rises = options >= FewestListed && named.Count == options && Array.TrueForAll(gaps, gap => Listing.IsMatch(gap))
            ? DirectionOf(text.Lower[Sentences.StartOf(text.Text, named[0].From)..named[0].From])
            : DirectionOf(gaps);
        if (rises is null) return null;
        return rises.Value ? (named[0], named[^1]) : (named[^1], named[0]);
    }

    /// <summary>Whether words before a list say that it rises, or that it falls; null where they say neither, or both.</summary>
    private static bool? DirectionOf(string head) => Rising.IsMatch(head) == Falling.IsMatch(head) ? null : Rising.IsMatch(head);

    /// <summary>Whether the signs between options all say that the next is as much or more, or as much or less; null where an end has its equal.</summary>
    private static bool? DirectionOf(string[] gaps)
    {
        char?[] signs = [.. gaps.Select(gap => Chain.Match(gap) is { Success: true } sign ? sign.Groups[1].Value[0] : (char?)null)];
        if (signs.Contains(null) || (signs.Contains('<') && signs.Contains('>')) || signs[0] == '=' && signs[^1] == '=') return null;
        return signs.Contains('<') ? true : signs.Contains('>') ? false : null;
    }
}
