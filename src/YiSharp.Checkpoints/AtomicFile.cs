using System.Text;

namespace YiSharp.Checkpoints;

/// <summary>
/// Writes files whole or not at all: to <c>.NAME.partial</c> beside, flushed to disk, then renamed. An interrupted write leaves the old
/// file as it was, and its partial file is overwritten by the next one.
/// </summary>
public static class AtomicFile
{
    /// <summary>How the name of a file that is not yet complete ends.</summary>
    internal const string PartialSuffix = ".partial";

    private const int BufferBytes = 1 << 20;

    /// <summary>Writes a file with what <paramref name="write"/> puts into the stream, in a folder that is made where it is missing; an exception leaves the old file.</summary>
    /// <remarks>Of a link what it names is written, and the link stays.</remarks>
    /// <exception cref="ArgumentException">Something stands there that is no file, such as a pipe, a device or a folder.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Target(path);
        string partial = PartialPath(full);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, full, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text));

    /// <summary>Writes bytes.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        Write(path, stream => stream.Write(copy));
    }

    /// <summary>Refuses a path at which no file can be written, before the work that fills it.</summary>
    /// <exception cref="ArgumentException">Something stands there that is no file, such as a pipe, a device or a folder.</exception>
    public static void RequireFile(string path)
    {
        if (FileKind.IsSpecial(path)) throw new ArgumentException($"{path} is a pipe, a device or a socket, which cannot be written whole or not at all; a file was expected. Give another path.");
        if (Directory.Exists(path)) throw new ArgumentException($"{path} is a folder; a file was expected. Give the name of a file in it.");
    }

    private static string Target(string path)
    {
        RequireFile(path);
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>Where a file or folder stands until it is complete.</summary>
    internal static string PartialPath(string fullPath) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(fullPath) ?? throw new ArgumentException($"{fullPath} is no path of a file."), $".{System.IO.Path.GetFileName(fullPath)}{PartialSuffix}");
}
