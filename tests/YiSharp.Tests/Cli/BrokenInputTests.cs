using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using YiSharp.Tests.Checkpoints;
using YiSharp.Tests.Text;

namespace YiSharp.Tests.Cli;

/// <summary>
/// Broken files of every kind, each through the program as somebody would give it: exit code 2, one sentence, nothing on standard output, no trace of the
/// program's inside.
/// </summary>
public sealed class BrokenInputTests
{
    private static readonly string[] OnModels = ["inspect", "generate", "score", "quantize"];

    /// <summary>Changes to a small valid model folder: what is said, and the damage.</summary>
    private static readonly (string Said, Action<TemporaryFolder> Damage)[] Models =
    [
        ("model.safetensors", f => File.Delete(f["model.safetensors"])),
        ("model.safetensors", f => File.WriteAllText(f["model.safetensors"], "")),
        ("model.safetensors", f => Cut(f["model.safetensors"], 1)),
        ("model.safetensors", f => Cut(f["model.safetensors"], 100_000)),
        ("model.safetensors", f => File.AppendAllText(f["model.safetensors"], "more")),
        ("header", f => Patch(f["model.safetensors"], 0, BitConverter.GetBytes(ulong.MaxValue))),
        ("header", f => Patch(f["model.safetensors"], 0, BitConverter.GetBytes(3UL))),
        ("header", f => Patch(f["model.safetensors"], 8, "["u8)),
        ("header", f => Patch(f["model.safetensors"], 9, [0xFF])),
        ("data_offsets", f => Header(f, t => t["data_offsets"] = new JsonArray(0, 1L << 40))),
        ("data_offsets", f => Header(f, t => t["data_offsets"] = new JsonArray(8, 4))),
        ("shape", f => Header(f, t => t["shape"] = new JsonArray(1L << 62, 1L << 62))),
        ("shape", f => Header(f, t => t["shape"] = new JsonArray(-1, 2))),
        ("shape", f => Header(f, t => t["shape"] = "many")),
        ("dtype", f => Header(f, t => t["dtype"] = 5)),
        ("config.json", f => File.Delete(f["config.json"])),
        ("config.json", f => File.WriteAllText(f["config.json"], "")),
        ("config.json", f => File.WriteAllText(f["config.json"], "{")),
        ("config.json", f => File.WriteAllText(f["config.json"], "[]")),
        ("config.json", f => File.WriteAllBytes(f["config.json"], [0xFF, 0xFE, (byte)'{', 0])),
        ("config.json", f => File.WriteAllText(f["config.json"], new string('[', 100_000))),
        ("a duplicate", f => File.WriteAllText(f["config.json"], "{\"hidden_size\": 1, \"hidden_size\": 2}")),
        ("num_attention_heads", f => Config(f, "num_attention_heads", 0)),
        ("num_attention_heads", f => Config(f, "num_attention_heads", "eight")),
        ("num_attention_heads", f => Config(f, "num_attention_heads", null)),
        ("num_hidden_layers", f => Config(f, "num_hidden_layers", 1_000_000)),
        ("num_hidden_layers", f => Config(f, "num_hidden_layers", -1)),
        ("num_key_value_heads", f => Config(f, "num_key_value_heads", 3)),
        ("hidden_size", f => Config(f, "hidden_size", 1e30)),
        ("hidden_size", f => Config(f, "hidden_size", 64.5)),
        ("vocab_size", f => Config(f, "vocab_size", 1 << 20)),
        ("rms_norm_eps", f => Config(f, "rms_norm_eps", 0)),
        ("rope_theta", f => Config(f, "rope_theta", -1)),
        ("eos_token_id", f => Config(f, "eos_token_id", 1 << 20)),
        ("tie_word_embeddings", f => Config(f, "tie_word_embeddings", "no")),
        ("generation_config.json", f => File.WriteAllText(f["generation_config.json"], "{\"eos_token_id\": \"</s>\"}")),
        ("names of files in the folder itself", f => Index(f, "../model.safetensors")),
        ("names of files in the folder itself", f => Index(f, "/etc/passwd")),
        ("shards", f => Index(f, "model-00009.safetensors")),
        ("\"beyond\" the id 999", f => Json(f["tokenizer.json"], t => t["model"]!["vocab"]!["beyond"] = 999)),
        ("pytorch_model.bin", f => Rename(f, "model.safetensors", "pytorch_model.bin")),
    ];

