using YiSharp.Checkpoints;
using YiSharp.Tests.Cli;
using YiSharp.Text;

namespace YiSharp.Tests.Checkpoints;

/// <summary>Models split over several GGUF files.</summary>
public sealed class GgufPartsTests
{
    private const string Name = "yi-tiny";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_part_opens_the_whole(int number)
    {
        using TemporaryFolder folder = Split(3, out Dictionary<string, float[]> expected);
        RequireEqual(expected, folder[PartName(number, 3)]);
    }

    [Fact]
    public void A_folder_with_the_parts_of_one_model_opens()
    {
        using TemporaryFolder folder = Split(4, out Dictionary<string, float[]> expected);
        RequireEqual(expected, folder.Path);
        using Checkpoint whole = Checkpoint.Open(CheckpointGoldens.Tiny(Name));
        Assert.Equal(Tokenizer.Load(whole).Encode("Hello, 世界!"), Tokenizer.FromFile(folder.Path).Encode("Hello, 世界!"));
        string shown = Yi.Run("inspect", "--tensors", folder.Path).Output;
        for (int part = 1; part <= 4; part++) Assert.Contains(PartName(part, 4), shown);
    }

    [Fact]
    public void Missing_parts_are_named()
    {
        using TemporaryFolder folder = Split(4, out _);
        File.Delete(folder[PartName(2, 4)]);
        File.Delete(folder[PartName(4, 4)]);
        foreach (string path in (string[])[folder.Path, folder[PartName(3, 4)]])
        {
            string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(path)).Message;
            Assert.Contains($"2 of the others are missing beside it: {PartName(2, 4)}, {PartName(4, 4)}", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Files_of_two_models_in_a_folder_are_named()
    {
        using TemporaryFolder folder = Split(2, out _);
        File.Copy(folder[PartName(1, 2)], folder["other.gguf"]);
        Assert.Contains("holds 3 .gguf files", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_under_another_name_is_told_what_it_should_be()
    {
        using TemporaryFolder folder = Split(2, out _);
        File.Move(folder[PartName(1, 2)], folder["first.gguf"]);
        Assert.Contains("must end in -00001-of-00002.gguf", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder["first.gguf"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, "split.no = 0; expected 1")]
    [InlineData(2, 1, "split.no = 1; expected 0")]
    public void A_part_in_another_s_place_is_named(int from, int to, string words)
    {
        using TemporaryFolder folder = Split(3, out _);
        File.Copy(folder[PartName(from, 3)], folder[PartName(to, 3)], overwrite: true);
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder[PartName(3, 3)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_another_model_are_named_by_the_tensor_that_both_hold()
    {
        using TemporaryFolder folder = Split(2, out _), other = Split(2, out _, first: 0.9);
        File.Copy(other[PartName(2, 2)], folder[PartName(2, 2)], overwrite: true);
        Assert.Contains("split.tensors.count = 30; expected", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
        File.Copy(other[PartName(1, 2)], folder[PartName(1, 2)], overwrite: true);
        using TemporaryFolder early = Split(2, out _, first: 0.3);
        File.Copy(early[PartName(2, 2)], folder[PartName(2, 2)], overwrite: true);
        Assert.Contains("the parts belong to different models", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_written_over_the_model_that_it_is_of_is_refused()
    {
        using TemporaryFolder folder = Split(2, out _);
        using Checkpoint checkpoint = Checkpoint.Open(folder[PartName(1, 2)]);
        Assert.Throws<ArgumentException>(() => GgufWriter.Write(folder[PartName(2, 2)], checkpoint));
        Assert.Throws<ArgumentException>(() => HuggingFaceWriter.Write(folder.Path, checkpoint));
    }

    private static string PartName(int number, int count) => $"{Name}-{number:00000}-of-{count:00000}.gguf";

    private static void RequireEqual(Dictionary<string, float[]> expected, string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        Assert.Equal(expected.Keys.Order(), checkpoint.Weights.Keys.Order());
        Assert.All(expected, e => Assert.Equal(e.Value, checkpoint.Weights[e.Key].ToArray()));
        Assert.NotNull(checkpoint.ChatTemplate);
    }

    /// <summary>A golden model in several files as llama.cpp's gguf-split makes them.</summary>
    /// <param name="count">Number of files.</param>
    /// <param name="weights">All tensors' values.</param>
    /// <param name="first">Share of the tensors before the last file.</param>
    internal static TemporaryFolder Split(int count, out Dictionary<string, float[]> weights, double first = 0.5)
    {
        var folder = new TemporaryFolder();
        string whole = folder["whole.gguf"];
        using (Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(Name))) GgufWriter.Write(whole, source);
        using (GgufFile file = GgufFile.Open(whole))
        {
            int before = (int)(first * file.Tensors.Count);
            for (int part = 0; part < count; part++)
            {
                GgufTensor[] tensors = part == count - 1 ? [.. file.Tensors.Skip(before)] : [.. file.Tensors.Take(before).Where((_, i) => i % (count - 1) == part)];
                (string, object)[] split = [("split.no", (ushort)part), ("split.count", (ushort)count), ("split.tensors.count", file.Tensors.Count)];
                using FileStream stream = File.Create(folder[PartName(part + 1, count)]);
                stream.Write(GgufHeaderWriter.Header(
                    part == 0 ? [.. file.Metadata.Select(m => (m.Key, m.Value)), .. split] : split,
                    [.. tensors.Select(t => new GgufOutput(t.Name, t.Dimensions, t.Type, t.LengthBytes))]));
                foreach (GgufTensor tensor in tensors)
                {
                    stream.Write(tensor.Memory.Slice(tensor.OffsetBytes, (int)tensor.LengthBytes));
                    stream.Write(new byte[GgufHeaderWriter.Padding(tensor.LengthBytes)]);
                }
            }
        }
        using (Checkpoint checkpoint = Checkpoint.Open(whole)) weights = checkpoint.Weights.ToDictionary(w => w.Key, w => w.Value.ToArray());
        File.Delete(whole);
        return folder;
    }
}
