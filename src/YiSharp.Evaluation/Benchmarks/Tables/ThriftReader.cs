using System.Buffers.Binary;

namespace YiSharp.Evaluation;

/// <summary>A structure in Thrift's compact protocol, in which parquet files keep all but their cells: values by the number of their field.</summary>
/// <remarks>https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md</remarks>
internal sealed class ThriftStruct
{
    private readonly Dictionary<int, object> _fields = [];

    /// <summary>Sets a field: <see cref="long"/> (whole numbers, true is 1), bytes, lists of these, structures.</summary>
    public void Set(int field, object value) => _fields[field] = value;

    /// <summary>A whole number; the default where the field is absent.</summary>
    public long Whole(int field, long absent = 0) => !_fields.TryGetValue(field, out object? value) ? absent : value as long? ?? throw Wrong(field, "a whole number");

    /// <summary>A whole number that counts or places something in a file.</summary>
    public int Count(int field) => Whole(field) is >= 0 and <= int.MaxValue and long count ? (int)count : throw Wrong(field, "a count");

    /// <summary>A text.</summary>
    public string Text(int field) => _fields.GetValueOrDefault(field) is ReadOnlyMemory<byte> bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : throw Wrong(field, "a text");

    /// <summary>A structure; null where the field is absent.</summary>
    public ThriftStruct? Struct(int field) => !_fields.TryGetValue(field, out object? value) ? null : value as ThriftStruct ?? throw Wrong(field, "a structure");

    /// <summary>A list of structures; empty where the field is absent.</summary>
    public IReadOnlyList<ThriftStruct> Structs(int field) => !_fields.TryGetValue(field, out object? value) ? []
        : value is List<object> list ? [.. list.Select(element => element as ThriftStruct ?? throw Wrong(field, "structures"))] : throw Wrong(field, "a list");

    private static InvalidDataException Wrong(int field, string expected) => new($"its field {field} holds something else than {expected}");
}

/// <summary>Reads structures.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="position">Where a structure begins.</param>
internal sealed class ThriftReader(ReadOnlyMemory<byte> bytes, int position)
{
    /// <summary>Structures within each other; parquet's own are five deep.</summary>
    private const int MaxDepth = 16;

    private const int True = 1, False = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12;

    /// <summary>Behind what was read.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Reads a structure.</summary>
    /// <exception cref="InvalidDataException">The bytes are none; the message is a clause.</exception>
    public ThriftStruct Read() => ReadStruct(0);

    private ThriftStruct ReadStruct(int depth)
    {
        if (depth > MaxDepth) throw new InvalidDataException($"it has more than {MaxDepth} structures within each other");
        var read = new ThriftStruct();
        int field = 0;
        while (true)
        {
            int head = Next();
            if (head == 0) return read;
            field = head >> 4 is var step and not 0 ? field + step : (int)ZigZag();
            int type = head & 15;
            read.Set(field, type is True or False ? type == True ? 1L : 0L : Value(type, depth));
        }
    }

    private object Value(int type, int depth) => type switch
    {
        True or False => Next() == 1 ? 1L : 0L,
        Byte => (long)(sbyte)Next(),
        Int16 or Int32 or Int64 => ZigZag(),
        Double => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(double)).Span),
        Binary => Take(Length()),
        List or Set => ReadList(depth + 1),
        Map => ReadMap(depth + 1),
        Struct => ReadStruct(depth + 1),
        _ => throw new InvalidDataException($"it has a field of the type {type}, which is unknown"),
    };

    private List<object> ReadList(int depth)
    {
        if (depth > MaxDepth) throw new InvalidDataException($"it has more than {MaxDepth} lists within each other");
        int head = Next();
        int count = head >> 4 is var few and not 15 ? few : Length();
        var list = new List<object>();
        for (int i = 0; i < count; i++) list.Add(Value(head & 15, depth));
        return list;
    }

    private List<object> ReadMap(int depth)
    {
        if (depth > MaxDepth) throw new InvalidDataException($"it has more than {MaxDepth} maps within each other");
        int count = Length();
        var list = new List<object>();
        if (count == 0) return list;
        int types = Next();
        for (int i = 0; i < count; i++)
        {
            list.Add(Value(types >> 4, depth));
            list.Add(Value(types & 15, depth));
        }
        return list;
    }

    /// <summary>A length of bytes or elements, each of which takes a byte at least.</summary>
    private int Length() => VarInt() is var length && length <= (ulong)(bytes.Length - Position) ? (int)length : throw new InvalidDataException("it goes on behind its end");

    private long ZigZag() => VarInt() is var value ? (long)(value >> 1) ^ -(long)(value & 1) : 0;

    private ulong VarInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = Next();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
        throw new InvalidDataException("it has a whole number of more than 64 bits");
    }

    private int Next() => Take(1).Span[0];

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (Position < 0 || Position > bytes.Length - count) throw new InvalidDataException("it goes on behind its end");
        Position += count;
        return bytes.Slice(Position - count, count);
    }
}
