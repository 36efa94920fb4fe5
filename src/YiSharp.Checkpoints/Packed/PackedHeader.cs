using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// The beginning of a file of packed weights, little-endian:
/// <code>
/// 0    u8[8]   "YiPacked"
/// 8    u32     version of this layout, 1
/// 12   u32     version of the packed form
/// 16   u32     N, length of the table
/// 20   u32     P, bytes of a piece that has a checksum of its own
/// 24   u64     length of the file
/// 32   u8[32]  SHA-256 of bytes 0 to 31, the table and the checksums
/// 64   N       the table, JSON
/// …    u32[]   CRC-32C of each piece of the data
/// …            zeros to a multiple of 4096, then the data
/// </code>
/// </summary>
internal sealed class PackedHeader
{
    /// <summary>Bytes of a piece: small enough to look at a few, large enough that checksums are a 65,536th of the file.</summary>
    public const int PieceBytes = 1 << 18;

    private const uint Version = 1;
    private const int PreambleBytes = 64, HashOffset = 32;
    private const int PageBytes = 4096;
    private const int MaxTableBytes = 64 << 20;

    private readonly byte[] _table;

    /// <summary>The header of a file with this table, its checksums still unset.</summary>
    public PackedHeader(PackedTable table) : this(table, JsonSerializer.SerializeToUtf8Bytes(table, PackedTableJson.Default.PackedTable)) { }

    private PackedHeader(PackedTable table, byte[] json)
    {
        (Table, _table) = (table, json);
        Checksums = new uint[(DataBytes + PieceBytes - 1) / PieceBytes];
        DataStart = (PreambleBytes + json.Length + sizeof(uint) * Checksums.LongLength + PageBytes - 1) / PageBytes * PageBytes;
    }

    private static ReadOnlySpan<byte> Magic => "YiPacked"u8;

    /// <summary>What the file holds.</summary>
    public PackedTable Table { get; }

    /// <summary>Of each piece of the data.</summary>
    public uint[] Checksums { get; }

    /// <summary>Where the data begin, bytes from the file's start.</summary>
    public long DataStart { get; }

    /// <summary>Length of the data.</summary>
    public long DataBytes => Table.DataBytes;

    /// <summary>Length of the file.</summary>
    public long LengthBytes => DataStart + DataBytes;

    /// <summary>Length of a piece; the last may be shorter.</summary>
    public int LengthOf(long piece) => (int)Math.Min(PieceBytes, DataBytes - piece * PieceBytes);

    /// <summary>The header as it stands in the file, [<see cref="DataStart"/>].</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[DataStart];
        Span<byte> all = bytes;
        Magic.CopyTo(all);
        BinaryPrimitives.WriteUInt32LittleEndian(all[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(all[12..], PackedForm.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(all[16..], (uint)_table.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(all[20..], PieceBytes);
        BinaryPrimitives.WriteInt64LittleEndian(all[24..], LengthBytes);
        _table.CopyTo(all[PreambleBytes..]);
        for (int i = 0; i < Checksums.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(all[(PreambleBytes + _table.Length + sizeof(uint) * i)..], Checksums[i]);
        HashOf(all, _table.Length, Checksums.Length).CopyTo(all[HashOffset..]);
        return bytes;
    }

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="InvalidDataException">It is no such file, of another version, cut off or damaged: a few words that say which.</exception>
    public static PackedHeader Read(FileStream file)
    {
        Span<byte> preamble = stackalloc byte[PreambleBytes];
        if (file.ReadAtLeast(preamble, PreambleBytes, throwOnEndOfStream: false) < PreambleBytes || !preamble.StartsWith(Magic)) throw new InvalidDataException("no file of packed weights");
        (uint version, uint form) = (BinaryPrimitives.ReadUInt32LittleEndian(preamble[8..]), BinaryPrimitives.ReadUInt32LittleEndian(preamble[12..]));
        if (version != Version || form != PackedForm.Version) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"of version {version}.{form}, not {Version}.{PackedForm.Version}"));
        uint tableBytes = BinaryPrimitives.ReadUInt32LittleEndian(preamble[16..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(preamble[24..]);
        if (length != file.Length) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"cut off: {file.Length} of {length} bytes"));
        if (tableBytes > Math.Min(MaxTableBytes, length - PreambleBytes)) throw Damaged();

        var json = new byte[tableBytes];
        file.ReadExactly(json);
        var header = new PackedHeader(Parse(json, length), json);
        if (header.LengthBytes != length) throw Damaged();
        var bytes = new byte[PreambleBytes + json.Length + sizeof(uint) * header.Checksums.Length];
        preamble.CopyTo(bytes);
        json.CopyTo(bytes, PreambleBytes);
        file.ReadExactly(bytes.AsSpan(PreambleBytes + json.Length));
        if (!HashOf(bytes, json.Length, header.Checksums.Length).AsSpan().SequenceEqual(preamble[HashOffset..])) throw Damaged();
        for (int i = 0; i < header.Checksums.Length; i++) header.Checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(PreambleBytes + json.Length + sizeof(uint) * i));
        return header;
    }

    private static PackedTable Parse(byte[] json, long mostBytes)
    {
        try
        {
            PackedTable table = JsonSerializer.Deserialize(json, PackedTableJson.Default.PackedTable) ?? throw Damaged();
            return table.DataBytes >= 0 && table.DataBytes <= mostBytes ? table : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private static byte[] HashOf(ReadOnlySpan<byte> bytes, int tableBytes, int checksumCount)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes[..HashOffset]);
        hash.AppendData(bytes.Slice(PreambleBytes, tableBytes + sizeof(uint) * checksumCount));
        return hash.GetHashAndReset();
    }

    private static InvalidDataException Damaged() => new("damaged in its header");
}
