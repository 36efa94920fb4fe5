namespace YiSharp.Text;

/// <summary>Text to ids and back, exactly as the model's own tokenizer does it. Safe for use by several threads.</summary>
public sealed partial class Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenMatcher _rawMatcher;
    private readonly AddedTokenMatcher _normalizedMatcher;
    private readonly Lazy<AddedTokenMatcher> _templateMatcher;
    private readonly Lazy<AddedTokenMatcher> _plainMatcher;
    private readonly HashSet<int> _special;
    private readonly PieceTable _pieces;

    internal Tokenizer(TokenizerParts parts)
    {
        _parts = parts;
        IReadOnlyList<AddedToken> added = _parts.AddedTokens;
        _special = [.. added.Where(token => token.Special).Select(token => token.Id), .. _parts.ControlIds];
        _rawMatcher = new(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedMatcher = new(added.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));
        _templateMatcher = new(() => new(added.Where(token => token.Special || !token.Normalized).Select(token => (token.Content, token))));
        _plainMatcher = new(() => new(added.Where(token => !token.Special && !token.Normalized).Select(token => (token.Content, token))));
        _pieces = new PieceTable(_parts, AddedPieces.Of(added, _parts.ControlIds, Normalize));
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

    /// <summary>What tokenizers' <c>add_special_tokens=True</c> puts before a single text, most often the id that begins a sequence; nothing here adds it.</summary>
    public IReadOnlyList<int> IdsBeforeText => _parts.Surround.Before;

    /// <summary>What tokenizers' <c>add_special_tokens=True</c> puts after a single text; nothing here adds it.</summary>
    public IReadOnlyList<int> IdsAfterText => _parts.Surround.After;

    /// <summary>The ids of a text; nothing is added before or after it.</summary>
    /// <param name="text">Any text; an unpaired surrogate counts as U+FFFD.</param>
    /// <param name="mode">What becomes of control tokens written in the text.</param>
    public int[] Encode(string text, SpecialTokens mode = SpecialTokens.Split)
    {
        text = UnpairedSurrogates.Replace(text);
        var matches = new List<AddedTokenMatcher.Match>();
        bool skipSpecial = mode == SpecialTokens.AsText;
        _rawMatcher.FindAll(text, new TextSpan(0, text.Length), skipSpecial, matches);
        return Encode(text, matches, skipSpecial);
    }

    /// <summary>
    /// The ids of a rendered conversation: those of its whole text, except that a control token counts only where the template wrote all of it.
    /// </summary>
    public int[] Encode(TemplatedText text)
    {
        string whole = UnpairedSurrogates.Replace(text.Text);
        var matches = new List<AddedTokenMatcher.Match>();
        int end = 0;
        foreach (TextSpan span in text.TemplateSpans)
        {
            _plainMatcher.Value.FindAll(whole, new TextSpan(end, span.Start - end), skipSpecial: true, matches);
            _templateMatcher.Value.FindAll(whole, span, skipSpecial: false, matches);
            end = span.End;
        }
        _plainMatcher.Value.FindAll(whole, new TextSpan(end, whole.Length - end), skipSpecial: true, matches);
        return Encode(whole, matches, skipSpecial: true);
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

    /// <summary>The words of a text before the model sees them, without a look at added tokens or the normalizer.</summary>
    internal IEnumerable<string> Words(string text)
    {
        List<Piece> words = [new Piece(text.AsMemory(), AtStart: true)];
        if (_parts.PreTokenizer is { } preTokenizer)
        {
            words.Clear();
            preTokenizer.Split(new Piece(text.AsMemory(), AtStart: true), words);
        }
        return words.Select(word => word.Text.ToString());
    }

    /// <summary>The ids of added tokens and of the text between.</summary>
    /// <param name="text">Text without unpaired surrogates.</param>
    /// <param name="matches">Added tokens of the raw text.</param>
    /// <param name="skipSpecial">Whether control tokens of the normalized text are text.</param>
    private int[] Encode(string text, List<AddedTokenMatcher.Match> matches, bool skipSpecial)
    {
        var run = new Run(this, text.Length, skipSpecial);
        int start = 0;
        foreach (AddedTokenMatcher.Match match in matches)
        {
            run.AddSection(text, start, match.Start);
            run.Ids.Add(match.Token.Id);
            start = match.End;
        }
        run.AddSection(text, start, text.Length);
        return run.Ids.TakeArray();
    }

    private string Normalize(string text) => _parts.Normalizer?.Normalize(text) ?? text;

    /// <summary>One text on its way to ids.</summary>
    private sealed class Run(Tokenizer tokenizer, int textLength, bool skipSpecial)
    {
        private readonly List<Piece> _words = [];
        private readonly List<AddedTokenMatcher.Match> _matches = [];

        public IdList Ids { get; } = new(capacity: textLength / 3);

        /// <summary>Encodes a stretch between added tokens of the raw text.</summary>
        public void AddSection(string whole, int from, int to)
        {
            if (to <= from) return;
            string raw = from == 0 && to == whole.Length ? whole : whole[from..to];
            string text = tokenizer.Normalize(raw);
            bool atStart = from == 0 && tokenizer._parts is { PreTokenizer: not null } parts && parts.Normalizer?.KeepsStart(raw) != false; // only cuts ask
            _matches.Clear();
            tokenizer._normalizedMatcher.FindAll(text, new TextSpan(0, text.Length), skipSpecial, _matches);
            var section = new Piece(text.AsMemory(), atStart);
            int start = 0;
            foreach (AddedTokenMatcher.Match match in _matches)
            {
                if (match.Start > start) AddWords(section.Slice(start, match.Start));
                Ids.Add(match.Token.Id);
                start = match.End;
            }
            if (start < text.Length) AddWords(section.Slice(start, text.Length));
        }

        private void AddWords(Piece section)
        {
            if (tokenizer._parts.PreTokenizer is not { } preTokenizer)
            {
                tokenizer._parts.Model.Encode(section.Text.Span, Ids);
                return;
            }
            _words.Clear();
            preTokenizer.Split(section, _words);
            foreach (Piece word in _words) tokenizer._parts.Model.Encode(word.Text.Span, Ids);
        }
    }
}
