namespace YiSharp.Text;

/// <summary>Text to ids and back, exactly as the model's own tokenizer does it. Safe for use by several threads.</summary>
public sealed partial class Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenMatcher _rawMatcher;
    private readonly AddedTokenMatcher _normalizedMatcher;
    private readonly AddedTokenMatcher _everywhereMatcher;
    private readonly HashSet<int> _special;
    private readonly PieceTable _pieces;

    internal Tokenizer(TokenizerParts parts)
    {
        _parts = parts;
        IReadOnlyList<AddedToken> added = _parts.AddedTokens;
        _special = [.. added.Where(token => token.Special).Select(token => token.Id), .. _parts.ControlIds];
        _rawMatcher = new(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedMatcher = new(added.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));
        _everywhereMatcher = new(added.Where(token => token.Special || !token.Normalized).Select(token => (token.Content, token)));
        _pieces = new PieceTable(_parts, _special);
    }

    /// <summary>The largest id plus one; some ids below it may have no token.</summary>
    public int VocabSize => _parts.Vocabulary.Size;

    /// <summary>Whether an id is a control token, which decoding leaves out on request and a user cannot type.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>Whether an id is looked for in a text before anything else, control tokens included.</summary>
    public bool IsAdded(int id) => _parts.AddedTokens.Any(token => token.Id == id);

    /// <summary>Looks up a token as the vocabulary writes it.</summary>
    public bool TryGetId(string token, out int id)
    {
        int? found = _parts.Vocabulary.IdOf(token);
        id = found ?? -1;
        return found is not null;
    }

    /// <summary>The token of an id as the vocabulary writes it, or null where the id has none.</summary>
    public string? TokenOf(int id) => _parts.Vocabulary.TokenOf(id);

    /// <summary>The ids of a text; nothing is added before or after it.</summary>
    /// <param name="text">Any text; an unpaired surrogate counts as U+FFFD.</param>
    /// <param name="mode">What becomes of control tokens written in the text.</param>
    public int[] Encode(string text, SpecialTokens mode = SpecialTokens.Split)
    {
        Func<AddedToken, int, int, bool> isAllowed = mode == SpecialTokens.Split ? static (_, _, _) => true : static (token, _, _) => !token.Special;
        return Encode(text, _rawMatcher, isAllowed, isAllowed);
    }

    /// <summary>
    /// The ids of a rendered conversation: those of its whole text, except that a control token counts only where the template wrote all of it.
    /// </summary>
    public int[] Encode(TemplatedText text)
    {
        IReadOnlyList<TextSpan> spans = text.TemplateSpans;
        int span = 0; // matches are asked for from left to right
        bool IsAllowed(AddedToken token, int start, int end)
        {
            if (!token.Special) return true;
            while (span < spans.Count && spans[span].End <= start) span++;
            return span < spans.Count && spans[span].Start <= start && end <= spans[span].End;
        }
        return Encode(text.Text, _everywhereMatcher, IsAllowed, static (token, _, _) => !token.Special);
    }

    /// <summary>The text of ids. Broken UTF-8 becomes U+FFFD as the vocabulary's own decoder does it; an id without a token is nothing.</summary>
    /// <param name="ids">Token ids, [tokenCount].</param>
    /// <param name="skipSpecial">Leaves control tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false) => _pieces.Decode(ids, skipSpecial);

    /// <summary>A decoder that is given one id at a time, for streaming.</summary>
    /// <param name="skipSpecial">Leaves control tokens out.</param>
    public IncrementalDecoder CreateDecoder(bool skipSpecial = false) => new(_pieces, skipSpecial);

    /// <summary>The same tokenizer with further entries of its vocabulary as control tokens; unknown ones are ignored.</summary>
    /// <remarks>Yi's tokenizer.json marks only ids 0-2; the chat tokens 6, 7 and 8 must be split off all the same.</remarks>
    public Tokenizer WithSpecial(IEnumerable<string> tokens)
    {
        List<AddedToken> added = [.. _parts.AddedTokens];
        bool changed = false;
        foreach (string token in tokens)
        {
            if (!TryGetId(token, out int id) || added.Exists(present => present.Id == id && present.Special)) continue;
            changed = true;
            added.RemoveAll(present => present.Id == id);
            added.Add(new AddedToken(id, token) { Special = true });
        }
        return changed ? new Tokenizer(_parts with { AddedTokens = added }) : this;
    }

    private int[] Encode(string text, AddedTokenMatcher matcher, Func<AddedToken, int, int, bool> isAllowed, Func<AddedToken, int, int, bool> isAllowedNormalized)
    {
        text = UnpairedSurrogates.Replace(text);
        var run = new Run(this, text.Length);
        int start = 0;
        while (matcher.Next(text, start, isAllowed) is { } match)
        {
            run.AddSection(text[start..match.Start], isAllowedNormalized);
            run.Ids.Add(match.Token.Id);
            start = match.End;
        }
        run.AddSection(start == 0 ? text : text[start..], isAllowedNormalized);
        return run.Ids.TakeArray();
    }

    private string Normalize(string text) => _parts.Normalizer?.Normalize(text) ?? text;

    /// <summary>One text on its way to ids.</summary>
    private sealed class Run(Tokenizer tokenizer, int textLength)
    {
        private readonly List<ReadOnlyMemory<char>> _words = [];

        public IdList Ids { get; } = new(capacity: textLength / 3);

        /// <summary>Encodes a stretch between added tokens of the raw text.</summary>
        public void AddSection(string raw, Func<AddedToken, int, int, bool> isAllowed)
        {
            if (raw.Length == 0) return;
            string text = tokenizer.Normalize(raw);
            int start = 0;
            while (tokenizer._normalizedMatcher.Next(text, start, isAllowed) is { } match)
            {
                AddWords(text.AsMemory(start..match.Start));
                Ids.Add(match.Token.Id);
                start = match.End;
            }
            AddWords(text.AsMemory(start));
        }

        private void AddWords(ReadOnlyMemory<char> text)
        {
            if (text.Length == 0) return;
            if (tokenizer._parts.PreTokenizer is not { } preTokenizer)
            {
                tokenizer._parts.Model.Encode(text.Span, Ids);
                return;
            }
            _words.Clear();
            preTokenizer.Split(text, _words);
            foreach (ReadOnlyMemory<char> word in _words) tokenizer._parts.Model.Encode(word.Span, Ids);
        }
    }
}
