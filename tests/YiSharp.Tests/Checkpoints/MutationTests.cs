using System.Globalization;
using System.Text;
using CsCheck;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints;

/// <summary>
/// Small valid files, damaged at random: opening answers with one of the two exceptions for files or opens, in time, and without
/// allocating more than the order of the file's size. YISHARP_MUTATIONS sets their number.
/// </summary>
public sealed class MutationTests
{
    internal static readonly long Mutations = long.Parse(Environment.GetEnvironmentVariable("YISHARP_MUTATIONS") ?? "150", CultureInfo.InvariantCulture);
    private static readonly ulong[] Hostile = [0, 1, ulong.MaxValue, 1UL << 60, 1UL << 63, int.MaxValue, uint.MaxValue, (1UL << 32) + 1];
    private static readonly string[] Words = ["null", "-1", "0", "1e999", "\"\"", "[]", "{}", "true", "\"\\ud800\"", "9223372036854775807", ",", "}", "\"a\":1,"];

    private const long AllowanceBytes = 8L << 20;
    private const int AllowanceFactor = 64;

    /// <summary>A damage: kind, where (share of the file, towards its start), what, and whether once more.</summary>
    internal static readonly Gen<(int File, (int Kind, double Where, int What)[] Damages)> Damage = Gen.Select(
        Gen.Int[0, 1000],
        Gen.Select(Gen.Int[0, 6], Gen.Double[0, 1], Gen.Int[0, int.MaxValue]).Array[1, 3]);

