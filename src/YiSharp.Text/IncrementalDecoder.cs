using System.Buffers;
using System.Text;

namespace YiSharp.Text;

/// <summary>
/// Ids to text, one at a time: each piece of text appears as early as it can, and never half a character.
/// </summary>
/// <remarks>
/// The joined output equals <see cref="Tokenizer.Decode"/>, with one exception that no incremental decoder can avoid: in a byte-fallback
/// vocabulary one broken byte turns the whole run of byte tokens into U+FFFD there, good characters that were printed before included. Here only
/// the broken bytes become U+FFFD, one each, as SentencePiece does it.
/// </remarks>
public sealed class IncrementalDecoder
{
    private readonly PieceTable _pieces;
    private readonly bool _skipSpecial;
    private readonly byte[] _pending = new byte[4];
    private int _pendingCount;
    private bool _pendingIsFallback;
    private int _stripLeft;
    private TextStart _start;
    private DecoderChain.Flow? _flow;

    internal IncrementalDecoder(PieceTable pieces, bool skipSpecial)
    {
        (_pieces, _skipSpecial) = (pieces, skipSpecial);
        _stripLeft = _pieces.Options.StripStartCount;
        _start = new TextStart(_pieces);
        _flow = _pieces.Options.Chain?.Start(early: true);
    }

    /// <summary>Takes one id and returns what may be printed now: often a word, nothing inside a character.</summary>
    public string Push(int id)
    {
        if ((_skipSpecial && _pieces.IsSkipped(id)) || !_pieces.Has(id)) return "";
        if (_flow is not null) return _pieces.TokenOf(id) is { } token ? _flow.Push(token) : "";
        ReadOnlySpan<byte> piece = _start.Take(id);
        bool isFallback = _pieces.IsByte(id);
        var text = new StringBuilder();
        if (_pendingIsFallback && !isFallback) DropPending(text);
        _pendingIsFallback = isFallback;
        if (isFallback) PushFallback(piece[0], text);
        else PushBytes(piece, text);
        return Strip(text.ToString());
    }

    /// <summary>Ends the text: what was held back, broken as it is. The decoder is then as new.</summary>
    public string Flush()
    {
        if (_flow is not null)
        {
            string last = _flow.End();
            _flow = _pieces.Options.Chain!.Start(early: true);
            return last;
        }
        var text = new StringBuilder();
        if (_pendingIsFallback) DropPending(text);
        else text.Append(Encoding.UTF8.GetString(_pending, 0, _pendingCount));
        string rest = Strip(text.ToString());
        (_pendingCount, _pendingIsFallback, _stripLeft) = (0, false, _pieces.Options.StripStartCount);
        _start = new TextStart(_pieces);
        return rest;
    }

    private void PushBytes(ReadOnlySpan<byte> piece, StringBuilder text)
    {
        int index = 0;
        while (_pendingCount > 0 && index < piece.Length)
        {
            _pending[_pendingCount] = piece[index];
            OperationStatus status = Look(_pending.AsSpan(0, _pendingCount + 1), out Rune rune, out _);
            if (status == OperationStatus.NeedMoreData)
            {
                _pendingCount++;
                index++;
                continue;
            }
            if (status == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                index++;
            }
            else text.Append(Encoding.UTF8.GetString(_pending, 0, _pendingCount)); // the byte that broke the character begins anew
            _pendingCount = 0;
        }

        ReadOnlySpan<byte> rest = piece[index..];
        int held = UnfinishedLength(rest);
        text.Append(Encoding.UTF8.GetString(rest[..^held]));
        if (held == 0) return;
        rest[^held..].CopyTo(_pending);
        _pendingCount = held;
    }

    private void PushFallback(byte value, StringBuilder text)
    {
        _pending[_pendingCount++] = value;
        while (_pendingCount > 0)
        {
            ReadOnlySpan<byte> held = _pending.AsSpan(0, _pendingCount);
            OperationStatus status = Look(held, out Rune rune, out int consumed);
            if (status == OperationStatus.NeedMoreData) return;
            if (status == OperationStatus.Done) text.Append(rune.ToString());
            else text.Append('\uFFFD', consumed);
            held[consumed..].CopyTo(_pending);
            _pendingCount -= consumed;
        }
    }

    private void DropPending(StringBuilder text)
    {
        text.Append('\uFFFD', _pendingCount);
        _pendingCount = 0;
    }

    /// <summary>Length of the unfinished but so far valid character at the end, bytes.</summary>
    private static int UnfinishedLength(ReadOnlySpan<byte> bytes)
    {
        for (int length = Math.Min(3, bytes.Length); length > 0; length--)
        {
            if (Look(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData) return length;
        }
        return 0;
    }

    /// <summary>What the first character is; the start of an encoded surrogate (ED A0 … ED BF) counts as unfinished, as in Python's incremental decoder.</summary>
    private static OperationStatus Look(ReadOnlySpan<byte> bytes, out Rune rune, out int consumed)
    {
        OperationStatus status = Rune.DecodeFromUtf8(bytes, out rune, out consumed);
        return bytes is [0xED, >= 0xA0 and <= 0xBF] ? OperationStatus.NeedMoreData : status;
    }

    private string Strip(string text)
    {
        if (_stripLeft == 0 || text.Length == 0) return text;
        int count = _pieces.CountToStrip(text, _stripLeft);
        _stripLeft = count == text.Length ? _stripLeft - count : 0;
        return text[count..];
    }
}
