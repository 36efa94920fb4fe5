using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Tests.Checkpoints;

public sealed class CheckpointTests
{
    private static readonly string Goldens = CheckpointGoldens.Root;
    private static readonly string Embedded = CheckpointGoldens.Embedded;

    [Theory]
    [InlineData("llama-tiny", true, 32, 10000, 29)]
    [InlineData("yi-tiny", false, 16, 5000000, 30)]
    public void Hugging_Face_folder_in_either_style_opens(string name, bool tied, int headDim, double theta, int tensorCount)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(Goldens, "tiny", name));
        Assert.Equal(tied, checkpoint.Config.TieWordEmbeddings);
        Assert.Equal(headDim, checkpoint.Config.HeadDim);
        Assert.Equal(theta, checkpoint.Config.RopeTheta);
        Assert.Equal(1e-5f, checkpoint.Config.RmsNormEps);
        Assert.Equal([2], checkpoint.Config.EosTokenIds);
        Assert.Equal(tensorCount, checkpoint.Weights.Count);
        Assert.Equal("<|im_end|>", checkpoint.TokenizerConfig.EosToken);
        Assert.False(checkpoint.TokenizerConfig.AddBosToken);
        Assert.NotNull(checkpoint.VocabularyPath);
        Assert.Contains("<|im_start|>", checkpoint.ChatTemplate, StringComparison.Ordinal);
        Assert.Null(checkpoint.Gguf);
    }

    [Fact]
    public void Sharded_folder_gives_generation_config_and_values()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(Goldens, "tiny", "yi-tiny"));
        Assert.Equal([2, 7], checkpoint.Generation.EosTokenIds);
        Assert.Equal(WeightFormat.BF16, checkpoint.Weights["lm_head.weight"].Format);
        Assert.Equal((640, 128), (checkpoint.Weights["lm_head.weight"].Rows, checkpoint.Weights["lm_head.weight"].Columns));
        Assert.All(checkpoint.Weights["model.norm.weight"].ToArray(), v => Assert.InRange(v, -10f, 10f));
    }

    [Theory]
    [InlineData("llama-f16", "F16")]
    [InlineData("llama-q8_0", "Q8_0")]
    [InlineData("llama-q4_0-mix", null)]
    public void Gguf_holds_the_rounded_weights_of_the_folder_that_it_was_made_from(string name, string? format)
    {
        using Checkpoint original = Checkpoint.Open(Path.Combine(Goldens, "tiny", "llama-tiny"));
        using Checkpoint gguf = Checkpoint.Open(Path.Combine(Goldens, "gguf", name + ".gguf"));
        Assert.Equal(original.Config with { EosTokenIds = [7] }, gguf.Config, ConfigComparer.Instance);
        Assert.Equal(original.ChatTemplate, gguf.ChatTemplate);
        Assert.Equal("<|im_end|>", gguf.TokenizerConfig.EosToken);
        Assert.Equal(original.Weights.Keys.Order(), gguf.Weights.Keys.Order());

        int compared = 0;
        foreach ((string key, WeightData stored) in gguf.Weights)
        {
            WeightData source = original.Weights[key];
            if (format is not null) Assert.Equal(stored.Rows == 1 ? "F32" : format, stored.Format.Name);
            var bytes = new byte[stored.RowBytes];
            var values = new float[source.Columns];
            for (int row = 0; row < source.Rows; row++)
            {
                source.DequantizeRow(row, values);
                stored.Format.Quantize(values, bytes);
                Assert.True(stored.Row(row).SequenceEqual(bytes), $"{key} row {row}");
                compared++;
            }
        }
        Assert.Equal(original.Weights.Values.Sum(w => w.Rows), compared);
    }

    [Fact]
    public void Embedded_model_opens_from_its_folder()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Embedded);
        Assert.Equal((576, 1536, 30, 9, 3, 64, 49152), (checkpoint.Config.HiddenSize, checkpoint.Config.IntermediateSize, checkpoint.Config.NumHiddenLayers,
            checkpoint.Config.NumAttentionHeads, checkpoint.Config.NumKeyValueHeads, checkpoint.Config.HeadDim, checkpoint.Config.VocabSize));
        Assert.Equal(100000, checkpoint.Config.RopeTheta);
        Assert.True(checkpoint.Config.TieWordEmbeddings);
        Assert.Equal([2], checkpoint.Generation.EosTokenIds);
        Assert.Equal("Q4_1", checkpoint.Weights["model.layers.0.self_attn.q_proj.weight"].Format.Name);
        Assert.Equal(134515008, checkpoint.ParameterCount);
        Assert.Equal(49152, ((string[])checkpoint.Gguf!.Metadata["tokenizer.ggml.tokens"]).Length);
    }

    private sealed class ConfigComparer : IEqualityComparer<LlamaConfig>
    {
        public static ConfigComparer Instance { get; } = new();

        public bool Equals(LlamaConfig? x, LlamaConfig? y) => x!.EosTokenIds.SequenceEqual(y!.EosTokenIds) && x with { EosTokenIds = [] } == y with { EosTokenIds = [] };

        public int GetHashCode(LlamaConfig obj) => 0;
    }

    [Theory]
    [InlineData("llama-q4_k-mix", "blk.0.ffn_up.weight", "a scale that is not finite in row 5 at column 0")]
    [InlineData("llama-q8_0", "blk.0.ffn_gate.weight", "a scale that is not finite in row 5 at column 0")]
    [InlineData("llama-f16", "blk.0.attn_v.weight", "a weight that is not finite in row 5 at column 0")]
    public void A_weight_that_is_not_finite_is_named(string name, string tensor, string expected)
    {
        using var folder = new TemporaryFolder();
        string copy = Path.Combine(folder.Path, "broken.gguf");
        byte[] bytes = File.ReadAllBytes(CheckpointGoldens.Gguf(name));
        using (GgufFile file = GgufFile.Open(CheckpointGoldens.Gguf(name)))
        {
            GgufTensor stored = file.Tensors.Single(t => t.Name == tensor);
            long rowBytes = stored.LengthBytes / stored.Dimensions[1];
            BitConverter.TryWriteBytes(bytes.AsSpan((int)(stored.OffsetBytes + 5 * rowBytes)), Half.NaN);
        }
        File.WriteAllBytes(copy, bytes);

        using Checkpoint checkpoint = Checkpoint.Open(copy);
        string message = Assert.Throws<InvalidDataException>(() => checkpoint.RequireFinite()).Message;
        Assert.Contains(expected, message);
        Assert.Contains(copy, message);
        Assert.Contains(LlamaTensors.FromGguf(tensor)!, message);
        using Checkpoint whole = Checkpoint.Open(CheckpointGoldens.Gguf(name));
        whole.RequireFinite();
    }
}
