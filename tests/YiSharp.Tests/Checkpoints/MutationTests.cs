using System.Diagnostics;
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
    internal static readonly long Mutations = long.Parse(Environment.GetEnvironmentVariable("YISHARP_MUTATIONS") ?? "400", CultureInfo.InvariantCulture);
    private static readonly ulong[] Hostile = [0, 1, ulong.MaxValue, 1UL << 60, 1UL << 63, int.MaxValue, uint.MaxValue, (1UL << 32) + 1];
    private static readonly string[] Words = ["null", "-1", "0", "1e999", "\"\"", "[]", "{}", "true", "\"\\ud800\"", "9223372036854775807", ",", "}", "\"a\":1,"];

    private const long AllowanceBytes = 8L << 20;
    private const int AllowanceFactor = 64;

    /// <summary>A damage: kind, where (share of the file, towards its start), what, and whether once more.</summary>
    internal static readonly Gen<(int File, (int Kind, double Where, int What)[] Damages)> Damage = Gen.Select(
        Gen.Int[0, 1000],
        Gen.Select(Gen.Int[0, 6], Gen.Double[0, 1], Gen.Int[0, int.MaxValue]).Array[1, 3]);

    [Fact]
    public void Damaged_model_folder_opens_or_is_refused()
    {
        using var folder = SmallModel("hf");
        Check(folder, path => Touch(Checkpoint.Open(path)));
    }

    [Fact]
    public void Damaged_gguf_opens_or_is_refused()
    {
        using var folder = SmallModel("gguf");
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
            long started = Stopwatch.GetTimestamp();
            try
            {
                open(folder.Path);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
                Assert.InRange(e.Message.Length, 20, 3000);
            }
            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
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

    /// <summary>A Llama of one layer and 24 tokens, written by hand.</summary>
    internal static TemporaryFolder SmallModel(string kind)
    {
        var folder = new TemporaryFolder();
        string model = Directory.CreateDirectory(folder["model"]).FullName;
        File.WriteAllText(Path.Combine(model, "config.json"), """
            {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":32,"intermediate_size":32,"num_hidden_layers":1,"num_attention_heads":2,
             "num_key_value_heads":1,"vocab_size":24,"max_position_embeddings":64,"rms_norm_eps":1e-5,"rope_theta":10000.0,"rope_scaling":null,
             "tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":[2,7],"torch_dtype":"float32"}
            """);
        File.WriteAllText(Path.Combine(model, "generation_config.json"), """{"eos_token_id":[2,7],"temperature":0.6,"top_p":0.8,"top_k":40,"do_sample":true}""");
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), """{"bos_token":"<s>","eos_token":{"content":"</s>"},"add_bos_token":false,"chat_template":"{{ 'x' }}"}""");
        var config = new LlamaConfig
        {
            HiddenSize = 32,
            IntermediateSize = 32,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            HeadDim = 16,
            VocabSize = 24,
            MaxPositionEmbeddings = 64,
            RmsNormEps = 1e-5f,
            RopeTheta = 10000,
            TieWordEmbeddings = true,
        };
        LlamaTensor[] tensors = [.. LlamaTensors.Of(config)];
        SafetensorsOutput[] outputs = [.. tensors.Select(t => SafetensorsOutput.FromFloats(t.Name, t.IsVector ? [t.Columns] : [t.Rows, t.Columns], Enumerable.Range(0, t.Rows * t.Columns).Select(i => MathF.Sin(i)).ToArray()))];
        SafetensorsWriter.Write(Path.Combine(model, "model-1.safetensors"), outputs[..4]);
        SafetensorsWriter.Write(Path.Combine(model, "model-2.safetensors"), outputs[4..]);
        File.WriteAllText(Path.Combine(model, "model.safetensors.index.json"), $$$"""{"metadata":{},"weight_map":{{{{string.Join(",", tensors.Select((t, i) => $"\"{t.Name}\":\"model-{(i < 4 ? 1 : 2)}.safetensors\""))}}}} }""");
        if (kind == "gguf")
        {
            using Checkpoint checkpoint = Checkpoint.Open(model);
            GgufWriter.Write(folder["model.gguf"], checkpoint, new GgufOptions { Format = t => t.Name.Contains("mlp", StringComparison.Ordinal) ? WeightFormat.Q4_0 : WeightFormat.Q8_0 });
        }
        else
        {
            folder.CopyOf(model);
        }
        Directory.Delete(model, recursive: true);
        return folder;
    }
}
