using System.Buffers.Binary;
using System.Text;

namespace YiSharp.Checkpoints;

/// <summary>
/// Reads one message of Google's protobuf wire format from front to back: keys (field number · 8 + wire type), each with a value. Whatever the bytes claim, it
/// reads no more than is there.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="message">What the message is, for messages.</param>
/// <param name="bytes">The whole message.</param>
internal ref struct ProtobufCursor(string path, string message, ReadOnlySpan<byte> bytes)
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _wireType;

    /// <summary>Number of the field whose value comes next.</summary>
    public int Field { get; private set; }

    /// <summary>Goes on to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_position == _bytes.Length) return false;
        ulong key = ReadVarint();
        if (key >> 3 is 0 or > int.MaxValue) throw Damaged($"has a field number {key >> 3}");
        (Field, _wireType) = ((int)(key >> 3), (int)(key & 7));
        return true;
    }

    /// <summary>The value of a field of an integer or enumeration.</summary>
    public int Int32(string field)
    {
        Require(field, Varint, "a varint");
        // A negative int32 is written in ten bytes, as 64 bits.
        long value = (long)ReadVarint();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Damaged($"gives {field} the value {value}; 32 bits were expected");
    }

    /// <summary>The value of a field of a flag.</summary>
    public bool Flag(string field)
    {
        Require(field, Varint, "a varint");
        return ReadVarint() != 0;
    }

    /// <summary>The value of a field of a single-precision number.</summary>
    public float Single(string field)
    {
        Require(field, Fixed32, "four bytes");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4, field));
    }

    /// <summary>The value of a field of bytes or of a message.</summary>
    public ReadOnlySpan<byte> Bytes(string field)
    {
        Require(field, LengthDelimited, "a length and bytes");
        ulong length = ReadVarint();
        return length <= int.MaxValue ? Take((int)length, field) : throw Damaged($"says that {field} has {length} bytes, but only {_bytes.Length - _position} follow");
    }

    /// <summary>The value of a field of text.</summary>
    public string Text(string field)
    {
        ReadOnlySpan<byte> utf8 = Bytes(field);
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{path} has {field} in {message} that is not valid UTF-8; the file is damaged, fetch it again.", e);
        }
    }

    /// <summary>Passes over the value of a field that says nothing here.</summary>
    public void Skip()
    {
        string field = $"field {Field}";
        switch (_wireType)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Take(8, field);
                break;
            case LengthDelimited:
                Bytes(field);
                break;
            case Fixed32:
                Take(4, field);
                break;
            default:
                throw Damaged($"stores {field} in wire type {_wireType}; 0, 1, 2 or 5 was expected");
        }
    }

    private void Require(string field, int wireType, string expected)
    {
        if (_wireType != wireType) throw Damaged($"stores {field} in wire type {_wireType}; {wireType} ({expected}) was expected");
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length) throw Damaged("ends in the middle of a number");
            byte next = _bytes[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Damaged("has a number of more than ten bytes");
    }

    private ReadOnlySpan<byte> Take(int length, string field)
    {
        if (length > _bytes.Length - _position) throw Damaged($"says that {field} has {length} bytes, but only {_bytes.Length - _position} follow");
        ReadOnlySpan<byte> taken = _bytes.Slice(_position, length);
        _position += length;
        return taken;
    }

    private readonly InvalidDataException Damaged(string complaint) =>
        new($"{path} {complaint}, in {message} at byte {_position}. The file is cut off, damaged or no SentencePiece model; fetch it again.");
}
