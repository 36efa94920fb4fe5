using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>How a <see cref="BpeModel"/> finds a word's first symbols, and what it does where it has none.</summary>
internal sealed record BpeOptions
{
    /// <summary>Symbols are bytes written in the <see cref="ByteAlphabet"/>; otherwise they are code points.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Code points without a piece become their bytes, <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Begins every symbol but a word's first, <c>##</c> for example.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Ends a word's last symbol, <c>&lt;/w&gt;</c> for example.</summary>
    public string EndSuffix { get; init; } = "";

    /// <summary>What stands for a symbol that has no piece; null drops it.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Ids that the vocabulary holds for added tokens only: the model does not know them.</summary>
    public IReadOnlySet<int> AddedOnly { get; init; } = new HashSet<int>();

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
    /// <summary>Segments of more UTF-16 units get their symbols' memory from a pool, not from the stack.</summary>
    private const int LongestOnStack = 128;

    /// <summary>A code point has at most four bytes, each a symbol, and takes two units; one of three bytes takes one.</summary>
    private const int SymbolsPerUnit = 3;

    private readonly BpeOptions _options;
    private readonly Vocabulary _vocabulary;
    private readonly PairTable _merges;
    private readonly WordCache _cache = new();

    /// <summary>Symbols of the 256 bytes in a byte-level vocabulary, -1 where it lacks one.</summary>
    private readonly int[] _symbolOfByte = new int[256];

    /// <summary>Symbols of the code points below U+10000 otherwise, -1 where there is none, as for surrogates.</summary>
    private readonly int[] _symbolOfPlane0 = [];
    private readonly int[]? _fallback;
    private readonly bool _hasAffixes;

    /// <summary>What some merge joins, by the UTF-16 units on both sides of the border.</summary>
    private readonly JoinFilter _joins = new();

    /// <summary>A character without a symbol can matter to its neighbours: some merge has a byte piece in it, or it is dropped and they meet.</summary>
    private readonly bool _unknownsReach;

    /// <summary>Two neighbours without symbols matter to each other: so, or because one unknown stands for both.</summary>
    private readonly bool _unknownsJoin;

    public BpeModel(Vocabulary vocabulary, IReadOnlyList<Merge> mergeList, BpeOptions options)
    {
        (_vocabulary, _options) = (vocabulary, options);
        _hasAffixes = _options.ContinuingPrefix.Length + _options.EndSuffix.Length > 0;
        _merges = new PairTable(mergeList.Count);
        foreach (Merge merge in mergeList) _merges.Set(merge.Left, merge.Right, merge.Rank, merge.Result);

        if (_options.ByteLevel)
        {
            for (int b = 0; b < 256; b++) _symbolOfByte[b] = _vocabulary.IdOf([ByteAlphabet.ToChar((byte)b)]) ?? -1;
            return;
        }
        _symbolOfPlane0 = new int[0x10000];
        for (int c = 0; c < _symbolOfPlane0.Length; c++) _symbolOfPlane0[c] = char.IsSurrogate((char)c) ? -1 : _vocabulary.IdOf([(char)c]) ?? -1;
        if (_options.ByteFallback) _fallback = ByteTokens(_vocabulary);
        HashSet<int> bytes = [.. _fallback ?? []];
        foreach (Merge merge in mergeList)
        {
            _unknownsReach |= bytes.Contains(merge.Left) || bytes.Contains(merge.Right);
            _joins.Add(_vocabulary.TokenOf(merge.Left)![^1], _vocabulary.TokenOf(merge.Right)![0]);
        }
        bool someUnknown = _fallback is null || bytes.Contains(-1);
        _unknownsReach |= someUnknown && _options.UnknownId is null;
        _unknownsJoin = _unknownsReach || someUnknown;
    }

    /// <summary>Ids of the 256 byte pieces, -1 where the vocabulary lacks one.</summary>
    public static int[] ByteTokens(Vocabulary vocabulary)
    {
        var ids = new int[256];
        for (int b = 0; b < 256; b++) ids[b] = vocabulary.IdOf(ByteToken.Write((byte)b)) ?? -1;
        return ids;
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, IdList ids)
    {
        if (word.IsEmpty) return;
        if (_options.ByteLevel || _options.IgnoreMerges || _hasAffixes) EncodeSegment(word, ids);
        else EncodeInSegments(word, ids);
    }