    /// <summary>Files of a tokenizer that is whole otherwise.</summary>
    private static readonly (string Said, string Json)[] Tokenizers =
    [
        ("tokenizer.json", ""),
        ("tokenizer.json", "{"),
        ("tokenizer.json", "[]"),
        ("model", "{}"),
        ("Magic", Tokenizer(t => t["model"]!["type"] = "Magic")),
        ("vocab", Tokenizer(t => t["model"]!["vocab"] = new JsonArray())),
        ("-1", Tokenizer(t => t["model"]!["vocab"]!["a"] = -1)),
        ("2147483647", Tokenizer(t => t["model"]!["vocab"]!["a"] = int.MaxValue)),
        ("merges", Tokenizer(t => t["model"]!["merges"] = new JsonArray("a"))),
        ("not in the vocabulary", Tokenizer(t => t["model"]!["merges"] = new JsonArray("a nothing"))),
        ("added_tokens", Tokenizer(t => t["added_tokens"] = "none")),
        ("added_tokens", Tokenizer(t => t["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 1, ["content"] = "<|x|>" }))),
        ("Shuffle", Tokenizer(t => t["pre_tokenizer"] = new JsonObject { ["type"] = "Shuffle" })),
        ("Invent", Tokenizer(t => t["decoder"] = new JsonObject { ["type"] = "Invent" })),
    ];

    private static readonly (string Said, byte[] Bytes)[] Ggufs =
    [
        ("empty", []),
        ("GGUF", "GGUF"u8.ToArray()),
        ("GGUF", "GGML and more than twenty-four bytes of it"u8.ToArray()),
        ("version", new GgufBytes { Version = 9 }.ToArray()),
        ("damaged", new GgufBytes { TensorCount = ulong.MaxValue }.ToArray()),
        ("damaged", new GgufBytes { MetadataCount = 1UL << 60 }.ToArray()),
        ("general.architecture", new GgufBytes().ToArray()),
        ("llama.attention.head_count", new GgufBytes().With("general.architecture", "llama").ToArray()),
        ("cut off", new GgufBytes { DataBytes = 0 }.With("general.architecture", "llama").Tensor("token_embd.weight", 0, 0, 1UL << 20, 1UL << 10).ToArray()),
        ("type 13", new GgufBytes().Raw(w => { GgufBytes.Text(w, "a"); w.Write(13u); }).ToArray()),
        ("damaged", new GgufBytes().Raw(w => { GgufBytes.Text(w, "a"); w.Write(8u); w.Write(1UL << 31); }).ToArray()),
    ];

    [Fact]
    public void A_broken_model_is_one_sentence_for_every_verb()
    {
        foreach ((string said, Action<TemporaryFolder> damage) in Models)
        {
            using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("llama-tiny"));
            damage(folder);
            foreach (string verb in OnModels) RequireSentence(said, Run(verb, folder.Path, folder["out"]), $"{verb}: {said}");
        }
    }

    [Fact]
    public void A_broken_gguf_is_one_sentence_for_every_verb()
    {
        using var folder = new TemporaryFolder();
        foreach ((string said, byte[] bytes) in Ggufs)
        {
            File.WriteAllBytes(folder["a.gguf"], bytes);
            foreach (string verb in OnModels)
            {
                YiResult result = Run(verb, folder["a.gguf"], folder["out"]);
                if (verb == "inspect" && result.ExitCode == 0) Assert.Contains($"does not run   {folder["a.gguf"]}", result.Output, StringComparison.Ordinal);
                else RequireSentence(said, result, $"{verb}: {said}");
            }
        }
    }

    [Fact]
    public void A_broken_tokenizer_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        foreach ((string said, string json) in Tokenizers)
        {
            File.WriteAllText(folder["tokenizer.json"], json);
            RequireSentence(said, Yi.Run("tokenize", "--tokenizer", folder["tokenizer.json"], "a"), $"tokenize: {said}");
            YiResult inspected = Yi.Run("inspect", folder["tokenizer.json"]);
            if (inspected.ExitCode != 0) RequireSentence(said, inspected, $"inspect: {said}");
            else Assert.Contains("does not run", inspected.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_broken_adapter_is_one_sentence()
    {
        (string Said, Action<TemporaryFolder> Damage)[] adapters =
        [
            ("adapter_config.json", f => File.Delete(f["adapter_config.json"])),
            ("adapter_config.json", f => File.WriteAllText(f["adapter_config.json"], "{\"r\":")),
            ("peft_type", f => File.WriteAllText(f["adapter_config.json"], "{}")),
            ("\"r\"", f => Json(f["adapter_config.json"], c => c["r"] = 0)),
            ("lora_alpha", f => Json(f["adapter_config.json"], c => c["lora_alpha"] = "much")),
            ("[3, inputs]", f => Json(f["adapter_config.json"], c => c["r"] = 3)),
            ("adapter_model.safetensors", f => File.Delete(f["adapter_model.safetensors"])),
            ("adapter_model.safetensors", f => Cut(f["adapter_model.safetensors"], 10)),
            ("pickle", f => Rename(f, "adapter_model.safetensors", "adapter_model.bin")),
            ("target_modules", f => Json(f["adapter_config.json"], c => c["target_modules"] = new JsonArray("nothing"))),
        ];
        foreach ((string said, Action<TemporaryFolder> damage) in adapters)
        {
            using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Adapter("lora-qv"));
            damage(folder);
            RequireSentence(said, Yi.Run("merge", "--model", CheckpointGoldens.Tiny("yi-tiny"), "--adapter", folder.Path, "--out", folder["out"]), $"merge: {said}");
            RequireSentence(said, Yi.Run("generate", "--model", CheckpointGoldens.Tiny("yi-tiny"), "--adapter", folder.Path, "a"), $"generate: {said}");
            if (File.Exists(folder["adapter_config.json"])) RequireSentence(said, Yi.Run("inspect", folder.Path), $"inspect: {said}");
            Assert.False(Path.Exists(folder["out"]));
        }
    }

    [Theory]
    [InlineData("unknown tag 'nothing'", "{% nothing %}")]
    [InlineData("Missing end of comment tag", "{# for ever")]
    [InlineData("Missing end of raw", "{% raw %}")]
    [InlineData("Unexpected end of template", "{% for a in b %}")]
    [InlineData("No filter named 'nothing'", "{{ 1 | nothing }}")]
    [InlineData("steps", "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("deep", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("'a' is undefined", "{{ a.b }}")]
    [InlineData("unsafe", "{{ ''.__class__.__mro__ }}")]
    public void A_broken_template_is_one_sentence(string said, string source)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.jinja"], source);
        RequireSentence(said, Yi.RunWith("{}"u8.ToArray(), "template", folder["a.jinja"]), source);
    }

    [Fact]
    public void A_model_with_a_broken_template_is_one_sentence_where_it_is_used()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Tiny("yi-tiny"));
        File.WriteAllText(folder["chat_template.jinja"], "{% if %}");
        foreach (string[] args in (string[][])[["inspect", folder.Path], ["generate", "--chat", "a", "--model", folder.Path], ["template", folder.Path]])
            RequireSentence("Expected an expression", Yi.RunWith("{}"u8.ToArray(), args), string.Join(' ', args));
    }

    /// <summary>Damage at random, as in <see cref="MutationTests"/>: the report or one sentence, never anything else.</summary>
    [Theory]
    [InlineData("hf")]
    [InlineData("gguf")]
    public void A_damaged_file_is_shown_or_refused(string kind)
    {
        using TemporaryFolder folder = kind == "gguf" ? MutationTests.SmallGguf("llama") : MutationTests.SmallModel("llama");
        string[] files = [.. Directory.GetFiles(folder.Path).Order()];
        int refused = 0;
        MutationTests.Damage.Sample(damage =>
        {
            string file = files[damage.File % files.Length];
            byte[] whole = File.ReadAllBytes(file);
            File.WriteAllBytes(file, damage.Damages.Aggregate(whole, (bytes, d) => MutationTests.Apply(bytes, d.Kind, d.Where, d.What)));
            YiResult result = Yi.Run("inspect", folder.Path, "--tensors");
            File.WriteAllBytes(file, whole);
            if (result.ExitCode == 0)
            {
                Assert.Equal("", result.Error);
                return;
            }
            refused++;
            RequireSentence("", result, Path.GetFileName(file));
        }, iter: MutationTests.Mutations / 4, threads: 1);
        Assert.True(refused > MutationTests.Mutations / 40, $"only {refused} were refused");
    }

    private static YiResult Run(string verb, string model, string output) => verb switch
    {
        "inspect" => Yi.Run(verb, model),
        "quantize" => Yi.Run(verb, "--model", model, "--bits", "8", "--out", output),
        _ => Yi.Run(verb, "--model", model, "a"),
    };

    private static void RequireSentence(string said, YiResult result, string label)
    {
        Assert.True(result.ExitCode == 2, $"{label}\nexit code {result.ExitCode}\n{result.Output}{result.Error}");
        Assert.Equal((label, ""), (label, result.Output));
        Assert.True(result.Error.EndsWith('\n') && result.Error.Count(c => c == '\n') == 1, $"{label}\n{result.Error}");
        Assert.StartsWith("yi: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(" at YiSharp.", result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Error.Length, 30, 3000);
        Assert.True(result.Error.Contains(said, StringComparison.Ordinal), $"{label}\n{result.Error}");
    }

    private static string Tokenizer(Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(ByteTokenizer.Json("<s>"))!;
        change(root);
        return root.ToJsonString();
    }

    private static void Json(string path, Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    private static void Config(TemporaryFolder folder, string field, JsonNode? value) => Json(folder["config.json"], config => config[field] = value);

    private static void Cut(string path, int bytes) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^bytes]);

    private static void Rename(TemporaryFolder folder, string name, string to) => File.Move(folder[name], folder[to]);

    private static void Patch(string path, int at, ReadOnlySpan<byte> patch)
    {
        byte[] bytes = File.ReadAllBytes(path);
        patch.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Puts the weights behind an index that names a shard.</summary>
    private static void Index(TemporaryFolder folder, string shard)
    {
        File.Move(folder["model.safetensors"], folder["model-00001.safetensors"]);
        File.WriteAllText(folder["model.safetensors.index.json"], new JsonObject { ["weight_map"] = new JsonObject { ["lm_head.weight"] = shard } }.ToJsonString());
    }

    /// <summary>Changes the first tensor's entry in the header and keeps the data where it is.</summary>
    private static void Header(TemporaryFolder folder, Action<JsonNode> change)
    {
        byte[] bytes = File.ReadAllBytes(folder["model.safetensors"]);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        JsonNode header = JsonNode.Parse(bytes.AsSpan(8, length))!;
        change(header.AsObject().First(t => t.Key != "__metadata__").Value!);
        byte[] changed = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(folder["model.safetensors"], [.. BitConverter.GetBytes((ulong)changed.Length), .. changed, .. bytes.AsSpan(8 + length)]);
    }
}
