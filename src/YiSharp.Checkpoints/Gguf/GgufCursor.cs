using System.Buffers.Binary;
using System.Text;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Reads a GGUF header from front to back; whatever the file claims, it reads and allocates no more than is there.</summary>
internal sealed class GgufCursor(string path, TensorMemory memory)
{
    /// <summary>Far above the longest chat template; the platform's strings have bounds too.</summary>
    private const int MaxTextBytes = 64 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes from the file's start to what comes next.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public long Remaining => memory.LengthBytes - Position;

    /// <summary>The next 4 bytes as a number.</summary>
    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    /// <summary>The next 8 bytes as a number.</summary>
    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count of things that take at least <paramref name="leastBytes"/> bytes each, which must be able to follow.</summary>
    public int Count(string what, int leastBytes)
    {
        ulong count = UInt64(what);
        if (count > (ulong)(Remaining / leastBytes) || count > int.MaxValue)
        {
            throw new InvalidDataException($"{path} says that its {what} is {count}, but only {Remaining} bytes follow; the file is damaged or cut off, fetch it again.");
        }
        return (int)count;
    }

    /// <summary>A string with its length in front.</summary>
    public string Text(string what, int maxBytes = MaxTextBytes)
    {
        int length = Count($"length of {what}", 1);
        if (length > maxBytes) throw new InvalidDataException($"{path} gives {what} {length} bytes; at most {maxBytes} were expected. The file is damaged, fetch it again.");
        long start = Position;
        try
        {
            return StrictUtf8.GetString(Take(length, what));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{path} has bytes at {start} for {what} that are not valid UTF-8; the file is damaged, fetch it again.", e);
        }
    }

    /// <summary>A metadata value of one of GGUF's 13 types.</summary>
    public object Value(uint type, string key) => type switch
    {
        0 => Take(1, key)[0],
        1 => (sbyte)Take(1, key)[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, key)),
        3 => BinaryPrimitives.ReadInt16LittleEndian(Take(2, key)),
        4 => UInt32(key),
        5 => BinaryPrimitives.ReadInt32LittleEndian(Take(4, key)),
        6 => BinaryPrimitives.ReadSingleLittleEndian(Take(4, key)),
        7 => Take(1, key)[0] != 0,
        8 => Text(key),
        9 => Array(key),
        10 => UInt64(key),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Take(8, key)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8, key)),
        _ => throw new InvalidDataException($"{path} gives the metadata \"{key}\" the type {type}; GGUF has types 0 to 12. The file is damaged, fetch it again."),
    };

    private object Array(string key)
    {
        uint type = UInt32(key);
        return type switch
        {
            0 => Numbers(key, 1, static b => b[0]),
            1 => Numbers(key, 1, static b => (sbyte)b[0]),
            2 => Numbers(key, 2, BinaryPrimitives.ReadUInt16LittleEndian),
            3 => Numbers(key, 2, BinaryPrimitives.ReadInt16LittleEndian),
            4 => Numbers(key, 4, BinaryPrimitives.ReadUInt32LittleEndian),
            5 => Numbers(key, 4, BinaryPrimitives.ReadInt32LittleEndian),
            6 => Numbers(key, 4, BinaryPrimitives.ReadSingleLittleEndian),
            7 => Numbers(key, 1, static b => b[0] != 0),
            8 => Texts(key),
            9 => throw new NotSupportedException($"{path} has an array of arrays in the metadata \"{key}\"; arrays of numbers, flags and strings can be read."),
            10 => Numbers(key, 8, BinaryPrimitives.ReadUInt64LittleEndian),
            11 => Numbers(key, 8, BinaryPrimitives.ReadInt64LittleEndian),
            12 => Numbers(key, 8, BinaryPrimitives.ReadDoubleLittleEndian),
            _ => throw new InvalidDataException($"{path} gives the elements of \"{key}\" the type {type}; GGUF has types 0 to 12. The file is damaged, fetch it again."),
        };
    }

    private delegate T ReadNumber<T>(ReadOnlySpan<byte> bytes);

    private T[] Numbers<T>(string key, int size, ReadNumber<T> read)
    {
        var values = new T[Count($"number of elements of \"{key}\"", size)];
        for (int i = 0; i < values.Length; i++) values[i] = read(Take(size, key));
        return values;
    }

    private string[] Texts(string key)
    {
        var values = new string[Count($"number of elements of \"{key}\"", sizeof(ulong))];
        for (int i = 0; i < values.Length; i++) values[i] = Text(key);
        return values;
    }

    private ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > Remaining)
        {
            throw new InvalidDataException($"{path} ends after {memory.LengthBytes} bytes in the middle of {what}; the file is cut off, fetch it again.");
        }
        Span<byte> bytes = memory.Slice(Position, length);
        Position += length;
        return bytes;
    }
}
