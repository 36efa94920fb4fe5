namespace YiSharp.Checkpoints;

/// <summary>Where a path leads once every link in it is followed, as the operating system follows them: part by part from the root.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The full path without links in any of its parts, and without a separator at its end.</summary>
    /// <exception cref="InvalidDataException">Links that lead to each other.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        string current = Path.TrimEndingDirectorySeparator(full);
        for (int links = 0; links <= MaxLinks; links++)
        {
            if (FirstLink(current) is not (string link, string target)) return current;
            string rest = Path.GetRelativePath(link, current);
            string resolved = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, Path.GetDirectoryName(link)!));
            current = rest == "." ? resolved : Path.Combine(resolved, rest);
        }
        throw new InvalidDataException($"{full} goes through more than {MaxLinks} links; a file or folder was expected. Remove the links that lead to each other.");
    }

    /// <summary>The first part of a path that is a link, and what it points to.</summary>
    private static (string Link, string Target)? FirstLink(string path)
    {
        string current = Path.GetPathRoot(path)!;
        foreach (string part in path[current.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            current = Path.Combine(current, part);
            if (new FileInfo(current).LinkTarget is string target) return (current, target);
        }
        return null;
    }
}
