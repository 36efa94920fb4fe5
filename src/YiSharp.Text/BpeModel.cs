using System.Buffers;
using System.Text;

namespace YiSharp.Text;

/// <summary>How a <see cref="BpeModel"/> finds a word's first symbols, and what it does where it has none.</summary>
internal sealed record BpeOptions
{
    /// <summary>Symbols are bytes written in the <see cref="ByteAlphabet"/>; otherwise they are code points.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Code points without a piece become their bytes, <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>What stands for a symbol that has no piece; null drops it.</summary>
    public int? UnknownId { get; init; }

    /// <summary>A run of unknown symbols is one unknown id.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>A word that is itself a piece is taken whole, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}

/// <summary>One merge of a vocabulary: the pieces it joins, the piece it makes, its rank (lower first).</summary>
internal readonly record struct Merge(int Left, int Right, int Rank, int Result);

/// <summary>Byte-pair encoding of words (tokenizers <c>models/bpe/model.rs</c>).</summary>
internal sealed class BpeModel : ITokenizerModel
{
    private readonly BpeOptions _options;
    private readonly Vocabulary _vocabulary;
    private readonly PairTable _merges;
    private readonly WordCache _cache = new();

    private readonly int[] _symbolOfByte = new int[256];
    private readonly int[] _symbolOfPlane0 = [];
    private readonly int[]? _fallback;

    /// <summary>Pairs of code points that some merge joins; a border between any other two is never crossed.</summary>
    private readonly PairTable _joined;
    private readonly bool _bytesMerge;

    public BpeModel(Vocabulary vocabulary, IReadOnlyList<Merge> mergeList, BpeOptions options)
    {
        (_vocabulary, _options) = (vocabulary, options);
        _merges = new PairTable(mergeList.Count);
        _joined = new PairTable(_options.ByteLevel ? 0 : mergeList.Count);
        foreach (Merge merge in mergeList) _merges.Set(merge.Left, merge.Right, merge.Rank, merge.Result);

        if (_options.ByteLevel)
        {
            for (int b = 0; b < 256; b++) _symbolOfByte[b] = _vocabulary.IdOf(ByteAlphabet.ToChar((byte)b).ToString()) ?? -1;
            return;
        }
        _symbolOfPlane0 = new int[0x10000];
        for (int c = 0; c < _symbolOfPlane0.Length; c++) _symbolOfPlane0[c] = _vocabulary.IdOf(((char)c).ToString()) ?? -1;
        if (_options.ByteFallback) _fallback = ByteTokens(_vocabulary);
        foreach (Merge merge in mergeList)
        {
            string left = _vocabulary.TokenOf(merge.Left)!, right = _vocabulary.TokenOf(merge.Right)!;
            _bytesMerge |= _fallback is not null && (_fallback.Contains(merge.Left) || _fallback.Contains(merge.Right));
            Rune.DecodeLastFromUtf16(left, out Rune last, out _);
            Rune.DecodeFromUtf16(right, out Rune first, out _);
            _joined.Set(last.Value, first.Value, 0, 0);
        }
    }

    /// <summary>Ids of the 256 byte pieces, -1 where the vocabulary lacks one.</summary>
    public static int[] ByteTokens(Vocabulary vocabulary)
    {
        var ids = new int[256];
        for (int b = 0; b < 256; b++) ids[b] = vocabulary.IdOf($"<0x{b:X2}>") ?? -1;
        return ids;
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, IdList ids)
    {
        if (_options.IgnoreMerges && _vocabulary.IdOf(_options.ByteLevel ? InByteAlphabet(word) : word.ToString()) is { } whole) ids.Add(whole);
        else if (_options.ByteLevel) EncodeSegment(word, ids);
        else EncodeInSegments(word, ids);
    }

    /// <summary>Cuts a word where no merge can reach across, so that the cache serves vocabularies without a pre-tokenizer too.</summary>
    private void EncodeInSegments(ReadOnlySpan<char> word, IdList ids)
    {
        int start = 0, previous = -1;
        for (int index = 0; index < word.Length;)
        {
            Rune.DecodeFromUtf16(word[index..], out Rune rune, out int length);
            if (previous >= 0 && !MayJoin(previous, rune.Value))
            {
                EncodeSegment(word[start..index], ids);
                start = index;
            }
            previous = rune.Value;
            index += length;
        }
        if (start < word.Length) EncodeSegment(word[start..], ids);
    }

