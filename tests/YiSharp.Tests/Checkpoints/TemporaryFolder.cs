namespace YiSharp.Tests.Checkpoints;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("yisharp-").FullName;
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Copies every file of a folder here.</summary>
    public TemporaryFolder CopyOf(string source)
    {
        foreach (string file in Directory.GetFiles(source)) File.Copy(file, this[System.IO.Path.GetFileName(file)]);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
