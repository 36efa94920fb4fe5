using System.Buffers;
using System.Text;

namespace YiSharp.Text;

/// <summary>
/// Where added tokens stand in a text: leftmost, of these the longest, none overlapping (tokenizers <c>added_vocabulary.rs: find_matches</c>).
/// An Aho–Corasick automaton (Aho &amp; Corasick 1975) whose failures never leave a match that begins earlier, so time is linear whatever the tokens.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private const int Root = 0, Dead = -1;
    private readonly Dictionary<long, int> _edges = [];

    /// <summary>For each node the longest token that ends there, and where to go on when no edge fits.</summary>
    private readonly List<AddedToken?> _tokens = [null];
    private readonly List<int> _lengths = [0];
    private readonly List<int> _failures = [];
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Builds the automaton of the contents; of two tokens with one content the last counts.</summary>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var edges = new List<(int Parent, char Character)> { (Dead, default) };
        var first = new HashSet<char>();
        foreach ((string content, AddedToken token) in tokens)
        {
            if (content.Length == 0) continue;
            first.Add(content[0]);
            int node = Root;
            foreach (char c in content)
            {
                if (!_edges.TryGetValue(Edge(node, c), out int next))
                {
                    next = _edges[Edge(node, c)] = _tokens.Count;
                    edges.Add((node, c));
                    _tokens.Add(null);
                    _lengths.Add(0);
                }
                node = next;
            }
            (_tokens[node], _lengths[node]) = (token, content.Length);
        }
        _firstCharacters = SearchValues.Create([.. first]);
        LinkFailures(edges);
    }

    /// <summary>A token and the stretch of text it takes.</summary>
    public readonly record struct Match(AddedToken Token, int Start, int End);

    /// <summary>Appends the tokens of a stretch of a text, from left to right.</summary>
    /// <param name="text">The whole text: neighbours matter for whole words and white space.</param>
    /// <param name="stretch">Where tokens may stand.</param>
    /// <param name="skipSpecial">Passes over control tokens: their characters are text, and no other token is looked for in them.</param>
    /// <param name="matches">Receives the tokens.</param>
    public void FindAll(ReadOnlySpan<char> text, TextSpan stretch, bool skipSpecial, List<Match> matches)
    {
        int from = matches.Count == 0 ? 0 : matches[^1].End;
        for (int index = stretch.Start; Next(text[..stretch.End], index) is var (token, start, end);)
        {
            index = end;
            if ((skipSpecial && token.Special) || (token.SingleWord && !StandsAlone(text, start, end))) continue;
            if (token.StripLeft)
            {
                while (start > from && char.IsWhiteSpace(text[start - 1])) start--;
            }
            if (token.StripRight)
            {
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            }
            matches.Add(new Match(token, start, end));
            from = end;
        }
    }

    private (AddedToken Token, int Start, int End)? Next(ReadOnlySpan<char> text, int index)
    {
        (AddedToken, int, int)? best = null;
        int node = Root;
        for (; index < text.Length; index++)
        {
            if (node == Root)
            {
                int skipped = text[index..].IndexOfAny(_firstCharacters);
                if (skipped < 0) return null;
                index += skipped;
            }
            node = Step(node, text[index]);
            if (node == Dead) return best;
            if (_tokens[node] is { } token) best = (token, index + 1 - _lengths[node], index + 1);
        }
        return best;
    }

    private int Step(int node, char c)
    {
        while (true)
        {
            if (node == Dead) return Dead;
            if (_edges.TryGetValue(Edge(node, c), out int next)) return next;
            if (node == Root) return Root;
            node = _failures[node];
        }
    }

    /// <summary>Links nodes from the shortest to the longest; a node's failure is shorter than the node.</summary>
    /// <param name="edges">The node that each node hangs below, and the character between, [nodes].</param>
    private void LinkFailures(List<(int Parent, char Character)> edges)
    {
        _failures.AddRange(Enumerable.Repeat(Root, edges.Count));
        int[] depths = new int[edges.Count];
        for (int node = 1; node < edges.Count; node++) depths[node] = depths[edges[node].Parent] + 1;
        foreach (int node in Enumerable.Range(1, edges.Count - 1).OrderBy(node => depths[node]))
        {
            (int parent, char c) = edges[node];
            int failure = _tokens[node] is not null ? Dead : parent == Root ? Root : Step(_failures[parent], c);
            _failures[node] = failure;
            if (failure > Root) (_tokens[node], _lengths[node]) = (_tokens[failure], _lengths[failure]);
        }
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        Rune.DecodeLastFromUtf16(text[..start], out Rune before, out _);
        Rune.DecodeFromUtf16(text[end..], out Rune after, out _);
        return (start == 0 || !CharacterClasses.IsWord(before)) && (end == text.Length || !CharacterClasses.IsWord(after));
    }

    private static long Edge(int node, char c) => ((long)node << 16) | c;
}
