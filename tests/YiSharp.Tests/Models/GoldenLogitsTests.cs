using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Models;

/// <summary>Logits of small random models by the original software.</summary>
public sealed class GoldenLogitsTests
{
    [Theory]
    [InlineData("llama-tiny")]
    [InlineData("yi-tiny")]
    public void Folders_give_the_original_softwares_logits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        RequireLogits(checkpoint, null, CheckpointGoldens.Tiny(name), Tolerance.TinyLogits);
    }

    [Theory]
    [InlineData("llama-f16")]
    [InlineData("llama-q4_0-mix")]
    [InlineData("llama-q8_0")]
    public void Gguf_files_give_the_logits_of_their_exact_weights(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Gguf(name));
        RequireLogits(checkpoint, null, Path.ChangeExtension(CheckpointGoldens.Gguf(name), null), Tolerance.TinyLogits);
    }

    [Theory]
    [InlineData("lora-qv")]
    [InlineData("rslora-all")]
    public void Adapters_give_the_original_softwares_logits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        RequireLogits(checkpoint, LoraAdapter.Open(CheckpointGoldens.Adapter(name)), CheckpointGoldens.Adapter(name), Tolerance.AdaptedTinyLogits);
    }

    private static void RequireLogits(Checkpoint checkpoint, LoraAdapter? adapter, string golden, float tolerance)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(golden + ".expected.json"));
        var expected = new GoldenTensors(golden + ".expected.safetensors");
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend, adapter);
        int vocab = model.Config.VocabSize, sequence = 0;

        foreach (JsonElement entry in json.RootElement.GetProperty("sequences").EnumerateArray())
        {
            int[] ids = [.. entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            int[] positions = expected.Values<int>($"positions.{sequence}");
            float[] wanted = expected.Values<float>($"logits.{sequence}");
            Assert.Equal(positions.Length * vocab, wanted.Length);
            float[] logits = ToyModel.Logits(model, backend, ids);
            for (int i = 0; i < wanted.Length; i++)
            {
                float difference = logits[positions[i / vocab] * vocab + i % vocab] - wanted[i];
                Assert.True(MathF.Abs(difference) <= tolerance, $"{golden}, sequence {sequence}, position {positions[i / vocab]}: off by {difference}");
            }
            sequence++;
        }
        Assert.True(sequence >= 2, $"{golden} holds {sequence} sequences.");
    }
}
