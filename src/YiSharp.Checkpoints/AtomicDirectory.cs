namespace YiSharp.Checkpoints;

/// <summary>
/// Writes a folder whole or not at all: fill <see cref="PartialPath"/>, then <see cref="Commit"/>. Disposing without a commit leaves
/// what was there before; an interrupted write's partial folder is emptied by the next one.
/// </summary>
public sealed class AtomicDirectory : IDisposable
{
    private readonly string _previous;
    private bool _done;

    /// <summary>Begins a folder that will stand at <paramref name="path"/>, in place of the model or adapter that is there.</summary>
    /// <exception cref="ArgumentException">Something else is there.</exception>
    public AtomicDirectory(string path)
    {
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (File.Exists(Path)) throw new ArgumentException($"{Path} is a file; a folder is to be written there. Move it away or name another folder.");
        PartialPath = AtomicFile.PartialPath(Path);
        _previous = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $".{System.IO.Path.GetFileName(Path)}.previous");
        // A commit that was interrupted between its two renames left the old folder here.
        if (Directory.Exists(_previous))
        {
            if (Directory.Exists(Path)) Directory.Delete(_previous, recursive: true);
            else Directory.Move(_previous, Path);
        }
        RequireReplaceable(Path);
        if (Directory.Exists(PartialPath)) Directory.Delete(PartialPath, recursive: true);
        Directory.CreateDirectory(PartialPath);
    }

    /// <summary>Where the folder will stand.</summary>
    public string Path { get; }

    /// <summary>Where it stands until it is complete.</summary>
    public string PartialPath { get; }

    /// <summary>Puts the folder in its place.</summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_done, this);
        if (Directory.Exists(Path)) Directory.Move(Path, _previous);
        Directory.Move(PartialPath, Path);
        if (Directory.Exists(_previous)) Directory.Delete(_previous, recursive: true);
        _done = true;
    }

    /// <summary>Only a folder of a model or an adapter is replaced: a slip in a path must not cost anyone another folder.</summary>
    private static void RequireReplaceable(string path)
    {
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any()) return;
        bool isOurs = Directory.EnumerateFiles(path).Any(f => System.IO.Path.GetFileName(f) is "config.json" or "adapter_config.json" or "quantization.json" || f.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase));
        if (!isOurs || Directory.EnumerateDirectories(path).Any() || Directory.EnumerateFiles(path).Any(f => !IsOfAModel(System.IO.Path.GetFileName(f))))
        {
            throw new ArgumentException($"{path} holds other things than one model or adapter and would be replaced; name a folder that is empty or does not exist yet.");
        }
    }

    private static bool IsOfAModel(string name) =>
        System.IO.Path.GetExtension(name) is ".safetensors" or ".gguf" or ".json" or ".md" or ".jinja" or ".model" or ".bin"
        || name is "merges.txt" or "vocab.txt" or "LICENSE" or "LICENSE.txt" or "NOTICE" or "USE_POLICY.md" or ".gitattributes";

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_done) return;
        _done = true;
        if (Directory.Exists(PartialPath)) Directory.Delete(PartialPath, recursive: true);
    }
}