    /// <summary>Cuts a word where no merge can reach across, so that the cache serves vocabularies without a pre-tokenizer too.</summary>
    private void EncodeInSegments(ReadOnlySpan<char> word, IdList ids)
    {
        int start = 0;
        for (int index = 1; index < word.Length; index++)
        {
            if (_joins.MayJoin(word[index - 1], word[index]) || !CanCut(word[index - 1], word[index])) continue;
            EncodeSegment(word[start..index], ids);
            start = index;
        }
        EncodeSegment(word[start..], ids);
    }

    /// <summary>Whether two units that no merge joins belong to characters that do not influence each other otherwise.</summary>
    private bool CanCut(char left, char right)
    {
        bool leftKnown = _symbolOfPlane0[left] >= 0, rightKnown = _symbolOfPlane0[right] >= 0;
        if (leftKnown && rightKnown) return true;
        if (leftKnown || rightKnown) return !_unknownsReach;
        return !_unknownsJoin && !char.IsSurrogatePair(left, right);
    }

    private void EncodeSegment(ReadOnlySpan<char> segment, IdList ids)
    {
        if (segment.Length == 1 && !_hasAffixes && _symbolOfPlane0.Length > 0 && _symbolOfPlane0[segment[0]] is >= 0 and var symbol) ids.Add(symbol);
        else if (segment.Length > WordCache.LongestWord) Compute(segment, ids);
        else if (_cache.TryGet(segment, out int slot, out ReadOnlySpan<int> known)) ids.Add(known);
        else
        {
            int start = ids.Count;
            Compute(segment, ids);
            _cache.Set(slot, segment, ids.From(start));
        }
    }

    [SkipLocalsInit]
    private void Compute(ReadOnlySpan<char> segment, IdList ids)
    {
        if (_options.IgnoreMerges && WholeWord(segment) is { } whole)
        {
            ids.Add(whole);
            return;
        }
        int[]? rented = segment.Length > LongestOnStack ? ArrayPool<int>.Shared.Rent(SymbolsPerUnit * segment.Length) : null;
        Span<int> symbols = rented ?? stackalloc int[SymbolsPerUnit * LongestOnStack];
        int count = _options.ByteLevel ? ByteSymbols(segment, symbols) : CodePointSymbols(segment, symbols);
        count = MergeQueue.Merge(symbols[..count], _merges);
        ids.Add(symbols[..count]);
        if (rented is not null) ArrayPool<int>.Shared.Return(rented);
    }

    private int? WholeWord(ReadOnlySpan<char> word) => KnownId(_options.ByteLevel ? ByteAlphabet.Write(word) : word);

    private int? KnownId(ReadOnlySpan<char> piece) => _vocabulary.IdOf(piece) is { } id && !_options.AddedOnly.Contains(id) ? id : null;

    private int ByteSymbols(ReadOnlySpan<char> segment, Span<int> symbols)
    {
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (int index = 0; index < segment.Length;)
        {
            if (char.IsAscii(segment[index]))
            {
                AddByte((byte)segment[index++], symbols, ref count);
                continue;
            }
            Rune.DecodeFromUtf16(segment[index..], out Rune rune, out int length);
            int byteCount = rune.EncodeToUtf8(utf8);
            for (int i = 0; i < byteCount; i++) AddByte(utf8[i], symbols, ref count);
            index += length;
        }
        return count;
    }

    private void AddByte(byte value, Span<int> symbols, ref int count)
    {
        int symbol = _symbolOfByte[value];
        if (symbol < 0 && _options.UnknownId is { } unknown && !(_options.FuseUnknown && count > 0 && symbols[count - 1] == unknown)) symbol = unknown;
        if (symbol >= 0) symbols[count++] = symbol;
    }

    private int CodePointSymbols(ReadOnlySpan<char> segment, Span<int> symbols)
    {
        int count = 0;
        bool unknownPending = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (int index = 0; index < segment.Length;)
        {
            Rune.DecodeFromUtf16(segment[index..], out Rune rune, out int length);
            int symbol = _hasAffixes ? SymbolWithAffixes(segment, index, length) : SymbolOf(rune.Value);
            index += length;
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
        codePoint < _symbolOfPlane0.Length ? _symbolOfPlane0[codePoint] : SymbolOfSupplementary(new Rune(codePoint));

    private int SymbolOfSupplementary(Rune rune)
    {
        Span<char> units = stackalloc char[2];
        return KnownId(units[..rune.EncodeToUtf16(units)]) ?? -1;
    }

    private int SymbolWithAffixes(ReadOnlySpan<char> word, int index, int length)
    {
        string prefix = index > 0 ? _options.ContinuingPrefix : "", suffix = index + length == word.Length ? _options.EndSuffix : "";
        return KnownId(string.Concat(prefix, word.Slice(index, length), suffix)) ?? -1;
    }
}
