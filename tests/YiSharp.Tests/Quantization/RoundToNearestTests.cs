using YiSharp.Checkpoints;
using YiSharp.Quantization;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Quantization;

public sealed class RoundToNearestTests
{
    [Theory]
    [InlineData(8, 8.5, 1e-5, 1e-4)]
    [InlineData(4, 4.5, 3e-3, 1.2e-2)]
    public void Folder_holds_one_gguf_and_a_report_of_its_error(int bits, double bitsPerWeight, double leastError, double mostError)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        QuantizationReport report = RoundToNearest.Quantize(source, folder["q"], new QuantizationOptions { Bits = bits, ModelCard = "card" });
        using Checkpoint quantized = Checkpoint.Open(folder["q"]);
        Assert.Equal(["README.md", "quantization.json", $"yi-tiny.Q{bits}_0.gguf"], Directory.GetFiles(folder["q"]).Select(f => Path.GetFileName(f)).Order());
        Assert.Equal("Q8_0", quantized.Weights["model.embed_tokens.weight"].Format.Name);
        Assert.Equal("Q8_0", quantized.Weights["lm_head.weight"].Format.Name);
        Assert.Equal($"Q{bits}_0", quantized.Weights["model.layers.1.mlp.up_proj.weight"].Format.Name);
        Assert.Equal("F32", quantized.Weights["model.norm.weight"].Format.Name);

        TensorReport up = report.Tensors.Single(t => t.Name == "model.layers.1.mlp.up_proj.weight");
        Assert.Equal([192, 128], up.Shape);
        Assert.Equal(bitsPerWeight, up.BitsPerWeight);
        Assert.Equal(192 * 128 * bitsPerWeight / 8, up.Bytes);
        Assert.InRange(up.NormalizedSquaredError, leastError, mostError);
        Assert.Equal(Error(source, quantized, up.Name), up.NormalizedSquaredError, 1e-9);
        Assert.Equal(0, report.Tensors.Single(t => t.Name == "model.norm.weight").NormalizedSquaredError);
        Assert.Equal(source.ParameterCount, report.Parameters);
        Assert.Equal(new FileInfo(Path.Combine(folder["q"], report.File)).Length, report.FileBytes);

        QuantizationReport read = QuantizationReport.Read(Path.Combine(folder["q"], "quantization.json"));
        Assert.Equal(report.Tensors.Count, read.Tensors.Count);
        Assert.Equal(report with { Tensors = [] }, read with { Tensors = [] });
    }

    [Fact]
    public void Rows_without_whole_blocks_are_stored_as_F16_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        LlamaConfig odd = source.Config with { IntermediateSize = 150 };
        var weights = LlamaTensors.Of(odd).Select(t => new WeightSource(t.Name, t.Rows, t.Columns, (row, values) => values.Fill(row + 1))).ToList();
        HuggingFaceWriterOf(folder["hf"], source, odd, weights);
        using Checkpoint model = Checkpoint.Open(folder["hf"]);
        QuantizationReport report = RoundToNearest.Quantize(model, folder["a.gguf"], new QuantizationOptions { Bits = 4 });
        TensorReport down = report.Tensors.Single(t => t.Name == "model.layers.0.mlp.down_proj.weight");
        Assert.Equal("F16", down.Format);
        Assert.Contains("150", down.Note, StringComparison.Ordinal);
        Assert.Null(report.Tensors.Single(t => t.Name == "model.layers.0.mlp.up_proj.weight").Note);
    }

    [Fact]
    public void Other_numbers_of_bits_are_refused()
    {
        using Checkpoint source = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        Assert.Contains("5 bits", Assert.Throws<ArgumentException>(() => RoundToNearest.Quantize(source, "x", new QuantizationOptions { Bits = 5 })).Message, StringComparison.Ordinal);
    }

    private static double Error(Checkpoint source, Checkpoint quantized, string name)
    {
        float[] before = source.Weights[name].ToArray();
        float[] after = quantized.Weights[name].ToArray();
        return before.Zip(after, (b, a) => Math.Pow((double)b - a, 2)).Sum() / before.Sum(b => (double)b * b);
    }

    /// <summary>Writes a folder whose config differs from the source's, by way of its files.</summary>
    private static void HuggingFaceWriterOf(string path, Checkpoint source, LlamaConfig config, IReadOnlyList<WeightSource> weights)
    {
        Directory.CreateDirectory(path);
        string text = File.ReadAllText(Path.Combine(source.Path, "config.json"));
        Assert.Contains("\"intermediate_size\": 160", text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(path, "config.json"), text.Replace("\"intermediate_size\": 160", $"\"intermediate_size\": {config.IntermediateSize}", StringComparison.Ordinal));
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. weights.Select(w =>
        {
            var values = new float[w.Rows * w.Columns];
            for (int row = 0; row < w.Rows; row++) w.Fill(row, values.AsSpan(row * w.Columns, w.Columns));
            return SafetensorsOutput.FromFloats(w.Name, LlamaTensors.IsVector(w.Name) ? [w.Columns] : [w.Rows, w.Columns], values);
        })]);
    }
}
