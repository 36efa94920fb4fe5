using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A file of packed weights, mapped read-only. Whoever has it open holds a shared lock on it, so that nobody prunes it meanwhile.</summary>
internal sealed class PackedFile : IDisposable
{
    /// <summary>Pieces whose checksums are looked at when a file is opened: the first, the last, and some between.</summary>
    private const int SampleCount = 32;

    private readonly MappedFile _file;

    private PackedFile(MappedFile file, PackedHeader header) => (_file, Header) = (file, header);

    /// <summary>What the file says of itself.</summary>
    public PackedHeader Header { get; }

    /// <summary>The file's bytes.</summary>
    public TensorMemory Memory => _file.Memory;

    /// <summary>Where the file lies.</summary>
    public string Path => _file.Path;

    /// <summary>Opens a file whose header is whole.</summary>
    /// <exception cref="InvalidDataException">It is no such file, of another version, cut off or damaged.</exception>
    /// <exception cref="IOException">It is absent, or somebody is writing it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static PackedFile Open(string path)
    {
        FileStream stream = OpenStream(path);
        try
        {
            PackedHeader header = PackedHeader.Read(stream);
            return new PackedFile(MappedFile.Map(path, stream), header);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that holds what a table says, and looks at samples of it.</summary>
    /// <exception cref="InvalidDataException">As above, or it holds something else.</exception>
    public static PackedFile Open(string path, PackedTable expected)
    {
        PackedFile file = Open(path);
        try
        {
            PackedTable table = file.Header.Table;
            if (table.Key != expected.Key || !table.Tensors.SequenceEqual(expected.Tensors)) throw new InvalidDataException("of other weights");
            long last = file.Header.Checksums.Length - 1;
            for (int i = 0; i <= Math.Min(SampleCount, last); i++) file.RequireSound(last * i / Math.Max(1, Math.Min(SampleCount, last)));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The header of a file, which is not mapped.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Open(string)"/>; so the others.</exception>
    public static PackedHeader ReadHeader(string path)
    {
        using FileStream stream = OpenStream(path);
        return PackedHeader.Read(stream);
    }

    /// <summary>Reads all of it through.</summary>
    /// <exception cref="InvalidDataException">A piece is not what was written.</exception>
    public void RequireSound(Action<long, long>? progress, CancellationToken cancellation)
    {
        for (long piece = 0; piece < Header.Checksums.Length; piece++)
        {
            cancellation.ThrowIfCancellationRequested();
            RequireSound(piece);
            Memory.Release(Header.DataStart + piece * PackedHeader.PieceBytes, Header.LengthOf(piece));
            progress?.Invoke(piece + 1, Header.Checksums.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void RequireSound(long piece)
    {
        long offset = Header.DataStart + piece * PackedHeader.PieceBytes;
        if (PieceChecksums.Of(Memory.Slice(offset, Header.LengthOf(piece))) == Header.Checksums[piece]) return;
        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"damaged between bytes {offset} and {offset + Header.LengthOf(piece)}"));
    }

    private static FileStream OpenStream(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
}
