using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace YiSharp.Text;

/// <summary>A piece that <see cref="UnigramModel"/> may choose, with its log-probability in nats.</summary>
internal readonly record struct UnigramPiece(string Text, int Id, double Score);

/// <summary>Whose arithmetic a <see cref="UnigramModel"/> follows where the two originals differ.</summary>
internal enum UnigramRules
{
    /// <summary>
    /// Hugging Face's tokenizers (<c>models/unigram/model.rs</c>): sums in double precision; a run of unknown characters that happens to be a piece is that
    /// piece; a run whose bytes are not all in the vocabulary is unknown.
    /// </summary>
    Tokenizers,

    /// <summary>
    /// sentencepiece (<c>src/unigram_model.cc: EncodeOptimized</c> at a71fe29): all sums in single precision, which start anew from 0 where they grow past
    /// <see cref="UnigramModel.LargestSum"/>.
    /// </summary>
    SentencePiece,
}

/// <summary>What a <see cref="UnigramModel"/> does beside its pieces.</summary>
internal sealed record UnigramOptions
{
    /// <summary>Stands for characters that no piece holds.</summary>
    public required int UnknownId { get; init; }

    /// <summary>Lowest score of the pieces, nats; an unknown character costs <see cref="UnigramModel.UnknownPenalty"/> more.</summary>
    public required double LowestScore { get; init; }

    /// <summary>Ids of the 256 bytes, -1 where there is none, for unknown characters; null where these stay unknown.</summary>
    public int[]? ByteIds { get; init; }

    /// <summary>Whose arithmetic.</summary>
    public UnigramRules Rules { get; init; }
}

/// <summary>
/// Cuts a word into the pieces whose scores have the highest sum (Kudo 2018, arXiv:1804.10959) by Viterbi's algorithm over a trie: time is the word's length
/// times that of the longest piece. Of equal sums the one whose last piece is longest counts; a run of unknown characters is one id.
/// </summary>
internal sealed class UnigramModel : ITokenizerModel
{
    /// <summary>What an unknown character costs below the lowest score, nats.</summary>
    public const float UnknownPenalty = 10;

    /// <summary>Where sums of single precision start anew, nats.</summary>
    public const float LargestSum = 100_000;

    private readonly UnigramOptions _options;
    private readonly PieceTrie _trie;
    private readonly (int Id, double Score)[] _pieces;
    private readonly double _unknownScore;

    public UnigramModel(IReadOnlyList<UnigramPiece> pieces, UnigramOptions options)
    {
        _options = options;
        _trie = new PieceTrie([.. pieces.Select(piece => piece.Text)]);
        _pieces = [.. pieces.Select(piece => (piece.Id, piece.Score))];
        _unknownScore = IsSinglePrecision ? (float)options.LowestScore - UnknownPenalty : options.LowestScore - UnknownPenalty;
    }

    private bool IsSinglePrecision => _options.Rules == UnigramRules.SentencePiece;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, IdList ids)
    {
        if (word.IsEmpty) return;
        Place[] rented = ArrayPool<Place>.Shared.Rent(word.Length + 1);
        Span<Place> places = rented.AsSpan(0, word.Length + 1);
        FindBestEnds(word, places);
        LinkForward(places);

        for (int start = 0; start < word.Length;)
        {
            int end = places[start].Next;
            int id = places[end].Id;
            if (id != _options.UnknownId) ids.Add(id);
            else
            {
                while (end < word.Length && places[places[end].Next].Id == id) end = places[end].Next;
                AddUnknown(word[start..end], ids);
            }
            start = end;
        }
        ArrayPool<Place>.Shared.Return(rented);
    }

    private void FindBestEnds(ReadOnlySpan<char> word, Span<Place> places)
    {
        places.Fill(new Place { Start = -1 });
        places[0].Score = 0;
        int reach = 0;
        for (int start = 0; start < word.Length;)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out int characterLength);
            if (IsSinglePrecision && Math.Abs(places[start].Score) > LargestSum) StartAnew(places[start..(reach + 1)]);
            double before = places[start].Score;
            bool isKnown = false;
            int node = PieceTrie.Root;
            for (int end = start; end < word.Length && _trie.TryStep(ref node, word[end]);)
            {
                end++;
                int value = _trie.ValueAt(node);
                if (value < 0) continue;
                reach = Math.Max(reach, end);
                Offer(ref places[end], start, _pieces[value].Id, _pieces[value].Score + before);
                isKnown |= end - start == characterLength;
            }
            if (!isKnown)
            {
                reach = Math.Max(reach, start + characterLength);
                Offer(ref places[start + characterLength], start, _options.UnknownId, _unknownScore + before);
            }
            start += characterLength;
        }
    }

    private void Offer(ref Place end, int start, int id, double score)
    {
        if (IsSinglePrecision) score = (float)score;
        if (end.Start >= 0 && !(score > end.Score)) return;
        (end.Start, end.Id, end.Score) = (start, id, score);
    }

    /// <summary>Takes the first place's sum from it and from all that were reached.</summary>
    private static void StartAnew(Span<Place> places)
    {
        float offset = (float)places[0].Score;
        foreach (ref Place place in places)
        {
            if (place.Start >= 0) place.Score = (float)place.Score - offset;
        }
    }

    private static void LinkForward(Span<Place> places)
    {
        for (int end = places.Length - 1; end > 0; end = places[end].Start) places[places[end].Start].Next = end;
    }

    private void AddUnknown(ReadOnlySpan<char> run, IdList ids)
    {
        if (_options.Rules == UnigramRules.Tokenizers && _trie.Exactly(run) is var value and >= 0)
        {
            ids.Add(_pieces[value].Id);
            return;
        }
        if (_options.ByteIds is not { } byteIds)
        {
            ids.Add(_options.UnknownId);
            return;
        }
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(run)];
        Encoding.UTF8.GetBytes(run, utf8);
        if (utf8.Any(b => byteIds[b] < 0)) ids.Add(_options.UnknownId);
        else foreach (byte b in utf8) ids.Add(byteIds[b]);
    }

    /// <summary>The best way to a place between two characters: the piece that ends there, and where the way goes on.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Place
    {
        public double Score;
        public int Start;
        public int Id;
        public int Next;
    }
}
