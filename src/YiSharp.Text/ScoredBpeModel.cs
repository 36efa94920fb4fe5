using System.Buffers;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Text;

/// <summary>A piece that <see cref="ScoredBpeModel"/> may make.</summary>
/// <param name="Text">What it stands for.</param>
/// <param name="Id">Its id.</param>
/// <param name="Score">The union with the highest score is made first.</param>
/// <param name="IsUnused">It may be made on the way to others, but where it is left it falls into the two pieces it was made of.</param>
internal readonly record struct ScoredPiece(string Text, int Id, float Score, bool IsUnused = false);

/// <summary>What a <see cref="ScoredBpeModel"/> does beside its pieces.</summary>
internal sealed record ScoredBpeOptions
{
    /// <summary>Stands for characters without a piece or bytes, a run of them once; null drops these.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Ids of the 256 bytes, -1 where there is none; null where unknown characters stay unknown.</summary>
    public int[]? ByteIds { get; init; }

    /// <summary>Pieces that are never split nor joined: the longest at each place is taken before anything else.</summary>
    public IReadOnlyList<(string Text, int Id)> UserDefined { get; init; } = [];
}

/// <summary>
/// Byte-pair encoding by scores, as sentencepiece (<c>src/bpe_model.cc</c>) and llama.cpp (<c>llm_tokenizer_spm</c>) do it: of all neighbours whose union is a
/// piece, those with the best one are joined, the leftmost of equals. A character without a piece takes part all the same.
/// </summary>
internal sealed class ScoredBpeModel : ITokenizerModel
{
    /// <summary>A character of one UTF-16 unit has at most three bytes, one of two has four.</summary>
    private const int MostBytesPerUnit = 3;

    private readonly ScoredBpeOptions _options;
    private readonly PieceTrie? _userDefined;
    private readonly WordCache _cache = new();

    /// <summary>Characters without a piece are symbols too: this plus their code point.</summary>
    private readonly int _firstCharacter;
    private readonly int[] _symbolOfPlane0 = new int[0x10000];
    private readonly Dictionary<int, int> _symbolOfSupplementary = [];
    private readonly PairTable _merges;

    /// <summary>What some merge joins, by the UTF-16 units on both sides of the border.</summary>
    private readonly JoinFilter _joins = new();

    /// <summary>Unused pieces that some merge makes.</summary>
    private readonly HashSet<int> _unused;

