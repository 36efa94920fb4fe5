namespace YiSharp.Cli;

/// <summary>Folders that a command fills.</summary>
internal static class OutputFolder
{
    /// <summary>Refuses, before the work, a folder that cannot be: it, or one above it, is a file. Makes nothing.</summary>
    /// <param name="option">What names it on the command line.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="UsageException">It cannot be.</exception>
    public static void Require(string option, string folder)
    {
        string full = Path.GetFullPath(folder);
        for (string? at = full; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(at)) throw new UsageException($"{option} {folder} {(at == full ? "is a file" : $"lies in {at}, which is a file")}; a folder was expected, made where it is missing. Give another.");
        }
    }
}
