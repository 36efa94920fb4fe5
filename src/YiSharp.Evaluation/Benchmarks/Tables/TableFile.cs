using System.Text;

namespace YiSharp.Evaluation;

/// <summary>Tables in the formats that benchmarks come in.</summary>
internal static class TableFile
{
    /// <summary>A table's file is read as a whole; the largest published one has 4 MB.</summary>
    private const long MaxBytes = 256L << 20;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The formats, by how a file's name ends.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".csv", ".json", ".jsonl", ".parquet"];

    /// <summary>Reads the rows of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">What is in it.</param>
    /// <param name="columns">The columns of a csv that does not name them; null where it must.</param>
    /// <exception cref="InvalidDataException">The file is damaged; the message says where.</exception>
    public static IEnumerable<TableRow> Read(string path, byte[] bytes, IReadOnlyList<string>? columns) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".parquet" => ParquetTable.Read(path, bytes),
        ".csv" => CsvTable.Read(path, Text(path, bytes), columns),
        _ => JsonTable.Read(path, Text(path, bytes)),
    };

    /// <summary>A file's bytes.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or is much larger than any such file.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length <= MaxBytes) return File.ReadAllBytes(path);
            throw new InvalidDataException($"{path} has {length:N0} bytes; expected a benchmark's file, of at most {MaxBytes:N0}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Bytes as text, without the mark that some programs put before it.</summary>
    /// <exception cref="InvalidDataException">They are not UTF-8.</exception>
    public static string Text(string path, byte[] bytes)
    {
        try
        {
            return _strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            int line = 1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n');
            throw new InvalidDataException($"{path}, line {line}, is not UTF-8 (byte {e.Index}); expected a text in UTF-8: save it so.", e);
        }
    }
}
