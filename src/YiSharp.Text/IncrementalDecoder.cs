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
    private readonly PieceTable pieces;
    private readonly bool skipSpecial;
    private readonly byte[] pending = new byte[4];
    private int pendingCount;
    private bool pendingIsFallback;
    private int stripLeft;

    internal IncrementalDecoder(PieceTable pieces, bool skipSpecial)
    {
        (this.pieces, this.skipSpecial) = (pieces, skipSpecial);
        stripLeft = pieces.Options.StripStartCount;
    }

    /// <summary>Takes one id and returns what may be printed now: often a word, nothing inside a character.</summary>
    public string Push(int id)
    {
        if (skipSpecial && pieces.IsSpecial(id)) return "";
        ReadOnlySpan<byte> piece = pieces.BytesOf(id);
        if (piece.IsEmpty) return "";

        bool isFallback = pieces.IsByte(id);
        var text = new StringBuilder();
        if (pendingIsFallback && !isFallback) DropPending(text);
        pendingIsFallback = isFallback;
        if (isFallback) PushFallback(piece[0], text);
        else PushBytes(piece, text);
        return Strip(text.ToString());
    }

    /// <summary>Ends the text: what was held back, broken as it is. The decoder is then as new.</summary>
    public string Flush()
    {
        var text = new StringBuilder();
        if (pendingIsFallback) DropPending(text);
        else text.Append(Encoding.UTF8.GetString(pending, 0, pendingCount));
        string rest = Strip(text.ToString());
        (pendingCount, pendingIsFallback, stripLeft) = (0, false, pieces.Options.StripStartCount);
        return rest;
    }

    private void PushBytes(ReadOnlySpan<byte> piece, StringBuilder text)
    {
        int index = 0;
        while (pendingCount > 0 && index < piece.Length)
        {
            pending[pendingCount] = piece[index];
            OperationStatus status = Look(pending.AsSpan(0, pendingCount + 1), out Rune rune, out _);
            if (status == OperationStatus.NeedMoreData)
            {
                pendingCount++;
                index++;
                continue;
            }
            if (status == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                index++;
            }
            else text.Append(Encoding.UTF8.GetString(pending, 0, pendingCount)); // the byte that broke the character begins anew
            pendingCount = 0;
        }

        ReadOnlySpan<byte> rest = piece[index..];
        int held = UnfinishedLength(rest);
        text.Append(Encoding.UTF8.GetString(rest[..^held]));
        if (held == 0) return;
        rest[^held..].CopyTo(pending);
        pendingCount = held;
    }

    private void PushFallback(byte value, StringBuilder text)
    {
        pending[pendingCount++] = value;
        while (pendingCount > 0)
        {
            ReadOnlySpan<byte> held = pending.AsSpan(0, pendingCount);
            OperationStatus status = Look(held, out Rune rune, out int consumed);
            if (status == OperationStatus.NeedMoreData) return;
            if (status == OperationStatus.Done) text.Append(rune.ToString());
            else text.Append('\uFFFD', consumed);
            held[consumed..].CopyTo(pending);
            pendingCount -= consumed;
        }
    }

    private void DropPending(StringBuilder text)
    {
        text.Append('\uFFFD', pendingCount);
        pendingCount = 0;
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
        if (stripLeft == 0 || text.Length == 0) return text;
        int count = pieces.CountToStrip(text, stripLeft);
        stripLeft = count == text.Length ? stripLeft - count : 0;
        return text[count..];
    }
}
