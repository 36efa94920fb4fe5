using System.IO.Compression;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>A page of a column: its header, and its bytes unpacked.</summary>
/// <param name="Header">The header.</param>
/// <param name="Levels">The levels of a page of the second version, which are never packed.</param>
/// <param name="Body">What comes behind.</param>
internal readonly record struct ParquetPage(ThriftStruct Header, ReadOnlyMemory<byte> Levels, ReadOnlyMemory<byte> Body)
{
    /// <summary>Kinds of pages.</summary>
    public const int Data = 0, Dictionary = 2, DataV2 = 3;

    private const int Uncompressed = 0, Snappy = 1, Gzip = 2, Brotli = 4, Zstandard = 6;

    /// <summary>What kind of page it is.</summary>
    public long Kind => Header.Whole(1);

    /// <summary>Reads the page at a place.</summary>
    /// <param name="file">The file.</param>
    /// <param name="position">Where the page begins; afterwards, where the next does.</param>
    /// <param name="codec">How its bytes are packed.</param>
    /// <param name="room">How many bytes it may unpack to.</param>
    /// <exception cref="InvalidDataException">It is damaged, or too large; the message is a clause.</exception>
    /// <exception cref="NotSupportedException">It is packed in a way that is not read; the message is a clause.</exception>
    public static ParquetPage Read(ReadOnlyMemory<byte> file, ref int position, int codec, long room)
    {
        var reader = new ThriftReader(file, position);
        ThriftStruct header = reader.Read();
        int unpacked = header.Count(2);
        int packed = header.Count(3);
        if (packed > file.Length - reader.Position) throw new InvalidDataException("a page goes on behind the file's end");
        if (unpacked > room) throw new InvalidDataException($"its pages unpack to more than the {room:N0} bytes that a file of {file.Length:N0} may");
        ReadOnlyMemory<byte> bytes = file.Slice(reader.Position, packed);
        position = reader.Position + packed;

        int levels = header.Struct(8) is { } second ? second.Count(5) + second.Count(6) : 0;
        if (levels < 0 || levels > Math.Min(packed, unpacked)) throw new InvalidDataException("a page's levels are longer than it is");
        bool isPacked = header.Struct(8)?.Whole(7, 1) != 0;
        return new ParquetPage(header, bytes[..levels], Unpack(bytes[levels..], isPacked ? codec : Uncompressed, unpacked - levels));
    }

    private static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> packed, int codec, int length)
    {
        if (codec == Uncompressed) return packed.Length == length ? packed : throw new InvalidDataException($"a page has {Sizes.Of(packed.Length, "byte", "bytes")}, and its header says {length}");
        if (codec is not (Snappy or Gzip or Brotli or Zstandard)) throw new NotSupportedException($"is packed with parquet's codec {codec}; expected Snappy, gzip, Brotli, Zstandard or none");
        if (length == 0) return default;
        var bytes = new byte[length];
        return Unpack(packed, codec, bytes) == length ? bytes : throw new InvalidDataException($"a page does not unpack to the {length} bytes that its header says");
    }

    /// <summary>How many bytes were written; −1 where the packed ones are damaged.</summary>
    private static int Unpack(ReadOnlyMemory<byte> packed, int codec, byte[] bytes)
    {
        try
        {
            return codec switch
            {
                // The library makes room for what the bytes themselves say that they unpack to.
                Snappy when Snappier.Snappy.GetUncompressedLength(packed.Span) != bytes.Length => -1,
                Snappy => Snappier.Snappy.TryDecompress(packed.Span, bytes, out int count) ? count : -1,
                Brotli => BrotliDecoder.TryDecompress(packed.Span, bytes, out int count) ? count : -1,
                Gzip => Inflate(packed, bytes),
                _ => Unzstandard(packed.Span, bytes),
            };
        }
        catch (Exception e) when (e is not OutOfMemoryException) // Each library has exceptions of its own for damage.
        {
            return -1;
        }
    }

    private static int Inflate(ReadOnlyMemory<byte> packed, byte[] bytes)
    {
        using var stream = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
    }

    private static int Unzstandard(ReadOnlySpan<byte> packed, byte[] bytes)
    {
        using var unpacker = new ZstdSharp.Decompressor();
        return unpacker.TryUnwrap(packed, bytes, out int written) ? written : -1;
    }
}
