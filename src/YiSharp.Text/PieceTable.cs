using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>The bytes that each id stands for, and how a sequence of them becomes text.</summary>
internal sealed class PieceTable
{
    private const int MostBytes = 1 << 28;
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly bool[] _isByte;
    private readonly bool[] _startsWithSpace;
    private readonly AddedPieces _added;
    private readonly Vocabulary _vocabulary;

    public PieceTable(TokenizerParts parts, AddedPieces added)
    {
        _added = added;
        Options = parts.Decoder;
        Vocabulary vocabulary = _vocabulary = parts.Vocabulary;
        HashSet<int> asText = Options.AddedTokensAreText ? [.. parts.AddedTokens.Select(token => token.Id)] : [];
        _starts = new int[vocabulary.Size + 1];
        _isByte = new bool[vocabulary.Size];
        _startsWithSpace = new bool[vocabulary.Size];
        using var pool = new MemoryStream();
        for (int id = 0; id < vocabulary.Size; id++)
        {
            if (TokenOf(id) is { } token) pool.Write(Piece(token, id, asText.Contains(id)));
            _starts[id + 1] = (int)pool.Length;
            if (pool.Length > MostBytes) throw new InvalidDataException($"The decoder of {parts.Source} makes more than {MostBytes} bytes of the vocabulary's tokens; expected texts of about their length. The file is damaged.");
        }
        _bytes = pool.ToArray();
    }

    public DecoderOptions Options { get; }

    /// <summary>Whether decoding without control tokens leaves an id out.</summary>
    public bool IsSkipped(int id) => _added.Skipped.Contains(id);

    /// <summary>What a decoder is given for an id; null where there is no token.</summary>
    public string? TokenOf(int id) => _added.Rewritten.TryGetValue(id, out string? rewritten) ? rewritten : _vocabulary.TokenOf(id);

    /// <summary>Whether an id is one raw byte of a byte-fallback vocabulary.</summary>
    public bool IsByte(int id) => (uint)id < (uint)_isByte.Length && _isByte[id];

    /// <summary>Whether an id has a piece, be it one that prints nothing.</summary>
    public bool Has(int id) => (uint)id < (uint)_isByte.Length;

    /// <summary>Whether a piece starts with a space that <see cref="LeadingSpace"/> may drop.</summary>
    public bool StartsWithSpace(int id) => Has(id) && _startsWithSpace[id];

    /// <summary>UTF-8, possibly cut inside a character; empty for an id without a token.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_isByte.Length ? _bytes.AsSpan(_starts[id].._starts[id + 1]) : default;

    /// <summary>
    /// The text of ids. Byte-level: broken UTF-8 as WHATWG's decoder replaces it. Byte fallback: a run of byte pieces is decoded as one,
    /// and if any of it is broken every byte of the run is U+FFFD (tokenizers <c>decoders/byte_fallback.rs</c>), or only the broken ones (sentencepiece).
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        if (Options.Chain is { } chain) return chain.Decode(ids.ToArray().Where(id => !(skipSpecial && IsSkipped(id))).Select(TokenOf).OfType<string>());
        using var utf8 = new MemoryStream();
        int runStart = -1;
        var start = new TextStart(this);
        for (int i = 0; i <= ids.Length; i++)
        {
            bool end = i == ids.Length;
            if (!end && ((skipSpecial && IsSkipped(ids[i])) || (uint)ids[i] >= (uint)_isByte.Length)) continue;
            bool inRun = !end && _isByte[ids[i]];
            if (inRun && runStart < 0) runStart = (int)utf8.Length;
            if (!inRun && runStart >= 0)
            {
                ReplaceBrokenRun(utf8, runStart);
                runStart = -1;
            }
            if (!end) utf8.Write(start.Take(ids[i]));
        }
        string text = Encoding.UTF8.GetString(utf8.GetBuffer(), 0, (int)utf8.Length);
        return Options.StripStartCount == 0 ? text : text[CountToStrip(text, Options.StripStartCount)..];
    }

    /// <summary>How many characters at the text's start are to go, at most <paramref name="limit"/>.</summary>
    public int CountToStrip(string text, int limit)
    {
        int count = 0;
        while (count < limit && count < text.Length && text[count] == Options.StripCharacter) count++;
        return count;
    }

    private void ReplaceBrokenRun(MemoryStream utf8, int runStart)
    {
        ReadOnlySpan<byte> written = utf8.GetBuffer().AsSpan(runStart, (int)utf8.Length - runStart);
        if (System.Text.Unicode.Utf8.IsValid(written)) return;
        byte[] run = written.ToArray();
        utf8.SetLength(runStart);
        for (int at = 0; at < run.Length;)
        {
            bool isGood = Rune.DecodeFromUtf8(run.AsSpan(at), out _, out int length) == System.Buffers.OperationStatus.Done && Options.KeepsGoodBytes;
            if (!isGood) length = 1;
            utf8.Write(isGood ? run.AsSpan(at, length) : "\uFFFD"u8);
            at += length;
        }
    }

    private byte[] Piece(string token, int id, bool asText)
    {
        if (Options.Surfaces.TryGetValue(id, out string? surface)) return Encoding.UTF8.GetBytes(surface);
        if (asText) return Encoding.UTF8.GetBytes(token);
        if (Options.ByteLevel && FromByteAlphabet(token) is { } raw) return raw;
        _startsWithSpace[id] = token.StartsWith(SentencePieceVocabulary.Space, StringComparison.Ordinal);
        int length = token.Length;
        foreach ((string pattern, string content) in Options.Replacements)
        {
            token = token.Replace(pattern, content, StringComparison.Ordinal);
            GrowthLimit.Check(length, token.Length);
        }
        if (Options.ByteFallback && ByteToken.TryReadAnyCase(token, out byte value))
        {
            _isByte[id] = true;
            return [value];
        }
        return Encoding.UTF8.GetBytes(token);
    }

    /// <summary>The bytes of a token that is written in the <see cref="ByteAlphabet"/>, or null.</summary>
    public static byte[]? FromByteAlphabet(string token)
    {
        byte[] raw = new byte[token.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            if (!ByteAlphabet.TryGetByte(token[i], out raw[i])) return null;
        }
        return raw;
    }
}