    /// <summary>What distinguishes each kind of model in config.json.</summary>
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["llama"] = """ "model_type":"llama","rope_scaling":null """,
        ["biases"] = """ "model_type":"llama","attention_bias":true,"mlp_bias":true,"rope_scaling":{"type":"linear","factor":2.0} """,
        ["mistral"] = """ "model_type":"mistral","sliding_window":null,"rope_parameters":{"rope_type":"default","rope_theta":1e6} """,
        ["qwen2"] = """ "model_type":"qwen2","use_sliding_window":false,"sliding_window":32,"layer_types":["full_attention"] """,
        ["dynamic"] = """ "model_type":"llama","rope_parameters":{"rope_type":"dynamic","factor":2.0} """,
        ["llama3"] = """ "model_type":"llama","rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":16} """,
        ["yarn"] = """ "model_type":"llama","rope_scaling":{"rope_type":"yarn","factor":4.0,"attention_factor":1.1,"beta_fast":32,"beta_slow":1,"truncate":true} """,
    };

    public static TheoryData<string> KindNames => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(KindNames))]
    public void Damaged_model_folder_opens_or_is_refused(string kind)
    {
        using TemporaryFolder folder = SmallModel(kind);
        Check(folder, path => Touch(Checkpoint.Open(path)));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("biases")]
    [InlineData("qwen2")]
    [InlineData("llama3")]
    [InlineData("yarn")]
    public void Damaged_gguf_opens_or_is_refused(string kind)
    {
        using TemporaryFolder folder = SmallGguf(kind);
        Check(folder, path => Touch(Checkpoint.Open(path)));
    }

    [Fact]
    public void Damaged_part_of_a_split_gguf_opens_or_is_refused()
    {
        using TemporaryFolder folder = GgufPartsTests.Split(3, out _);
        Check(folder, path => Touch(Checkpoint.Open(path)));
    }

    [Fact]
    public void Damaged_adapter_opens_or_is_refused()
    {
        using var folder = new TemporaryFolder().CopyOf(CheckpointGoldens.Adapter("lora-qv"));
        Check(folder, path => LoraAdapter.Open(path));
    }

    [Fact]
    public void Damaged_tokenizer_is_written_as_gguf_or_refused()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(CheckpointGoldens.Tiny("llama-tiny"), "tokenizer.json"), folder["tokenizer.json"]);
        Check(folder, path => GgufVocabularyFormat.Write(TokenizerJsonFormat.Read(Path.Combine(path, "tokenizer.json"), 576, new TokenizerConfig { BosToken = "<|startoftext|>" })).Count());
    }

    private static void Touch(Checkpoint checkpoint)
    {
        using (checkpoint)
        {
            foreach (WeightData weight in checkpoint.Weights.Values)
            {
                var row = new float[weight.Columns];
                weight.DequantizeRow(weight.Rows - 1, row);
            }
        }
    }

    private static void Check(TemporaryFolder folder, Action<string> open)
    {
        string[] files = [.. Directory.GetFiles(folder.Path).Order()];
        byte[][] contents = [.. files.Select(File.ReadAllBytes)];
        long sizeBytes = contents.Sum(c => (long)c.Length);
        open(folder.Path);
        int refused = 0;
        Damage.Sample(damage =>
        {
            int index = damage.File % files.Length;
            byte[] bytes = contents[index];
            foreach ((int kind, double where, int what) in damage.Damages) bytes = Apply(bytes, kind, where, what);
            File.WriteAllBytes(files[index], bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                open(folder.Path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
                Assert.InRange(e.Message.Length, 20, 3000);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllowanceFactor * sizeBytes + AllowanceBytes);
            File.WriteAllBytes(files[index], contents[index]);
        }, iter: Mutations, threads: 1);
        Assert.True(refused > Mutations / 10, $"only {refused} of {Mutations} were refused");
    }

    internal static byte[] Apply(byte[] bytes, int kind, double where, int what)
    {
        if (bytes.Length == 0) return bytes;
        // The cube puts most of the damage into the header.
        int at = (int)(where * where * where * bytes.Length);
        byte[] number = BitConverter.GetBytes(Hostile[what % Hostile.Length]);
        return kind switch
        {
            0 => [.. bytes[..at], (byte)(bytes[Math.Min(at, bytes.Length - 1)] ^ (1 << what % 8)), .. bytes[Math.Min(at + 1, bytes.Length)..]],
            1 => bytes[..at],
            2 => [.. bytes[..at], .. bytes[Math.Min(at + 1 + what % 16, bytes.Length)..]],
            3 => [.. bytes[..at], .. number[..(what % 2 == 0 ? 8 : 4)], .. bytes[Math.Min(at + (what % 2 == 0 ? 8 : 4), bytes.Length)..]],
            4 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(Words[what % Words.Length]), .. bytes[at..]],
            5 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(Words[what % Words.Length]), .. bytes[Math.Min(at + Words[what % Words.Length].Length, bytes.Length)..]],
            _ => [.. bytes[..at], .. bytes[Math.Max(at - what % 64, 0)..at], .. bytes[at..]],
        };
    }

    /// <summary>A model of one layer and 24 tokens in two shards, written by hand.</summary>
    internal static TemporaryFolder SmallModel(string kind)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], $$"""
            {"hidden_size":32,"intermediate_size":32,"num_hidden_layers":1,"num_attention_heads":2,{{Kinds[kind]}},
             "num_key_value_heads":1,"vocab_size":24,"max_position_embeddings":64,"rms_norm_eps":1e-5,
             "tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":[2,7],"torch_dtype":"float32"}
            """);
        File.WriteAllText(folder["generation_config.json"], """{"eos_token_id":[2,7],"temperature":0.6,"top_p":0.8,"top_k":40,"do_sample":true}""");
        File.WriteAllText(folder["tokenizer_config.json"], """{"bos_token":"<s>","eos_token":{"content":"</s>"},"add_bos_token":false,"chat_template":"{{ 'x' }}"}""");
        LlamaConfig config = ConfigReader.Read(JsonFile.Read(folder["config.json"]));
        LlamaTensor[] tensors = [.. LlamaTensors.Of(config)];
        SafetensorsOutput[] outputs = [.. tensors.Select(t => SafetensorsOutput.FromFloats(t.Name, t.Dimensions, Enumerable.Range(0, t.Rows * t.Columns).Select(i => MathF.Sin(i)).ToArray()))];
        SafetensorsWriter.Write(folder["model-1.safetensors"], outputs[..4]);
        SafetensorsWriter.Write(folder["model-2.safetensors"], outputs[4..]);
        File.WriteAllText(folder["model.safetensors.index.json"], $$$"""{"metadata":{},"weight_map":{{{{string.Join(",", tensors.Select((t, i) => $"\"{t.Name}\":\"model-{(i < 4 ? 1 : 2)}.safetensors\""))}}}} }""");
        return folder;
    }

    /// <summary>The same as a .gguf in a folder.</summary>
    internal static TemporaryFolder SmallGguf(string kind)
    {
        var folder = new TemporaryFolder();
        using TemporaryFolder model = SmallModel(kind);
        using Checkpoint checkpoint = Checkpoint.Open(model.Path);
        GgufWriter.Write(folder["model.gguf"], checkpoint, new GgufOptions { Format = t => t.Name.Contains("mlp", StringComparison.Ordinal) ? WeightFormat.Q4_0 : WeightFormat.Q8_0 });
        return folder;
    }
}
