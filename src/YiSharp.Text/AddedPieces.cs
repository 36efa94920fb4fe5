namespace YiSharp.Text;

/// <summary>What decoding must know of added tokens.</summary>
/// <param name="Rewritten">Tokens that are looked for in the normalized text stand for what the normalizer makes of them, where that differs (tokenizers 0.23).</param>
/// <param name="Skipped">Ids that <c>skipSpecial</c> leaves out: those whose text, rewritten, is that of a control token. So a control token that the normalizer changes stays.</param>
internal sealed record AddedPieces(IReadOnlyDictionary<int, string> Rewritten, IReadOnlySet<int> Skipped)
{
    public static AddedPieces Of(IReadOnlyList<AddedToken> tokens, IReadOnlyList<int> controlIds, Func<string, string> normalize)
    {
        HashSet<string> special = [.. tokens.Where(token => token.Special).Select(token => token.Content)];
        var rewritten = new Dictionary<int, string>();
        HashSet<int> skipped = [.. controlIds];
        foreach (AddedToken token in tokens)
        {
            string text = token.Normalized ? normalize(token.Content) : token.Content;
            if (text != token.Content) rewritten[token.Id] = text;
            if (special.Contains(text)) skipped.Add(token.Id);
        }
        return new AddedPieces(rewritten, skipped);
    }
}