    private bool MayJoin(int left, int right)
    {
        if (_joined.Contains(left, right)) return true;
        bool leftKnown = SymbolOf(left) >= 0, rightKnown = SymbolOf(right) >= 0;
        return (!leftKnown && !rightKnown) || (_bytesMerge && !(leftKnown && rightKnown));
    }

    private void EncodeSegment(ReadOnlySpan<char> segment, IdList ids)
    {
        bool cached = segment.Length <= WordCache.LongestWord;
        int slot = 0;
        if (cached && _cache.TryGet(segment, out slot, out ReadOnlySpan<int> known))
        {
            ids.Add(known);
            return;
        }

        int start = ids.Count;
        int[]? rented = segment.Length > 128 ? ArrayPool<int>.Shared.Rent(4 * segment.Length) : null;
        Span<int> symbols = rented ?? stackalloc int[512];
        int count = _options.ByteLevel ? ByteSymbols(segment, symbols) : CodePointSymbols(segment, symbols);
        count = MergeQueue.Merge(symbols[..count], _merges);
        ids.Add(symbols[..count]);
        if (rented is not null) ArrayPool<int>.Shared.Return(rented);
        if (cached) _cache.Set(slot, segment, ids.From(start));
    }

    private int ByteSymbols(ReadOnlySpan<char> segment, Span<int> symbols)
    {
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (int index = 0; index < segment.Length;)
        {
            Rune.DecodeFromUtf16(segment[index..], out Rune rune, out int length);
            int byteCount = rune.EncodeToUtf8(utf8);
            for (int i = 0; i < byteCount; i++)
            {
                int symbol = _symbolOfByte[utf8[i]];
                if (symbol < 0 && _options.UnknownId is { } unknown && !(_options.FuseUnknown && count > 0 && symbols[count - 1] == unknown)) symbol = unknown;
                if (symbol >= 0) symbols[count++] = symbol;
            }
            index += length;
        }
        return count;
    }

    private int CodePointSymbols(ReadOnlySpan<char> segment, Span<int> symbols)
    {
        int count = 0;
        bool unknownPending = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (int index = 0; index < segment.Length;)
        {
            Rune.DecodeFromUtf16(segment[index..], out Rune rune, out int length);
            index += length;
            int symbol = SymbolOf(rune.Value);
            if (symbol >= 0)
            {
                // Like tokenizers, an unknown waits for the next known symbol, past bytes in between.
                if (unknownPending) symbols[count++] = _options.UnknownId!.Value;
                unknownPending = false;
                symbols[count++] = symbol;
                continue;
            }
            if (_fallback is not null && TryFallBack(rune, utf8, symbols, ref count)) continue;
            if (_options.UnknownId is not { } unknown) continue;
            if (unknownPending && !_options.FuseUnknown) symbols[count++] = unknown;
            unknownPending = true;
        }
        if (unknownPending) symbols[count++] = _options.UnknownId!.Value;
        return count;
    }

    private bool TryFallBack(Rune rune, Span<byte> utf8, Span<int> symbols, ref int count)
    {
        int byteCount = rune.EncodeToUtf8(utf8);
        for (int i = 0; i < byteCount; i++)
        {
            if (_fallback![utf8[i]] < 0) return false;
        }
        for (int i = 0; i < byteCount; i++) symbols[count++] = _fallback![utf8[i]];
        return true;
    }

    private int SymbolOf(int codePoint) =>
        codePoint < _symbolOfPlane0.Length ? _symbolOfPlane0[codePoint] : _vocabulary.IdOf(char.ConvertFromUtf32(codePoint)) ?? -1;

    private static string InByteAlphabet(ReadOnlySpan<char> word)
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        int count = Encoding.UTF8.GetBytes(word, utf8);
        return string.Create(count, utf8, static (chars, bytes) =>
        {
            for (int i = 0; i < chars.Length; i++) chars[i] = ByteAlphabet.ToChar(bytes[i]);
        });
    }
}
