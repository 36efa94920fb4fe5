using System.Text;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>A folder with benchmarks that a test writes, deleted afterwards.</summary>
internal sealed class BenchmarksFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("yi-benchmarks-").FullName;

    public void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Write(string name, byte[] bytes)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    public string MessageOf(string suite) => Assert.Throws<InvalidDataException>(() => BenchmarkData.Open(Path).Read(suite)).Message;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
