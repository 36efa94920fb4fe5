using YiSharp.Checkpoints;
using YiSharp.Quantization;

namespace YiSharp.Tests.Checkpoints;

/// <summary>Files and folders are written whole or not at all, and nothing else is lost.</summary>
public sealed class AtomicTests
{
    [Fact]
    public void File_is_replaced_whole_and_kept_when_writing_fails()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteAllText(folder["deep/er/a.txt"], "one 嗯");
        AtomicFile.WriteAllText(folder["deep/er/a.txt"], "two");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["deep/er/a.txt"], stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException("midway");
        }));
        Assert.Equal("two", File.ReadAllText(folder["deep/er/a.txt"]));
        Assert.Single(Directory.GetFileSystemEntries(folder["deep/er"]));
    }

    [Fact]
    public void Folder_stands_only_after_commit_and_interrupted_ones_are_cleared()
    {
        using var folder = new TemporaryFolder();
        using (var first = new AtomicDirectory(folder["m"]))
        {
            File.WriteAllText(Path.Combine(first.PartialPath, "config.json"), "1");
            Assert.False(Directory.Exists(folder["m"]));
            first.Commit();
        }
        using (var second = new AtomicDirectory(folder["m"])) File.WriteAllText(Path.Combine(second.PartialPath, "config.json"), "2");
        Assert.Equal("1", File.ReadAllText(folder["m/config.json"]));

        // What an interruption between the two renames of a commit leaves.
        Directory.Move(folder["m"], folder[".m.previous"]);
        Directory.CreateDirectory(folder[".m.partial"]);
        File.WriteAllText(folder[".m.partial/half"], "");
        using (var third = new AtomicDirectory(folder["m"]))
        {
            Assert.Equal("1", File.ReadAllText(folder["m/config.json"]));
            File.WriteAllText(Path.Combine(third.PartialPath, "config.json"), "3");
            third.Commit();
        }
        Assert.Equal("3", File.ReadAllText(folder["m/config.json"]));
        Assert.Equal([folder["m"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Other_people_s_folders_and_files_are_never_replaced()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["photos"]);
        File.WriteAllText(folder["photos/a.jpg"], "x");
        Directory.CreateDirectory(folder["models/one"]);
        File.WriteAllText(folder["models/config.json"], "x");
        foreach (string name in (string[])["photos", "models", "photos/a.jpg"]) Assert.Throws<ArgumentException>(() => new AtomicDirectory(folder[name]));
        Assert.True(File.Exists(folder["photos/a.jpg"]) && Directory.Exists(folder["models/one"]));
    }

    [Fact]
    public void Model_that_is_read_is_not_written_over()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        Directory.CreateSymbolicLink(folder.Path + "-link", folder.Path);
        try
        {
            using Checkpoint source = Checkpoint.Open(folder.Path);
            Assert.Contains("the model that is read", Assert.Throws<ArgumentException>(() => HuggingFaceWriter.Write(folder.Path + "-link", source)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => RoundToNearest.Quantize(source, folder.Path + "/", new QuantizationOptions { Bits = 8 }));
        }
        finally
        {
            Directory.Delete(folder.Path + "-link");
        }
        using var other = new TemporaryFolder();
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), other["m.gguf"]);
        using Checkpoint gguf = Checkpoint.Open(other.Path);
        Assert.Throws<ArgumentException>(() => GgufWriter.Write(other["m.gguf"], gguf));
    }

    [Theory]
    [InlineData(@"\\.\NUL", true)]
    [InlineData(@"\\.\COM1", true)]
    [InlineData(@"\\.\pipe\x", true)]
    [InlineData(@"\\?\pipe\x", true)]
    [InlineData(@"\\.\PhysicalDrive0", true)]
    [InlineData(@"\\.\C:\page.html", false)]
    [InlineData(@"\\?\C:\page.html", false)]
    [InlineData(@"C:\NUL.html", false)]
    [InlineData(@"\\server\share\page.html", false)]
    public void Devices_of_Windows_are_known_by_their_full_names(string path, bool isDevice) => Assert.Equal(isDevice, FileKind.IsWindowsDevice(path));
}
