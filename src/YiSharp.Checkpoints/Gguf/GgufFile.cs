namespace YiSharp.Checkpoints;

/// <summary>
/// A GGUF file, memory-mapped (ggml, docs/gguf.md): metadata, and where each tensor lies. Of a model split over several files any part
/// opens the whole; its metadata are those of the first.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private readonly IReadOnlyList<GgufHeader> _parts;

    private GgufFile(IReadOnlyList<GgufHeader> parts)
    {
        _parts = parts;
        Tensors = [.. parts.SelectMany(p => p.Tensors)];
    }

    /// <summary>Where the file lies; the first of several.</summary>
    public string Path => _parts[0].File.Path;

    /// <summary>Where each part lies, in order; one where the model is not split.</summary>
    public IReadOnlyList<string> Paths => [.. _parts.Select(p => p.File.Path)];

    /// <summary>The parts, in order.</summary>
    internal IReadOnlyList<MappedFile> Files => [.. _parts.Select(p => p.File)];

    /// <summary>Length of the file or of all parts, bytes.</summary>
    public long LengthBytes => _parts.Sum(p => p.File.Memory.LengthBytes);

    /// <summary>
    /// Metadata in the file's order. A value is a byte, sbyte, ushort, short, uint, int, ulong, long, float, double, bool, string, or a
    /// one-dimensional array of one of these.
    /// </summary>
    public IReadOnlyDictionary<string, object> Metadata => _parts[0].Metadata.Values;

    /// <summary>Tensors in the order of the files.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Tensors start at multiples of this many bytes.</summary>
    public int Alignment => _parts[0].Alignment;

    /// <summary>Maps a file, and the other parts where it is one of several, and reads their headers; tensors are not touched.</summary>
    /// <exception cref="InvalidDataException">A file is absent, cut off, damaged or inconsistent.</exception>
    /// <exception cref="NotSupportedException">A version or type that cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        var mapped = new List<MappedFile>();
        try
        {
            return new GgufFile(GgufParts.Open(path, mapped));
        }
        catch
        {
            foreach (MappedFile file in mapped) file.Dispose();
            throw;
        }
    }

    /// <summary>A string of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string? Text(string key) => _parts[0].Metadata.Text(key);

    /// <summary>A flag of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public bool? Flag(string key) => _parts[0].Metadata.Flag(key);

    /// <summary>Strings of the metadata, or null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string[]? Texts(string key) => _parts[0].Metadata.Texts(key);

    /// <summary>A whole number of the metadata, of any integer type, between bounds; null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else or outside of the bounds.</exception>
    public int? WholeNumber(string key, int min, int max) => _parts[0].Metadata.WholeNumber(key, min, max);

    /// <summary>A number of the metadata between bounds; null when absent.</summary>
    /// <exception cref="InvalidDataException">It is something else or outside of the bounds.</exception>
    public double? Number(string key, double min, double max) => _parts[0].Metadata.Number(key, min, max);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GgufHeader part in _parts) part.File.Dispose();
    }

    /// <summary>The error for metadata that cannot be.</summary>
    internal InvalidDataException Wrong(string key, string expected) => _parts[0].Metadata.Wrong(key, expected);

    /// <summary>A metadata value, shortened for a message.</summary>
    internal string Shown(string key) => _parts[0].Metadata.Shown(key);
}
