using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints;

/// <summary>What <see cref="ModelConverter"/> promises of every target; <see cref="Cli.ConvertTests"/> holds what it writes.</summary>
public sealed class ModelConverterTests
{
    [Fact]
    public void Rows_without_whole_blocks_are_stored_as_F16_and_named()
    {
        using var folder = new TemporaryFolder();
        LlamaConfig config = Models.ToyModel.Config with { IntermediateSize = 40, HiddenSize = 64 };
        using Checkpoint source = Write(folder["a"], config);
        ConversionReport report = ModelConverter.Convert(source, folder["b.gguf"], new ConversionOptions { Format = WeightFormat.Q8_0 });
        Assert.Equal(["model.layers.0.mlp.down_proj.weight", "model.layers.1.mlp.down_proj.weight"], report.Exceptions.Select(e => e.Name));
        Assert.All(report.Exceptions, e => Assert.Equal((WeightFormat.F16, true), (e.Format, e.Reason.Contains("rows of 40 weights", StringComparison.Ordinal))));
        Checkpoint.Open(folder["b.gguf"]).Dispose();
    }

    [Fact]
    public void What_is_read_is_never_replaced()
    {
        using var folder = new TemporaryFolder();
        string inner = Directory.CreateDirectory(folder["models"]).FullName;
        using (Checkpoint first = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"))) ModelConverter.Convert(first, Path.Combine(inner, "a.gguf"), new ConversionOptions());
        using Checkpoint source = Checkpoint.Open(Path.Combine(inner, "a.gguf"));
        Assert.Throws<ArgumentException>(() => ModelConverter.Convert(source, Path.Combine(inner, "a.gguf"), new ConversionOptions()));
        Assert.Throws<ArgumentException>(() => ModelConverter.Convert(source, inner, new ConversionOptions()));
        Assert.Throws<ArgumentException>(() => ModelConverter.Convert(source, folder.Path, new ConversionOptions()));
        Directory.CreateSymbolicLink(folder["link"], inner);
        Assert.Throws<ArgumentException>(() => ModelConverter.Convert(source, Path.Combine(folder["link"], "a.gguf"), new ConversionOptions()));
        Directory.CreateSymbolicLink(folder["slash"], inner + Path.DirectorySeparatorChar);
        Assert.Throws<ArgumentException>(() => ModelConverter.Convert(source, folder["slash"], new ConversionOptions()));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("b.gguf")]
    [InlineData("b.safetensors")]
    public void An_end_in_the_middle_leaves_nothing_behind(string to)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(source, folder[to], new ConversionOptions { Progress = (_, _) => throw new OperationCanceledException() }));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("b.gguf")]
    public void Weights_that_are_not_finite_are_not_passed_on(string to)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a"]);
        foreach (string file in Directory.GetFiles(CheckpointGoldens.Tiny("llama3-tiny"))) File.Copy(file, Path.Combine(folder["a"], Path.GetFileName(file)));
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder["a"], "model.safetensors"));
        (bytes[^2], bytes[^1]) = (0xC0, 0x7F);
        File.WriteAllBytes(Path.Combine(folder["a"], "model.safetensors"), bytes);
        using Checkpoint source = Checkpoint.Open(folder["a"]);
        Assert.Contains("finite", Assert.Throws<InvalidDataException>(() => ModelConverter.Convert(source, folder[to], new ConversionOptions())).Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder[to]));
    }

    /// <summary>A random model as a folder.</summary>
    private static Checkpoint Write(string path, LlamaConfig config)
    {
        Dictionary<string, WeightData> weights = Models.ToyModel.Weights(config, WeightFormat.F32);
        Directory.CreateDirectory(path);
        File.WriteAllBytes(Path.Combine(path, "config.json"), ConfigWriter.Config(config, WeightFormat.F32, []));
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. LlamaTensors.Of(config).Select(t => SafetensorsOutput.FromFloats(t.Name, t.Dimensions, weights[t.Name].ToArray()))]);
        return Checkpoint.Open(path);
    }
}
