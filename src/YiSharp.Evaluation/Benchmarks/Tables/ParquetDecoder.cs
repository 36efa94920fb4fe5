using System.Buffers.Binary;
using System.Text;

namespace YiSharp.Evaluation;

/// <summary>Decodes what stands in pages: levels, numbers of dictionary entries, values.</summary>
/// <remarks>https://parquet.apache.org/docs/file-format/data-pages/encodings</remarks>
/// <param name="bytes">The bytes, from which values are taken one behind the other.</param>
internal ref struct ParquetDecoder(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes with their length, in four bytes, before them.</summary>
    public ReadOnlySpan<byte> Prefixed() => Take(BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int))));

    /// <summary>Levels or entries' numbers: runs of one number, and numbers packed to their bits.</summary>
    /// <param name="width">Bits of a number.</param>
    /// <param name="count">How many numbers.</param>
    public int[] Hybrid(int width, int count)
    {
        if (width is < 0 or > 32) throw new InvalidDataException($"a page has numbers of {width} bits");
        var numbers = new int[count];
        int done = 0;
        while (done < count)
        {
            uint head = VarInt();
            if (head == 0) throw new InvalidDataException("a page has a run of no numbers");
            done += (head & 1) == 0 ? Repeat(numbers.AsSpan(done), head >> 1, (width + 7) / 8) : Unpack(numbers.AsSpan(done), head >> 1, width);
        }
        return numbers;
    }

    /// <summary>Values as they are.</summary>
    /// <param name="type">A <see cref="ParquetColumn.Type"/> that is read.</param>
    /// <param name="count">How many.</param>
    public object?[] Plain(int type, int count)
    {
        if (count > _bytes.Length / (type == ParquetColumn.Int64 ? sizeof(long) : sizeof(int))) throw new InvalidDataException("a page is shorter than its values");
        var values = new object?[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = type switch
            {
                ParquetColumn.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int))),
                ParquetColumn.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long))),
                _ => Text(Prefixed()),
            };
        }
        return values;
    }

    /// <summary>One byte.</summary>
    public int Byte() => Take(1)[0];

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new InvalidDataException("a text is not UTF-8");

    private int Repeat(Span<int> numbers, uint count, int size)
    {
        uint number = 0;
        ReadOnlySpan<byte> stored = Take(size);
        for (int i = 0; i < size; i++) number |= (uint)stored[i] << (8 * i);
        int length = (int)Math.Min(count, (uint)numbers.Length);
        numbers[..length].Fill((int)number);
        return length;
    }

    /// <summary>Groups of eight numbers, each group in as many bytes as a number has bits; of the last group some may be missing.</summary>
    private int Unpack(Span<int> numbers, uint groups, int width)
    {
        long length = Math.Min(8L * groups, numbers.Length);
        ReadOnlySpan<byte> packed = Take((int)Math.Min((long)groups * width, Math.Max(_bytes.Length, (length * width + 7) / 8)));
        for (int i = 0; i < length; i++)
        {
            uint number = 0;
            for (int bit = 0; bit < width; bit++)
            {
                long place = (long)i * width + bit;
                number |= (uint)((packed[(int)(place >> 3)] >> (int)(place & 7)) & 1) << bit;
            }
            numbers[i] = (int)number;
        }
        return (int)length;
    }

    private uint VarInt()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            int next = Byte();
            value |= (uint)(next & 127) << shift;
            if (next < 128) return value;
        }
        throw new InvalidDataException("a page has a run of more than 32 bits");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_bytes.Length) throw new InvalidDataException("a page ends within its values");
        ReadOnlySpan<byte> taken = _bytes[..count];
        _bytes = _bytes[count..];
        return taken;
    }
}
