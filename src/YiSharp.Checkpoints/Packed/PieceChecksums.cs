using System.Numerics;
using System.Runtime.InteropServices;

namespace YiSharp.Checkpoints;

/// <summary>CRC-32C of each piece of a stream of bytes.</summary>
/// <param name="checksums">Where they go, one for each <see cref="PackedHeader.PieceBytes"/>.</param>
internal sealed class PieceChecksums(uint[] checksums)
{
    private const uint Start = uint.MaxValue;

    private long _position;
    private uint _state = Start;

    /// <summary>Goes on with some bytes more.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int left = PackedHeader.PieceBytes - (int)(_position % PackedHeader.PieceBytes);
            ReadOnlySpan<byte> part = bytes[..Math.Min(left, bytes.Length)];
            _state = Continue(_state, part);
            // A piece that is not yet whole has the checksum of what is there: so the last one, too, is right.
            checksums[_position / PackedHeader.PieceBytes] = ~_state;
            _position += part.Length;
            if (part.Length == left) _state = Start;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Of one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> piece) => ~Continue(Start, piece);

    private static uint Continue(uint state, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) state = BitOperations.Crc32C(state, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..]) state = BitOperations.Crc32C(state, rest);
        return state;
    }
}
