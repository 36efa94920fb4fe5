using System.IO.MemoryMappedFiles;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A file mapped read-only into memory: nothing is read before it is touched, and nothing is copied.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private bool _disposed;

    private MappedFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, long lengthBytes)
    {
        Path = path;
        _file = file;
        _view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Memory = TensorMemory.LendMapped(pointer + view.PointerOffset, lengthBytes, this);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>The file's bytes.</summary>
    public TensorMemory Memory { get; }

    /// <summary>Maps a file that is not empty.</summary>
    /// <exception cref="InvalidDataException">The file is absent, empty or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            var info = new FileInfo(RealPath.Of(path));
            if (!info.Exists) throw new InvalidDataException($"{path} does not exist or is not a file; a file of weights was expected there.");
            // Also keeps devices and pipes out: their length is 0, and opening a pipe would wait for a writer.
            if (info.Length == 0) throw new InvalidDataException($"{path} is empty; a file of weights was expected. The download may have failed: fetch it again.");

            return Map(path, new FileStream(info.FullName, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidDataException($"{path} could not be opened: {e.Message} Check that it exists and may be read.", e);
        }
    }

    /// <summary>Maps a file that is open for reading and not empty, and takes the stream over.</summary>
    public static MappedFile Map(string path, FileStream stream)
    {
        long length = stream.Length;
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        return new MappedFile(path, file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Memory.Dispose();
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
