using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// Writes a file of packed weights tensor by tensor, under a name that nobody reads, and renames it when it is whole and on the disk. An interrupted one is written over by
/// the next; while it is being written, others cannot open it.
/// </summary>
internal sealed class PackedFileWriter : IDisposable
{
    private const int StepBytes = 1 << 24;

    private readonly string _path;
    private readonly PackedHeader _header;
    private readonly PieceChecksums _checksums;
    private readonly FileStream _stream;
    private bool _isDone;

    /// <summary>Takes the room on the disk for a file.</summary>
    /// <exception cref="IOException">The disk has no room, or another program writes the same file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public PackedFileWriter(string path, PackedHeader header)
    {
        (_path, _header, _checksums) = (path, header, new PieceChecksums(header.Checksums));
        _stream = new FileStream(PartialPath, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            // An exclusive lock, under which the file can still be renamed.
            Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            BufferSize = 0,
            PreallocationSize = header.LengthBytes,
        });
        _stream.Position = header.DataStart;
    }

    private string PartialPath => AtomicFile.PartialPath(_path);

    /// <summary>Writes the next bytes, from the beginning of <paramref name="memory"/>, behind zeros up to where they belong.</summary>
    public void Write(PackedTensor tensor, TensorMemory memory, CancellationToken cancellation)
    {
        int gap = checked((int)(_header.DataStart + tensor.Offset - _stream.Position));
        Write(new byte[gap]);
        for (long offset = 0; offset < tensor.Bytes; offset += StepBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            Write(memory.Slice(offset, (int)Math.Min(StepBytes, tensor.Bytes - offset)));
        }
    }

    /// <summary>Writes the header, waits for the disk, and gives the file its name.</summary>
    public void Finish()
    {
        _stream.Position = 0;
        _stream.Write(_header.ToBytes());
        _stream.Flush(flushToDisk: true);
        // Renamed while the lock is held: nobody can begin to write it anew under a name that is about to be read.
        File.Move(PartialPath, _path, overwrite: true);
        _isDone = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDone) Discard();
        _stream.Dispose();
    }

    private void Discard()
    {
        try
        {
            File.Delete(PartialPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is written over by the next one.
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _checksums.Add(bytes);
    }
}
