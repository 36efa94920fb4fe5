using System.Text;
using YiSharp.Text;
using YiSharp.Text.Regex;

namespace YiSharp.Tests.Text;

/// <summary>What a pattern means, spelled out without a thought of speed: every part gives all its ends, the preferred ones first.</summary>
internal static class PatternReference
{
    public static List<TextSpan> FindAll(string pattern, string text)
    {
        Node node = PatternParser.Parse(pattern);
        var matches = new List<TextSpan>();
        int lastEnd = -1;
        for (int start = 0; start <= text.Length;)
        {
            int end = Ends(node, text, start).DefaultIfEmpty(-1).First();
            if (end > start || (end == start && start != lastEnd))
            {
                matches.Add(new TextSpan(start, end - start));
                lastEnd = start = end;
            }
            else start += start < text.Length && Places.IsPair(text, start) ? 2 : 1;
        }
        return matches;
    }

    private static IEnumerable<int> Ends(Node node, string text, int place) => node switch
    {
        SetNode set => EndsOfSet(set, text, place),
        SequenceNode sequence => sequence.Items.Aggregate<Node, IEnumerable<int>>([place], (ends, item) => ends.SelectMany(end => Ends(item, text, end))),
        ChoiceNode choice => choice.Items.SelectMany(item => Ends(item, text, place)),
        RepeatNode repeat => EndsOfRepeat(repeat, text, place, 0),
        AtomicNode atomic => Ends(atomic.Body, text, place).Take(1),
        LookNode { Behind: false } look => Ends(look.Body, text, place).Any() != look.Negative ? [place] : [],
        LookNode look => Enumerable.Range(0, place + 1).Any(start => Ends(look.Body, text, start).Contains(place)) != look.Negative ? [place] : [],
        AnchorNode anchor => Places.Holds(anchor.Anchor, text, place) ? [place] : [],
        _ => [place],
    };

    private static IEnumerable<int> EndsOfSet(SetNode set, string text, int place)
    {
        if (place < text.Length && Rune.DecodeFromUtf16(text.AsSpan(place), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && set.Set.Contains(rune.Value)) yield return place + length;
    }

    private static IEnumerable<int> EndsOfRepeat(RepeatNode repeat, string text, int place, int rounds)
    {
        bool mayStop = rounds >= repeat.Min;
        if (mayStop && repeat.Lazy) yield return place;
        if (repeat.Max is not { } max || rounds < max)
        {
            foreach (int end in Ends(repeat.Body, text, place))
            {
                // A round that took nothing ends an endless repetition.
                if (end == place && repeat.Max is null && mayStop) yield return place;
                else if (end > place || !mayStop || repeat.Max is not null)
                {
                    foreach (int last in EndsOfRepeat(repeat, text, end, rounds + 1)) yield return last;
                }
            }
        }
        if (mayStop && !repeat.Lazy) yield return place;
    }
}
