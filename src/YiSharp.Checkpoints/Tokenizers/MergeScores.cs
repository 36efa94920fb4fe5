namespace YiSharp.Checkpoints;

/// <summary>
/// SentencePiece joins the neighbours whose union has the best score; tokenizers joins the pair that stands first in a list. From the one to the other and back.
/// </summary>
/// <remarks>
/// Two things a list cannot say: that of equal scores the leftmost union comes first, whatever piece it makes, and that every cut of a piece counts. A list that
/// lacks some cuts, as tokenizers trains them, gives scores all the same; texts that need such a cut then get other ids.
/// </remarks>
internal static class MergeScores
{
    /// <summary>Longer pieces are not made, UTF-16 units: sentencepiece trains none of more than 512 characters, and the cuts of a piece cost the square of its length.</summary>
    public const int LongestPiece = 1024;

    /// <summary>What places without a token score.</summary>
    public const float UnusedScore = -10_000;

    /// <summary>
    /// Every cut of a piece into two is a merge, the best score first (transformers, convert_slow_tokenizer.py, <c>generate_merges</c>). Of equal scores the longest
    /// piece comes first, made from its longest left part: so runs of spaces, which all score alike in Llama 2, grow from the left as they do there.
    /// </summary>
    public static List<(string Left, string Right)> ToMerges(string[] tokens, TokenKind[] kinds, float[] scores)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (kinds[id] is TokenKind.Normal or TokenKind.UserDefined) ids.TryAdd(tokens[id], id);
        }
        var lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(string, string)>();
        foreach ((string token, int id) in ids.Where(piece => piece.Key.Length <= LongestPiece).OrderByDescending(piece => scores[piece.Value]).ThenByDescending(piece => piece.Key.Length).ThenBy(piece => piece.Value))
        {
            for (int cut = token.Length - 1; cut > 0; cut--)
            {
                if (lookup.TryGetValue(token.AsSpan(0, cut), out int left) && lookup.TryGetValue(token.AsSpan(cut), out int right)) merges.Add((tokens[left], tokens[right]));
            }
        }
        return merges;
    }

    /// <summary>
    /// Pieces in the order in which merges first make them, then those that no merge makes, score 0, -1, -2, …; what is no text scores 0. These are the scores that
    /// sentencepiece gives itself when it trains BPE.
    /// </summary>
    public static float[] FromMerges(string[] tokens, TokenKind[] kinds, IReadOnlyList<(string Left, string Right)> merges)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++) ids.TryAdd(tokens[id], id);
        var scores = new float[tokens.Length];
        var isScored = new bool[tokens.Length];
        int made = 0;
        foreach ((string left, string right) in merges)
        {
            if (!ids.TryGetValue(left + right, out int id) || isScored[id]) continue;
            isScored[id] = true;
            scores[id] = -made++;
        }
        for (int id = 0; id < tokens.Length; id++)
        {
            if (kinds[id] == TokenKind.Unused) scores[id] = UnusedScore;
            else if (kinds[id] == TokenKind.Normal && !isScored[id]) scores[id] = -made++;
        }
        return scores;
    }
}
