using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Tests.Models;

/// <summary>Logits of small random models by the original software in single precision.</summary>
public sealed class TinyModelGoldenTests
{
    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "goldens", "checkpoints", "tiny"));

    private static readonly LlamaConfig s_llamaTiny = ToyModel.Config with
    {
        HiddenSize = 64, IntermediateSize = 160, NumHiddenLayers = 3, NumAttentionHeads = 4, NumKeyValueHeads = 2, HeadDim = 32, VocabSize = 576, RmsNormEps = 1e-5f, RopeTheta = 10000, TieWordEmbeddings = true,
    };

    [Theory]
    [InlineData("llama-tiny")]
    [InlineData("yi-tiny")]
    public void Logits_equal_the_original_softwares(string name)
    {
        string folder = Path.Combine(Folder, name);
        if (!Directory.Exists(folder)) Assert.Skip($"{folder} is not there.");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name + ".expected.json")));
        var expected = new GoldenTensors(Path.Combine(Folder, name + ".expected.safetensors"));
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(ConfigOf(folder), WeightsOf(folder), backend);

        int sequence = 0;
        foreach (JsonElement entry in json.RootElement.GetProperty("sequences").EnumerateArray())
        {
            int[] ids = [.. entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            int[] positions = expected.Values<int>($"positions.{sequence}");
            float[] wanted = expected.Values<float>($"logits.{sequence}");
            float[] logits = ToyModel.Logits(model, backend, ids);
            for (int i = 0; i < wanted.Length; i++)
            {
                int position = positions[i / model.Config.VocabSize];
                float difference = logits[position * model.Config.VocabSize + i % model.Config.VocabSize] - wanted[i];
                Assert.True(MathF.Abs(difference) <= Tolerance.TinyLogits, $"{name}, sequence {sequence}, position {position}: off by {difference}");
            }
            sequence++;
        }
        Assert.True(sequence >= 3);
    }

    private static LlamaConfig ConfigOf(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        JsonElement root = json.RootElement;
        int Field(string name) => root.GetProperty(name).GetInt32();
        JsonElement rope = root.TryGetProperty("rope_parameters", out JsonElement parameters) ? parameters : root;
        return s_llamaTiny with
        {
            HiddenSize = Field("hidden_size"),
            IntermediateSize = Field("intermediate_size"),
            NumHiddenLayers = Field("num_hidden_layers"),
            NumAttentionHeads = Field("num_attention_heads"),
            NumKeyValueHeads = Field("num_key_value_heads"),
            HeadDim = root.TryGetProperty("head_dim", out JsonElement headDim) ? headDim.GetInt32() : Field("hidden_size") / Field("num_attention_heads"),
            VocabSize = Field("vocab_size"),
            RmsNormEps = root.GetProperty("rms_norm_eps").GetSingle(),
            RopeTheta = rope.GetProperty("rope_theta").GetDouble(),
            TieWordEmbeddings = root.GetProperty("tie_word_embeddings").GetBoolean(),
        };
    }

    private static Dictionary<string, WeightData> WeightsOf(string folder)
    {
        var weights = new Dictionary<string, WeightData>();
        foreach (string file in Directory.EnumerateFiles(folder, "*.safetensors"))
        {
            var tensors = new GoldenTensors(file);
            foreach (string name in tensors.Names)
            {
                int[] shape = tensors.Shape(name);
                TensorMemory memory = TensorMemory.Allocate(tensors.Bytes(name).Length);
                tensors.Bytes(name).CopyTo(memory.Slice(0, tensors.Bytes(name).Length));
                weights[name] = new WeightData(name, tensors.Type(name) == "F32" ? WeightFormat.F32 : WeightFormat.BF16, shape.Length == 1 ? 1 : shape[0], shape[^1], memory);
            }
        }
        return weights;
    }
}
