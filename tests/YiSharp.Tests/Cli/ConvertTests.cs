using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Cli;

/// <summary><c>yi convert</c>, through the command line.</summary>
public sealed class ConvertTests
{
    private const string Embedded = "smollm2-135m-instruct";

    [Fact]
    public void The_embedded_model_is_the_same_model_after_a_round_trip()
    {
        using var folder = new TemporaryFolder();
        string first = Path.Combine(folder.Path, "first"), gguf = Path.Combine(folder.Path, "second.gguf"), last = Path.Combine(folder.Path, "last");
        Assert.Equal(0, Yi.Run("convert", Embedded, first, "--max-shard-size", "200MB").ExitCode);
        Assert.Equal(0, Yi.Run("convert", first, gguf).ExitCode);
        Assert.Equal(0, Yi.Run("convert", gguf, last).ExitCode);
        Assert.True(Directory.GetFiles(first, "*.safetensors").Length > 2);

        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Embedded);
        Tokenizer tokenizer = Tokenizer.Load(source);
        ChatMessage[] messages = [new("user", "What's 2 + 2? 中文也行。")];
        string rendered = ChatTemplate.Load(source, tokenizer).Render(messages, addGenerationPrompt: true).Text;
        int[] ids = tokenizer.Encode(rendered);
        int[] stops = StopIds.Of(source, tokenizer);
        foreach (string path in (string[])[first, gguf, last])
        {
            using Checkpoint written = Checkpoint.Open(path);
            Tokenizer same = Tokenizer.Load(written);
            Assert.Equal(rendered, ChatTemplate.Load(written, same).Render(messages, addGenerationPrompt: true).Text);
            Assert.Equal(ids, same.Encode(rendered));
            Assert.Equal(stops, StopIds.Of(written, same));
            Assert.Equal("apache-2.0", written.License);
            RequireEqualWeights(source, written);
        }
        using Checkpoint end = Checkpoint.Open(last);
        Assert.Equal(Greedy(source, ids), Greedy(end, ids));
    }

    [Fact]
    public void Every_kind_of_model_survives_its_other_form()
    {
        using var folder = new TemporaryFolder();
        string[] names = [.. Directory.GetDirectories(Path.Combine(CheckpointGoldens.Root, "tiny")).Select(d => Path.GetFileName(d)).Where(name => name != "dynamic-tiny").Order()];
        Assert.True(names.Length >= 8);
        foreach (string name in names)
        {
            using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny(name));
            string gguf = Path.Combine(folder.Path, name + ".gguf"), back = Path.Combine(folder.Path, name), tensors = Path.Combine(folder.Path, name + ".safetensors");
            Assert.Equal(0, Yi.Run("convert", CheckpointGoldens.Tiny(name), gguf).ExitCode);
            Assert.Equal(0, Yi.Run("convert", gguf, back).ExitCode);
            Assert.Equal(0, Yi.Run("convert", gguf, tensors).ExitCode);
            using Checkpoint written = Checkpoint.Open(back);
            RequireEqualWeights(source, written);
            Assert.Equal(source.Config.RopeScaling, written.Config.RopeScaling);
            using SafetensorsFile bare = SafetensorsFile.Open(tensors);
            Assert.Equal(source.Weights.Keys.Order(), bare.Tensors.Keys.Order());
        }
    }

    [Fact]
    public void A_card_names_the_model_and_its_licence()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(folder.Path, "Yi-1.5-6B"), gguf = Path.Combine(folder.Path, "Yi-1.5-6B.Q8_0.gguf"), written = Path.Combine(folder.Path, "written");
        Directory.CreateDirectory(source);
        foreach (string file in Directory.GetFiles(CheckpointGoldens.Tiny("yi-tiny"))) File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        Assert.Equal(0, Yi.Run("convert", source, written).ExitCode);
        string bare = File.ReadAllText(Path.Combine(written, "README.md"));
        Assert.StartsWith("---\nbase_model: Yi-1.5-6B\n", bare, StringComparison.Ordinal);
        Assert.DoesNotContain("license:", bare, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(source, "README.md"), "---\nlicense: apache-2.0\n---\n");
        Assert.Equal(0, Yi.Run("convert", source, gguf).ExitCode);
        Assert.Equal(0, Yi.Run("convert", gguf, written).ExitCode);
        Assert.StartsWith("---\nlicense: apache-2.0\nbase_model: Yi-1.5-6B.Q8_0\n", File.ReadAllText(Path.Combine(written, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Scaling_that_gguf_cannot_say_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        YiResult result = Yi.Run("convert", CheckpointGoldens.Tiny("dynamic-tiny"), Path.Combine(folder.Path, "dynamic.gguf"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("dynamic", result.Error);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_conversion_says_what_it_wrote()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "tiny.gguf");
        YiResult result = Yi.Run("convert", CheckpointGoldens.Tiny("yi-tiny"), path, "--type", "q8_0", "--json");
        Assert.Equal(0, result.ExitCode);
        JsonElement report = Assert.Single(result.Objects);
        Assert.Equal("gguf", report.GetProperty("kind").GetString());
        Assert.False(report.GetProperty("exact").GetBoolean());
        Assert.Equal([7, 2], report.GetProperty("eos_token_ids").EnumerateArray().Select(id => id.GetInt32()));
        using Checkpoint written = Checkpoint.Open(path);
        Assert.Equal(WeightFormat.Q8_0, written.Weights["model.layers.0.mlp.gate_proj.weight"].Format);
        Assert.Equal(report.GetProperty("weight_bytes").GetInt64(), written.WeightBytes);

        string text = Yi.Run("convert", CheckpointGoldens.Tiny("yi-tiny"), path, "--type", "f16").Output;
        Assert.Contains("rounded", text);
        Assert.Contains("Answers end at id 7, 2.", text);
    }

    [Theory]
    [InlineData("out", "q8_0", "F32, F16 or BF16")]
    [InlineData("out", "q9", "--type is 'q9'")]
    [InlineData("out.gguf", "q4_k", "--type is 'q4_k'")]
    public void What_cannot_be_written_is_refused_in_a_sentence(string name, string type, string expected)
    {
        using var folder = new TemporaryFolder();
        YiResult result = Yi.Run("convert", CheckpointGoldens.Tiny("yi-tiny"), Path.Combine(folder.Path, name), "--type", type);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_model_that_is_read_is_never_written_to()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model");
        Assert.Equal(0, Yi.Run("convert", CheckpointGoldens.Tiny("yi-tiny"), model).ExitCode);
        string[] before = [.. Directory.GetFiles(model).Order()];
        foreach (string output in (string[])[model, Path.Combine(model, "model.safetensors"), Path.Combine(model, "model.gguf"), Path.Combine(model, "..", "model")])
        {
            YiResult result = Yi.Run("convert", model, output);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains("model that is read", result.Error);
        }
        Assert.Equal(before, Directory.GetFiles(model).Order());
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "file"), directory = Path.Combine(folder.Path, "folder.gguf");
        File.WriteAllText(file, "");
        Directory.CreateDirectory(directory);
        foreach ((string output, string expected) in ((string, string)[])[("", "empty"), (directory, "is a folder"), (Path.Combine(file, "b.gguf"), "is a file")])
        {
            YiResult result = Yi.Run("convert", CheckpointGoldens.Tiny("yi-tiny"), output);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(expected, result.Error);
        }
    }

    private static void RequireEqualWeights(Checkpoint expected, Checkpoint actual)
    {
        Assert.Equal(expected.Weights.Keys.Order(), actual.Weights.Keys.Order());
        foreach ((string name, WeightData weight) in expected.Weights)
        {
            float[] one = new float[weight.Columns], other = new float[weight.Columns];
            for (int row = 0; row < weight.Rows; row++)
            {
                weight.DequantizeRow(row, one);
                actual.Weights[name].DequantizeRow(row, other);
                Assert.True(one.AsSpan().SequenceEqual(other), $"{name}, row {row}");
            }
        }
    }

    private static int[] Greedy(Checkpoint checkpoint, int[] prompt)
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var model = new LanguageModel(checkpoint, backend);
        return model.Engine.Generate(new GenerationRequest { Ids = prompt, MaxNewTokens = 12 }).Ids;
    }
}
