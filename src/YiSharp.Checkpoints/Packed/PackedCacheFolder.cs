using System.Buffers;

namespace YiSharp.Checkpoints;

/// <summary>The files of a cache in their folder: named, listed and deleted. No other file is ever touched.</summary>
/// <param name="path">The folder, which need not exist.</param>
internal sealed class PackedCacheFolder(string path)
{
    private const int NameDigits = 32;
    private const string Prefix = "yisharp-", Suffix = ".packed";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The file of a key.</summary>
    public string PathOf(string key) => System.IO.Path.Combine(Path, $"{Prefix}{key[..NameDigits]}{Suffix}");

    /// <summary>Bytes that the disk has for more.</summary>
    public long FreeBytes() => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Notes that a file was used, where that can be noted.</summary>
    public static void Touch(string file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that others fill is read all the same; only the order in which its files go is then that of writing.
        }
    }

    /// <summary>The files, the most recently used first.</summary>
    public IReadOnlyList<PackedCacheEntry> List() => [.. Files(IsName).Select(Describe).OrderByDescending(entry => entry.LastUsed).ThenBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>Deletes what is useless, what is too old, and of the rest the least recently used, until the bound holds.</summary>
    public IReadOnlyList<PrunedEntry> Prune(PruneOptions options)
    {
        foreach (FileInfo partial in Files(IsPartialName)) Delete(partial.FullName);
        DateTime? oldest = options.OlderThan is { } age ? DateTime.UtcNow - age : null;
        var pruned = new List<PrunedEntry>();
        long kept = 0;
        foreach (PackedCacheEntry entry in List())
        {
            bool isOver = options.MaxBytes is { } most && kept + entry.Bytes > most;
            bool goes = entry.Path != options.Except && (entry.WhyUseless is not null || entry.LastUsed < oldest || isOver);
            string? whyKept = goes ? Delete(entry.Path) : null;
            if (goes) pruned.Add(new PrunedEntry(entry, whyKept));
            if (entry.Path != options.Except && (!goes || whyKept is not null)) kept += entry.Bytes;
        }
        return pruned;
    }

    private IEnumerable<FileInfo> Files(Func<string, bool> isName)
    {
        try
        {
            var folder = new DirectoryInfo(Path);
            return folder.Exists ? [.. folder.EnumerateFiles().Where(file => file.LinkTarget is null && isName(file.Name))] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static PackedCacheEntry Describe(FileInfo file)
    {
        var entry = new PackedCacheEntry(file.FullName, file.Length, file.LastWriteTimeUtc, null, null, null);
        try
        {
            PackedTable table = PackedFile.ReadHeader(file.FullName).Table;
            return entry with { Key = table.Key, Model = table.Model, WhyUseless = table.IsOfFilesThatStand() ? null : "its model is gone or was changed" };
        }
        catch (Exception e) when (PackedCache.IsOfFiles(e))
        {
            return entry with { WhyUseless = e.Message };
        }
    }

    /// <summary>Deletes a file that nobody has open.</summary>
    /// <returns>Why it is still there, or null.</returns>
    private static string? Delete(string file)
    {
        try
        {
            // Readers hold a shared lock and writers an exclusive one; opening the file for oneself alone fails beside either.
            using var alone = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "it may not be deleted";
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return "it is in use";
        }
    }

    private static bool IsName(string name) =>
        name.Length == Prefix.Length + NameDigits + Suffix.Length
        && name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
        && name.AsSpan(Prefix.Length, NameDigits).IndexOfAnyExcept(Digits) < 0;

    private static bool IsPartialName(string name) =>
        name.Length > AtomicFile.PartialSuffix.Length && name.StartsWith('.') && name.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal) && IsName(name[1..^AtomicFile.PartialSuffix.Length]);
}
