using System.Buffers;
using System.Text;

namespace YiSharp.Text;

/// <summary>Where added tokens stand in a text: leftmost, longest (tokenizers <c>added_vocabulary.rs: find_matches</c>).</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<AddedToken?> _tokenAtNode = [null];
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Builds a trie of the contents; of two tokens with one content the first counts.</summary>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var first = new HashSet<char>();
        foreach ((string content, AddedToken token) in tokens)
        {
            if (content.Length == 0) continue;
            first.Add(content[0]);
            int node = 0;
            foreach (char c in content)
            {
                if (!_edges.TryGetValue(Edge(node, c), out int next))
                {
                    next = _edges[Edge(node, c)] = _tokenAtNode.Count;
                    _tokenAtNode.Add(null);
                }
                node = next;
            }
            _tokenAtNode[node] ??= token;
        }
        _firstCharacters = SearchValues.Create([.. first]);
    }

    /// <summary>A token and the stretch of text it takes.</summary>
    public readonly record struct Match(AddedToken Token, int Start, int End);

    /// <summary>The next match at or after <paramref name="from"/>; a start in front of <paramref name="from"/> is never taken.</summary>
    /// <param name="text">The whole text: neighbours matter for whole words.</param>
    /// <param name="from">Where the last match ended.</param>
    /// <param name="isAllowed">Whether a token may be taken from a stretch (start, end).</param>
    public Match? Next(ReadOnlySpan<char> text, int from, Func<AddedToken, int, int, bool> isAllowed)
    {
        for (int start = from; start < text.Length; start++)
        {
            int candidate = text[start..].IndexOfAny(_firstCharacters);
            if (candidate < 0) return null;
            start += candidate;
            if (LongestAt(text, start, isAllowed) is not { } token) continue;

            int matchStart = start, end = start + token.Content.Length;
            if (token.StripLeft)
            {
                while (matchStart > from && char.IsWhiteSpace(text[matchStart - 1])) matchStart--;
            }
            if (token.StripRight)
            {
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            }
            return new Match(token, matchStart, end);
        }
        return null;
    }

    private AddedToken? LongestAt(ReadOnlySpan<char> text, int start, Func<AddedToken, int, int, bool> isAllowed)
    {
        AddedToken? longest = null;
        int node = 0;
        for (int index = start; index < text.Length && _edges.TryGetValue(Edge(node, text[index]), out node); index++)
        {
            if (_tokenAtNode[node] is { } token && isAllowed(token, start, index + 1) && (!token.SingleWord || StandsAlone(text, start, index + 1))) longest = token;
        }
        return longest;
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        Rune.DecodeLastFromUtf16(text[..start], out Rune before, out _);
        Rune.DecodeFromUtf16(text[end..], out Rune after, out _);
        return (start == 0 || !CharacterClasses.IsWord(before)) && (end == text.Length || !CharacterClasses.IsWord(after));
    }

    private static long Edge(int node, char c) => ((long)node << 16) | c;
}
