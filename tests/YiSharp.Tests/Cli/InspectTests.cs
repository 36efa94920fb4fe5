using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Cli;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Cli;

public sealed class InspectTests
{
    private static Inspection Inspect(string path, int? context = null, bool checksAll = false) => new Inspector(context, checksAll, 200_000_000, CancellationToken.None).Inspect(path);

    [Fact]
    public void The_embedded_model_is_described_whole()
    {
        Inspection found = Inspect(CheckpointGoldens.Embedded);
        Assert.Equal((PathKind.ModelFolder, null), (found.Kind, found.WhyNot));
        Assert.Equal(("llama", 30, 576, 9, 3, 64, 1536, 49152, 8192, 100000.0, true),
            (found.Shape!.Architecture, found.Shape.NumHiddenLayers, found.Shape.HiddenSize, found.Shape.NumAttentionHeads, found.Shape.NumKeyValueHeads, found.Shape.HeadDim,
             found.Shape.IntermediateSize, found.Shape.VocabSize, found.Shape.MaxPositionEmbeddings, found.Shape.RopeTheta, found.Shape.TieWordEmbeddings));
        Assert.Equal((134_515_008, "Q4_1 Q8_0 F32"), (found.ParameterCount, string.Join(' ', found.Types.Select(t => t.Type))));
        Assert.Equal(1.0, found.Types.Sum(t => t.Share), 9);
        Assert.Equal(("BPE, byte-level", 49152, 17), (found.Tokenizer!.Kind, found.Tokenizer.VocabSize, found.Tokenizer.Special.Count));
        Assert.Equal("tokenizer.chat_template", found.Template!.Source);
        Assert.EndsWith("<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", found.Template.Sample, StringComparison.Ordinal);
        StopIdOf(found, 2, "<|im_end|>", "tokenizer.ggml.eos_token_id", "tokenizer", "chat template");
        Assert.Equal(("apache-2.0", "general.license"), found.License);
        Assert.Equal((true, 4096), (found.Check!.IsDone, found.Memory!.ContextTokens));
    }

    [Fact]
    public void Memory_is_weights_cache_and_program()
    {
        MemoryNeeds memory = Inspect(CheckpointGoldens.Tiny("yi-tiny"), context: 100).Memory!;
        Assert.Equal(CpuBackend.KvCacheBytes(3, new AttentionShape(8, 2, 16), 100), memory.KvCacheBytes);
        Assert.InRange(memory.KvCacheBytes, 2 * 3 * 2 * 16 * sizeof(ushort) * 100, 2 * 3 * 2 * 16 * sizeof(ushort) * 128);
        Assert.Equal(["as stored", "16 bits", "8 bits", "4 bits"], memory.Needs.Select(n => n.Name));
        Assert.Equal((508_800 * 2, 508_800 * 2), (memory.Needs[0].WeightBytes, memory.Needs[1].WeightBytes));
        long vectors = 7 * 128, tables = 2 * 640 * 128, matrices = 508_800 - vectors - tables;
        Assert.Equal((long)(vectors * 4 + (tables + matrices) * 8.5 / 8), memory.Needs[2].WeightBytes);
        Assert.Equal((long)(vectors * 4 + tables * 8.5 / 8 + matrices * 4.5 / 8), memory.Needs[3].WeightBytes);
        Assert.All(memory.Needs, need => Assert.Equal(need.WeightBytes + memory.KvCacheBytes + memory.WorkspaceBytes + memory.ProgramBytes, need.TotalBytes));
        Assert.True(memory.Fits(memory.Needs[0]));
        Assert.False((memory with { AvailableBytes = 1000 }).Fits(memory.Needs[3]));
        Assert.Null((memory with { AvailableBytes = null }).Fits(memory.Needs[3]));
    }

    [Fact]
    public void What_the_engine_refuses_is_described_and_says_why()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
        string config = File.ReadAllText(folder["config.json"]);
        File.WriteAllText(folder["config.json"], "{\"num_local_experts\": 8," + config.TrimStart()[1..]);
        Inspection found = Inspect(folder.Path);
        Assert.Contains("num_local_experts", found.WhyNot, StringComparison.Ordinal);
        Assert.Equal(8, found.Shape!.NumExperts);
        Assert.False(found.Check!.IsDone);
        Assert.NotEmpty(found.StopIds);
        Assert.NotNull(found.Memory);

        YiResult shown = Yi.Run("inspect", folder.Path);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("does not run   ", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_codes_are_counted_as_the_weights_that_they_are()
    {
        var packed = new StoredTensor("model.layers.0.self_attn.q_proj.qweight", "I32", [16, 128], 16 * 128 * 4, 0, "a");
        Assert.Equal(128 * 128, packed.ParameterCount(4));
        Assert.Equal(64 * 128, packed.ParameterCount(8));
        Assert.Equal(0, (packed with { Name = "model.layers.0.self_attn.q_proj.scales" }).ParameterCount(4));
        Assert.Equal(0, (packed with { Name = "model.layers.0.mlp.up_proj.weight_scale_inv" }).ParameterCount(null));
    }

    [Fact]
    public void A_licence_is_read_from_the_cards_front_matter()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        Assert.Null(Inspect(folder.Path).License);
        File.WriteAllText(folder["LICENSE"], "text");
        Assert.Equal(("see LICENSE", "LICENSE"), Inspect(folder.Path).License);
        File.WriteAllText(folder["README.md"], "---\nlicense: other\ntags:\n- a\nlicense_name: 'yi-license'\n---\nlicense: mit\n");
        Assert.Equal(("yi-license", "README.md"), Inspect(folder.Path).License);
    }

