namespace YiSharp.Cli;

/// <summary>Folders that a command fills.</summary>
internal static class OutputFolder
{
    /// <summary>Refuses, before the work, a folder that cannot be, since it, or one above it, is a file, or in which nothing can be written. Leaves nothing behind.</summary>
    /// <param name="option">What names it on the command line.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="UsageException">It cannot be.</exception>
    public static void Require(string option, string folder)
    {
        if (folder.Length == 0) throw new UsageException($"{option} is empty; the name of a folder was expected.");
        string full = Path.GetFullPath(folder);
        string? at = full;
        for (; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(at)) throw new UsageException($"{option} {folder} {(at == full ? "is a file" : $"lies in {at}, which is a file")}; a folder was expected, made where it is missing. Give another.");
        }
        try
        {
            using var probe = new FileStream(Path.Combine(at ?? full, $".yi-{Guid.NewGuid():N}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} {folder} cannot be written to; a folder in which files can be made was expected. Give another.");
        }
    }
}
