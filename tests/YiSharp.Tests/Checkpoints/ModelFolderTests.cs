using System.Text.Json.Nodes;
using YiSharp.Checkpoints;

namespace YiSharp.Tests.Checkpoints;

/// <summary>Which files a model's folder may hold, and where they may lie.</summary>
public sealed class ModelFolderTests
{
    private const string Index = "model.safetensors.index.json";

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/./")]
    public void A_separator_at_the_end_makes_no_difference(string end)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny") + end);
        Assert.Equal(30, checkpoint.Weights.Count);
        Assert.NotEmpty(YiSharp.Text.Tokenizer.FromFile(CheckpointGoldens.Tiny("yi-tiny") + end).Encode("a"));
    }

    [Fact]
    public void Folder_with_one_gguf_opens_also_with_files_beside()
    {
        using var folder = new TemporaryFolder();
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), folder["m.gguf"]);
        File.WriteAllText(folder["README.md"], "card");
        File.WriteAllText(folder["quantization.json"], "{}");
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(folder["m.gguf"], checkpoint.Gguf!.Path);
    }

    [Fact]
    public void Both_kinds_at_once_are_an_error()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        File.Copy(CheckpointGoldens.Gguf("llama-q8_0"), folder["m.gguf"]);
        AssertRefused(folder, "both m.gguf and model.safetensors");
    }

    [Fact]
    public void Several_ggufs_are_an_error()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.gguf"], "x");
        File.WriteAllText(folder["b.gguf"], "x");
        AssertRefused(folder, "2 .gguf files: a.gguf, b.gguf");
    }

    [Fact]
    public void Folder_without_weights_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder, "neither config.json with safetensors nor a .gguf");
        File.WriteAllText(folder["pytorch_model.bin"], "x");
        AssertRefused(folder, "pytorch_model.bin: pickle files run code");
        File.Copy(Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "config.json"), folder["config.json"]);
        AssertRefused(folder, "pytorch_model.bin: pickle files run code");
        File.Copy(Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "model.safetensors"), folder["model-00001-of-00001.safetensors"]);
        AssertRefused(folder, "shards need their index");
        File.Delete(folder["config.json"]);
        AssertRefused(folder, "no config.json");
        Assert.Contains("holds an adapter", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(CheckpointGoldens.Adapter("lora-qv"))).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder["nowhere"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model-00001-of-00003.safetensors", "without a path")]
    [InlineData("/etc/passwd", "without a path")]
    [InlineData("..\\x.safetensors", "without a path")]
    [InlineData("", "without a path")]
    [InlineData("model-00004-of-00003.safetensors", "lacks 1 of the")]
    [InlineData("model-00002-of-00003.safetensors", "places in model-00002-of-00003.safetensors")]
    public void Index_that_misplaces_a_tensor_is_an_error(string shard, string words)
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        EditIndex(folder, map => map["model.embed_tokens.weight"] = shard);
        AssertRefused(folder, words);
    }

    [Fact]
    public void Shards_and_index_must_agree()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        string original = File.ReadAllText(folder[Index]);
        EditIndex(folder, map => map.Remove("model.norm.weight"));
        AssertRefused(folder, "model.norm.weight, which model.safetensors.index.json does not list");
        File.WriteAllText(folder[Index], original);
        EditIndex(folder, map => map["model.extra.weight"] = "model-00001-of-00003.safetensors");
        AssertRefused(folder, "model.extra.weight in model-00001-of-00003.safetensors");
        File.WriteAllText(folder[Index], original);
        EditIndex(folder, map => map["model.norm.weight"] = "pytorch_model.bin");
        AssertRefused(folder, "pytorch_model.bin");
        File.WriteAllText(folder[Index], "{}");
        AssertRefused(folder, "weight_map");
        File.Delete(folder["model-00002-of-00003.safetensors"]);
        File.Delete(folder["model-00003-of-00003.safetensors"]);
        File.WriteAllText(folder[Index], original);
        AssertRefused(folder, "lacks 2 of the 3 shards");
    }

    [Fact]
    public void Tensor_that_a_Llama_lacks_is_refused_by_name()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        AppendTensor(folder, "model.layers.0.self_attn.q_proj.bias", [128]);
        Assert.Contains("model.layers.0.self_attn.q_proj.bias", Assert.Throws<NotSupportedException>(() => Checkpoint.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stored_rotary_frequencies_are_left_out()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        AppendTensor(folder, "model.layers.0.self_attn.rotary_emb.inv_freq", [16]);
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(29, checkpoint.Weights.Count);
    }

    [Fact]
    public void Tied_head_that_is_stored_must_equal_the_embeddings()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        AppendTensor(folder, "lm_head.weight", [576, 64]);
        AssertRefused(folder, "differs from the embeddings");
        File.Copy(Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "model.safetensors"), folder["model.safetensors"], overwrite: true);
        float[] embeddings;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"])) embeddings = file.ToFloats("model.embed_tokens.weight");
        AppendTensor(folder, "lm_head.weight", [576, 64], embeddings);
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Assert.DoesNotContain("lm_head.weight", checkpoint.Weights.Keys);
    }

    [Fact]
    public void Link_out_of_the_folder_is_refused()
    {
        using var elsewhere = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        File.Delete(folder["model.safetensors"]);
        File.CreateSymbolicLink(folder["model.safetensors"], elsewhere["model.safetensors"]);
        AssertRefused(folder, "outside of the model's folder");
        File.Delete(folder["model.safetensors"]);
        File.CreateSymbolicLink(folder["model.safetensors"], folder["model.safetensors"]);
        AssertRefused(folder, "links");
    }

    [Fact]
    public void Links_of_Hugging_Face_s_cache_open_also_through_a_linked_folder()
    {
        using var cache = new TemporaryFolder();
        string blobs = Directory.CreateDirectory(cache["models--x--y/blobs"]).FullName;
        string snapshot = Directory.CreateDirectory(cache["models--x--y/snapshots/0123"]).FullName;
        foreach (string file in Directory.GetFiles(CheckpointGoldens.Tiny("llama-tiny")))
        {
            string blob = Path.GetFileName(file) + "-blob";
            File.Copy(file, Path.Combine(blobs, blob));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{blob}");
        }
        Directory.CreateSymbolicLink(cache["link"], snapshot);
        Directory.CreateSymbolicLink(cache["slash"], snapshot + Path.DirectorySeparatorChar);
        foreach (string path in (string[])[snapshot, cache["link"], cache["slash"]])
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            Assert.Equal(29, checkpoint.Weights.Count);
        }
    }

    [Fact]
    public void Chat_template_of_its_own_file_goes_before_the_config_s()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        File.WriteAllText(folder["chat_template.jinja"], "{{ 1 }}");
        using (Checkpoint checkpoint = Checkpoint.Open(folder.Path)) Assert.Equal("{{ 1 }}", checkpoint.ChatTemplate);
        File.Delete(folder["chat_template.jinja"]);
        File.WriteAllText(folder["tokenizer_config.json"], """{"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}], "bos_token": {"content": "<s>"}}""");
        using Checkpoint listed = Checkpoint.Open(folder.Path);
        Assert.Equal(("d", "<s>"), (listed.ChatTemplate, listed.TokenizerConfig.BosToken));
    }

    private static void AssertRefused(TemporaryFolder folder, string words)
    {
        Exception exception = Assert.ThrowsAny<Exception>(() => Checkpoint.Open(folder.Path));
        Assert.True(exception is InvalidDataException or NotSupportedException, exception.ToString());
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
    }

    private static void EditIndex(TemporaryFolder folder, Action<JsonObject> edit)
    {
        JsonNode index = JsonNode.Parse(File.ReadAllText(folder[Index]))!;
        edit(index["weight_map"]!.AsObject());
        File.WriteAllText(folder[Index], index.ToJsonString());
    }

    private static void AppendTensor(TemporaryFolder folder, string name, long[] shape, float[]? values = null)
    {
        var outputs = new List<SafetensorsOutput>();
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"]))
        {
            outputs.AddRange(file.Tensors.Values.Select(t => SafetensorsOutput.FromFloats(t.Name, t.Shape, file.ToFloats(t.Name))));
        }
        outputs.Add(SafetensorsOutput.FromFloats(name, shape, values ?? new float[shape.Aggregate((a, b) => a * b)]));
        SafetensorsWriter.Write(folder["model.safetensors"], outputs);
    }
}
