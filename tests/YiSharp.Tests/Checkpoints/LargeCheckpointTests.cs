using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints;

/// <summary>
/// Files with Yi-34B's shapes whose weights are holes: they take no room on disk, and reading them would take minutes. Opening takes
/// milliseconds (written to the test's output) and memory for the headers.
/// </summary>
public sealed class LargeCheckpointTests(ITestOutputHelper output)
{
    private const long ParameterCount = 34_388_917_248;
    private const long AllowanceBytes = 64L << 20;

    internal static readonly LlamaConfig Yi34B = new()
    {
        HiddenSize = 7168, IntermediateSize = 20480, NumHiddenLayers = 60, NumAttentionHeads = 56, NumKeyValueHeads = 8, HeadDim = 128, VocabSize = 64000,
        MaxPositionEmbeddings = 4096, RmsNormEps = 1e-5f, RopeTheta = 5e6, TieWordEmbeddings = false,
    };

    /// <summary>The same numbers as a header gives them.</summary>
    internal static ModelShape ShapeOf(LlamaConfig config) => new()
    {
        NumHiddenLayers = config.NumHiddenLayers, HiddenSize = config.HiddenSize, NumAttentionHeads = config.NumAttentionHeads, NumKeyValueHeads = config.NumKeyValueHeads, HeadDim = config.HeadDim,
        IntermediateSize = config.IntermediateSize, VocabSize = config.VocabSize, MaxPositionEmbeddings = config.MaxPositionEmbeddings, TieWordEmbeddings = config.TieWordEmbeddings,
    };

    [Fact]
    public void Gguf_with_Yi_34B_s_shapes_opens_by_its_header()
    {
        using var folder = new TemporaryFolder();
        WriteGguf(folder["yi-34b.gguf"]);
        Open(folder["yi-34b.gguf"]);
    }

    /// <summary>A GGUF in Q4_0 whose weights are holes.</summary>
    internal static void WriteGguf(string path)
    {
        GgufOutput[] tensors = [.. LlamaTensors.Of(Yi34B).Select(t =>
        {
            WeightFormat format = t.IsVector ? WeightFormat.F32 : WeightFormat.Q4_0;
            return new GgufOutput(LlamaTensors.ToGguf(t.Name), [.. t.Dimensions.Reverse()], GgufType.For(format), t.Rows * format.RowBytes(t.Columns));
        })];
        byte[] header = GgufHeaderWriter.Header(
        [
            ("general.architecture", "llama"), ("llama.context_length", 4096u), ("llama.embedding_length", 7168u), ("llama.feed_forward_length", 20480u), ("llama.block_count", 60u),
            ("llama.attention.head_count", 56u), ("llama.attention.head_count_kv", 8u), ("llama.attention.layer_norm_rms_epsilon", 1e-5f), ("llama.rope.freq_base", 5e6f),
            ("tokenizer.ggml.model", "llama"), ("tokenizer.ggml.tokens", Enumerable.Range(0, 64000).Select(i => $"▁piece{i}").ToArray()),
            ("tokenizer.ggml.scores", new float[64000]), ("tokenizer.ggml.token_type", new int[64000]),
        ], tensors);
        WriteSparse(path, header, tensors.Sum(t => t.LengthBytes + GgufHeaderWriter.Padding(t.LengthBytes)));
    }

    [Fact]
    public void Shards_with_Yi_34B_s_shapes_open_by_their_headers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["config.json"], ConfigWriter.Config(Yi34B, WeightFormat.BF16, [2]));
        var fileOf = new Dictionary<string, string>();
        int shard = 0;
        foreach (LlamaTensor[] tensors in LlamaTensors.Of(Yi34B).Chunk(40))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"model-{++shard:00000}-of-00014.safetensors");
            long end = 0;
            var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
            foreach (LlamaTensor tensor in tensors)
            {
                long start = end;
                end += 2L * tensor.Rows * tensor.Columns;
                header.Append(CultureInfo.InvariantCulture, $",\"{tensor.Name}\":{{\"dtype\":\"BF16\",\"shape\":{tensor.Shape},\"data_offsets\":[{start},{end}]}}");
                fileOf.Add(tensor.Name, name);
            }
            byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
            WriteSparse(folder[name], [.. BitConverter.GetBytes((ulong)json.Length), .. json], end);
        }
        Assert.Equal(14, shard);
        File.WriteAllText(folder["model.safetensors.index.json"], JsonSerializer.Serialize(new { metadata = new { }, weight_map = fileOf }));
        Open(folder.Path);
    }

    /// <summary>A file of a header and a hole.</summary>
    internal static void WriteSparse(string path, byte[] header, long dataBytes)
    {
        using FileStream stream = File.Create(path);
        stream.Write(header);
        try
        {
            stream.SetLength(header.Length + dataBytes);
        }
        catch (IOException e)
        {
            Assert.Skip($"The file system of {Path.GetTempPath()} has no files with holes: {e.Message}");
        }
    }

    private void Open(string path)
    {
        Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny")).Dispose();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        using Checkpoint checkpoint = Checkpoint.Open(path);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{checkpoint.WeightBytes / 1e9:0.0} GB opened in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms"));
        Assert.Equal(ParameterCount, checkpoint.ParameterCount);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, AllowanceBytes);
        Assert.Equal(0, checkpoint.Weights[LlamaTensors.LmHead].Row(63999)[0]);
    }
}