    [Fact]
    public void Every_kind_of_file_is_known()
    {
        string tokenizers = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers");
        Inspection adapter = Inspect(CheckpointGoldens.Adapter("lora-qv"));
        Assert.Equal((PathKind.Adapter, "LORA", 8, 16.0, 9984), (adapter.Kind, adapter.Adapter!.Type, adapter.Adapter.Rank, adapter.Adapter.Alpha, adapter.ParameterCount));
        Inspection yi = Inspect(Path.Combine(tokenizers, "yi"));
        Assert.Equal((PathKind.TokenizerFolder, 64000), (yi.Kind, yi.Tokenizer!.VocabSize));
        StopIdOf(yi, 7, "<|im_end|>", "chat template");
        Assert.Equal(PathKind.TokenizerJson, Inspect(Path.Combine(tokenizers, "yi", "tokenizer.json")).Kind);
        Inspection safetensors = Inspect(Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "model.safetensors"));
        Assert.Equal(PathKind.Safetensors, safetensors.Kind);
        Assert.True(safetensors.ParameterCount > 100_000);
        Assert.Equal(PathKind.Gguf, Inspect(CheckpointGoldens.Gguf("llama-q8_0")).Kind);
    }

    [Fact]
    public void A_release_names_its_models_and_is_none_to_run()
    {
        using var folder = new TemporaryFolder();
        foreach (string model in PathKinds.ReleaseModels) Directory.CreateDirectory(folder[model]);
        File.WriteAllText(folder["report.html"], "");
        YiResult shown = Yi.Run("inspect", folder.Path);
        Assert.Contains($"yi chat --model {folder["chat"]}", shown.Output, StringComparison.Ordinal);
        YiResult run = Yi.Run("score", "--model", folder.Path, "a");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"is a release, which holds several models; give one of them: {folder["chat"]}, {folder["8bits"]}, {folder["4bits"]}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_damage()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        string shard = folder["model-00002-of-00003.safetensors"];
        byte[] bytes = File.ReadAllBytes(shard);
        bytes[^1] = 0x7F;
        bytes[^2] = 0xC0; // NaN in bfloat16
        File.WriteAllBytes(shard, bytes);
        foreach ((string path, string expected) in ((string, string)[])[(folder.Path, "has a weight that is not finite in row"), (shard, "not finite: model.")])
            Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Inspect(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_everything_under_names_that_stay()
    {
        JsonElement json = Yi.Run("inspect", CheckpointGoldens.Tiny("yi-tiny"), "--json", "--context", "64").Objects[0];
        Assert.Equal(
            ["path", "kind", "why_not", "architecture", "shape", "parameters", "weight_bytes", "bits_per_weight", "file_bytes", "files", "types", "tokenizer", "chat_template", "stop_ids",
             "license", "license_source", "memory", "weights_checked", "models", "tensors"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("model_folder", json.GetProperty("kind").GetString());
        Assert.Equal(["id", "token", "sources"], json.GetProperty("stop_ids")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(30, json.GetProperty("tensors").GetArrayLength());
        Assert.Equal(["name", "shape", "type", "bytes", "offset", "file"], json.GetProperty("tensors")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(["context_tokens", "kv_cache_bytes", "workspace_bytes", "program_bytes", "available_bytes", "as_stored", "16_bits", "8_bits", "4_bits"], json.GetProperty("memory").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Tables_are_aligned_and_plain()
    {
        string[] lines = Yi.Run("inspect", CheckpointGoldens.Tiny("yi-tiny"), "--tensors").Output.Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains('\u001b', StringComparison.Ordinal) || line.EndsWith(' '));
        int head = Array.FindIndex(lines, line => line.StartsWith("tensor ", StringComparison.Ordinal));
        int column = lines[head].IndexOf("type", StringComparison.Ordinal);
        string[] rows = [.. lines.Skip(head + 1).TakeWhile(line => line.Length > 0)];
        Assert.Equal(30, rows.Length);
        Assert.All(rows, row => Assert.Equal("BF16", row.Substring(column, 4)));
    }

    [Theory]
    [InlineData("--context is 0", "--context", "0")]
    [InlineData("neither a path that exists nor a model's name", "/no/such")]
    public void A_wrong_request_is_one_sentence(string said, params string[] args)
    {
        YiResult result = Yi.Run(["inspect", .. args]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Available_memory_is_the_least_that_kernel_and_control_groups_allow()
    {
        using var root = new TemporaryFolder();
        void Put(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root[path])!);
            File.WriteAllText(root[path], text);
        }
        Put("proc/meminfo", "MemTotal:       2000 kB\nMemAvailable:   1000 kB\n");
        Assert.Equal(1_024_000, MachineMemory.AvailableBytes(root.Path));
        Put("proc/self/cgroup", "0::/a/b\n");
        Put("sys/fs/cgroup/a/memory.max", "500000\n");
        Put("sys/fs/cgroup/a/memory.current", "100000\n");
        Put("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 50000\n");
        Put("sys/fs/cgroup/a/b/memory.max", "max\n");
        Assert.Equal(450_000, MachineMemory.AvailableBytes(root.Path));
        Put("proc/self/cgroup", "4:memory:/c\n0::/\n");
        Put("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "300000\n");
        Put("sys/fs/cgroup/memory/c/memory.usage_in_bytes", "100000\n");
        Assert.Equal(200_000, MachineMemory.AvailableBytes(root.Path));
    }

    private static void StopIdOf(Inspection found, int id, string token, params string[] sources)
    {
        StopId stop = Assert.Single(found.StopIds, s => s.Id == id);
        Assert.Equal((token, string.Join(", ", sources)), (stop.Token, string.Join(", ", stop.Sources)));
    }
}
