namespace YiSharp.Checkpoints;

/// <summary>
/// A folder with a model's files. Files are given out only when they lie in it: a link may point inside the folder, or, in
/// Hugging Face's cache (<c>models--…/snapshots/REVISION</c>), into the <c>blobs</c> folder that the cache keeps beside.
/// </summary>
internal sealed class ModelFolder
{
    private readonly string[] _roots;

    /// <summary>Looks at a folder that exists.</summary>
    public ModelFolder(string path)
    {
        Path = path;
        string real = RealPath.Of(path);
        string? snapshots = System.IO.Path.GetDirectoryName(real);
        _roots = System.IO.Path.GetFileName(snapshots) == "snapshots"
            ? [real, System.IO.Path.Combine(System.IO.Path.GetDirectoryName(snapshots)!, "blobs")]
            : [real];
        try
        {
            Names = [.. Directory.EnumerateFiles(path).Select(f => System.IO.Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} could not be listed: {e.Message} Check that it may be read.", e);
        }
    }

    /// <summary>The folder as the caller named it.</summary>
    public string Path { get; }

    /// <summary>Names of the files in it, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Names that end in <paramref name="extension"/>.</summary>
    public IReadOnlyList<string> WithExtension(string extension) => [.. Names.Where(n => n.EndsWith(extension, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The path of a file, or null when it is absent.</summary>
    /// <exception cref="InvalidDataException">The name or a link leads out of the folder.</exception>
    public string? Find(string name)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny("/\\:\0") >= 0 || name is "." or "..")
        {
            throw new InvalidDataException($"{Path} refers to a file \"{name}\"; names of files in the folder itself were expected, without a path. Correct the file that names it.");
        }
        string path = System.IO.Path.Combine(Path, name);
        if (Directory.Exists(path)) throw new InvalidDataException($"{path} is a folder; a file was expected there. Fetch the model again.");
        if (!File.Exists(path)) return null;
        string real = RealPath.Of(path);
        if (!_roots.Any(root => real.StartsWith(root + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"{path} is a link to {real}, outside of the model's folder; files in the folder were expected. Copy the file into it.");
        }
        var info = new FileInfo(real);
        if (!info.Exists) throw new InvalidDataException($"{path} is a link to nothing; a file was expected there. Fetch it.");
        // Pipes and devices have no length either, and reading a pipe would wait for a writer.
        if (info.Length == 0) throw new InvalidDataException($"{path} is empty or no plain file; a file with something in it was expected. Fetch it again.");
        return path;
    }

    /// <summary>The path of a file that must be there.</summary>
    /// <exception cref="InvalidDataException">It is absent, or the name or a link leads out of the folder.</exception>
    public string Require(string name) => Find(name) ?? throw new InvalidDataException($"{Path} has no {name}. Fetch it.");

    /// <summary>The .gguf file of a folder that holds one model in that form, any part of one that is split; null where there is none.</summary>
    /// <exception cref="InvalidDataException">There are several models, or a link leads nowhere or out of the folder.</exception>
    public string? FindGguf()
    {
        IReadOnlyList<string> names = WithExtension(".gguf");
        if (names.Count > 1 && !GgufParts.AreOneModel(names))
        {
            throw new InvalidDataException($"{Path} holds {names.Count} .gguf files: {SafetensorsWeights.List(names)}; exactly one, or the parts of one model, was expected. Name the one to open.");
        }
        string[] paths = [.. names.Select(Require)];
        return paths.Length == 0 ? null : paths[0];
    }

    /// <summary>Reads a JSON file, or gives null when it is absent.</summary>
    public JsonFile? Json(string name) => Find(name) is string path ? JsonFile.Read(path) : null;
}