    public ScoredBpeModel(IReadOnlyList<ScoredPiece> pieces, ScoredBpeOptions options)
    {
        _options = options;
        if (options.UserDefined.Count > 0) _userDefined = new PieceTrie([.. options.UserDefined.Select(piece => piece.Text)]);
        _firstCharacter = 1 + pieces.Select(piece => piece.Id).DefaultIfEmpty(-1).Max();

        var ids = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        foreach (ScoredPiece piece in pieces) ids[piece.Text] = piece.Id;
        for (int c = 0; c < _symbolOfPlane0.Length; c++) _symbolOfPlane0[c] = _firstCharacter + c;
        foreach ((string text, int id) in ids)
        {
            if (Rune.DecodeFromUtf16(text, out Rune rune, out int length) != OperationStatus.Done || length != text.Length) continue;
            if (rune.IsBmp) _symbolOfPlane0[rune.Value] = id;
            else _symbolOfSupplementary[rune.Value] = id;
        }
        List<(Merge Merge, string Text, int Cut)> merges = MergesByScore(pieces, ids);
        HashSet<int> unused = [.. pieces.Where(piece => piece.IsUnused).Select(piece => piece.Id)];
        _unused = [.. merges.Select(merge => merge.Merge.Result).Where(unused.Contains)];
        _merges = new PairTable(merges.Count);
        foreach ((Merge merge, string text, int cut) in merges)
        {
            _merges.Set(merge.Left, merge.Right, merge.Rank, merge.Result);
            _joins.Add(text[cut - 1], text[cut]);
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, IdList ids)
    {
        int first = ids.Count;
        if (_unused.Count > 0)
        {
            EncodeWithUnused(word, ids, first);
            return;
        }
        if (_userDefined is null)
        {
            EncodeInSegments(word, ids, first);
            return;
        }
        int start = 0;
        for (int index = 0; index < word.Length;)
        {
            int found = _userDefined.Longest(word[index..], out int length);
            if (found < 0)
            {
                Rune.DecodeFromUtf16(word[index..], out _, out length);
                index += length;
                continue;
            }
            EncodeInSegments(word[start..index], ids, first);
            ids.Add(_options.UserDefined[found].Id);
            start = index += length;
        }
        EncodeInSegments(word[start..], ids, first);
    }

    /// <summary>Every cut of a piece into two symbols is a merge, ranked by the piece's score; equal scores share a rank, so that the leftmost comes first.</summary>
    private List<(Merge Merge, string Text, int Cut)> MergesByScore(IReadOnlyList<ScoredPiece> pieces, Dictionary<string, int> ids)
    {
        HashSet<int> whole = [.. _options.UserDefined.Select(piece => piece.Id)];
        var lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(Merge, string, int)>();
        int rank = -1;
        float previous = float.NaN;
        foreach (ScoredPiece piece in pieces.OrderByDescending(piece => piece.Score))
        {
            if (piece.Score != previous) rank++;
            previous = piece.Score;
            if (piece.Text.Length > MergeScores.LongestPiece || whole.Contains(piece.Id)) continue;
            for (int cut = 1; cut < piece.Text.Length; cut++)
            {
                if (char.IsLowSurrogate(piece.Text[cut])) continue;
                if (Part(piece.Text.AsSpan(0, cut)) is >= 0 and var left && Part(piece.Text.AsSpan(cut)) is >= 0 and var right) merges.Add((new Merge(left, right, rank, piece.Id), piece.Text, cut));
            }
        }
        return merges;

        int Part(ReadOnlySpan<char> text)
        {
            if (lookup.TryGetValue(text, out int id)) return whole.Contains(id) ? -1 : id;
            return Rune.DecodeFromUtf16(text, out Rune rune, out int length) == OperationStatus.Done && length == text.Length ? _firstCharacter + rune.Value : -1;
        }
    }

    private int SymbolOf(Rune rune) =>
        rune.IsBmp ? _symbolOfPlane0[rune.Value] : _symbolOfSupplementary.GetValueOrDefault(rune.Value, _firstCharacter + rune.Value);

    /// <summary>Cuts a text where no merge can reach across, so that the cache serves it though it is not cut into words.</summary>
    private void EncodeInSegments(ReadOnlySpan<char> text, IdList ids, int first)
    {
        int start = 0;
        for (int index = 1; index < text.Length; index++)
        {
            if (_joins.MayJoin(text[index - 1], text[index]) || char.IsSurrogatePair(text[index - 1], text[index])) continue;
            EncodeSegment(text[start..index], ids, first);
            start = index;
        }
        if (start < text.Length) EncodeSegment(text[start..], ids, first);
    }

    private void EncodeSegment(ReadOnlySpan<char> segment, IdList ids, int first)
    {
        if (segment.Length == 1 && _symbolOfPlane0[segment[0]] is var symbol && symbol < _firstCharacter)
        {
            ids.Add(symbol);
            return;
        }
        int slot = 0;
        bool isCached = segment.Length <= WordCache.LongestWord;
        if (isCached && _cache.TryGet(segment, out slot, out ReadOnlySpan<int> known))
        {
            Append(known, ids, first);
            return;
        }

        int[] rented = ArrayPool<int>.Shared.Rent((1 + MostBytesPerUnit) * segment.Length);
        Span<int> symbols = rented.AsSpan(0, segment.Length), resolved = rented.AsSpan(segment.Length);
        int count = 0;
        foreach (Rune rune in segment.EnumerateRunes()) symbols[count++] = SymbolOf(rune);
        count = MergeQueue.Merge(symbols[..count], _merges);
        resolved = resolved[..Resolve(symbols[..count], resolved)];
        Append(resolved, ids, first);
        if (isCached) _cache.Set(slot, segment, resolved);
        ArrayPool<int>.Shared.Return(rented);
    }

    /// <summary>Symbols to ids: what is left of characters without a piece becomes bytes, or unknown, a run of them once. Returns the number of ids.</summary>
    private int Resolve(ReadOnlySpan<int> symbols, Span<int> ids)
    {
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (int symbol in symbols)
        {
            if (symbol < _firstCharacter)
            {
                ids[count++] = symbol;
                continue;
            }
            int length = new Rune(symbol - _firstCharacter).EncodeToUtf8(utf8);
            if (HasAll(utf8[..length]))
            {
                foreach (byte b in utf8[..length]) ids[count++] = _options.ByteIds![b];
            }
            else if (_options.UnknownId is { } unknown && !(count > 0 && ids[count - 1] == unknown)) ids[count++] = unknown;
        }
        return count;
    }

    private bool HasAll(ReadOnlySpan<byte> utf8)
    {
        if (_options.ByteIds is not { } byteIds) return false;
        foreach (byte b in utf8)
        {
            if (byteIds[b] < 0) return false;
        }
        return true;
    }

    /// <summary>Appends ids; an unknown goes together with one right before it.</summary>
    private void Append(ReadOnlySpan<int> added, IdList ids, int first)
    {
        bool isFused = added.Length > 0 && added[0] == _options.UnknownId && ids.Count > first && ids.From(ids.Count - 1)[0] == added[0];
        ids.Add(isFused ? added[1..] : added);
    }

    /// <summary>
    /// As sentencepiece does it: an unused piece falls into the pair that was last seen to make it, anywhere in the text. So the text is one stretch, and nothing
    /// is cached.
    /// </summary>
    private void EncodeWithUnused(ReadOnlySpan<char> word, IdList ids, int first)
    {
        var symbols = new List<int>();
        for (int index = 0; index < word.Length;)
        {
            int length = 0;
            int found = _userDefined?.Longest(word[index..], out length) ?? -1;
            if (found < 0)
            {
                Rune.DecodeFromUtf16(word[index..], out Rune rune, out length);
                symbols.Add(SymbolOf(rune));
            }
            else symbols.Add(_options.UserDefined[found].Id);
            index += length;
        }
        var origins = new Dictionary<int, (int Left, int Right)>();
        var rest = new Stack<int>();
        var parts = new List<int>();
        foreach (int symbol in ScoredMerger.Merge([.. symbols], _merges, _unused, origins))
        {
            rest.Push(symbol);
            while (rest.TryPop(out int part))
            {
                if (!_unused.Contains(part) || !origins.TryGetValue(part, out (int Left, int Right) pair))
                {
                    parts.Add(part);
                    continue;
                }
                rest.Push(pair.Right);
                rest.Push(pair.Left);
            }
        }
        int[] resolved = new int[MostBytesPerUnit * word.Length];
        Append(resolved.AsSpan(0, Resolve([.. parts], resolved)), ids, first);
    }
}
