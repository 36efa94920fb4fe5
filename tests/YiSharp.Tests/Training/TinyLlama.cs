using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Tests.Training;

/// <summary>The tiny model that the original software trained, and what it got: Goldens/training/tiny-llama.</summary>
internal static class TinyLlama
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "training", "tiny-llama");

    public static LlamaConfig Config { get; } = new()
    {
        HiddenSize = 64, IntermediateSize = 176, NumHiddenLayers = 3, NumAttentionHeads = 4, NumKeyValueHeads = 2, HeadDim = 16, VocabSize = 512,
        MaxPositionEmbeddings = 256, RmsNormEps = 1e-5f, RopeTheta = 10000, TieWordEmbeddings = false,
    };

    public static JsonElement Report { get; } = Json("report.json");

    /// <summary>Micro-batches of each step.</summary>
    public static Example[][][] Batches { get; } = [.. Json("batches.json").EnumerateArray().Select(step => step.EnumerateArray().Select(Micro).ToArray())];

    public static Example[] Micro(JsonElement micro) => [.. micro.EnumerateArray().Select(e => new Example(
        [.. e.GetProperty("ids").EnumerateArray().Select(x => x.GetInt32())], [.. e.GetProperty("mask").EnumerateArray().Select(x => x.GetInt32() == 1)]))];

    public static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name))).RootElement;

    public static Dictionary<string, WeightData> Model => Weights("model/model.safetensors");

    /// <summary>A safetensors file of F32 and U8, read plainly: independent of the product's reader.</summary>
    public static Dictionary<string, WeightData> Weights(string name) =>
        Arrays(name).ToDictionary(x => x.Key, x => WeightData.FromFloats(x.Key, x.Value.Rows, x.Value.Columns, x.Value.Values));

    public static Dictionary<string, (int Rows, int Columns, float[] Values)> Arrays(string name) => ReadArrays(Path.Combine(Folder, name));

    public static Dictionary<string, (int Rows, int Columns, float[] Values)> ReadArrays(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var arrays = new Dictionary<string, (int, int, float[])>();
        foreach (JsonProperty entry in JsonDocument.Parse(bytes.AsMemory(8, header)).RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__") continue;
            int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(x => x.GetInt32())];
            int[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(x => x.GetInt32())];
            Span<byte> data = bytes.AsSpan(8 + header + offsets[0], offsets[1] - offsets[0]);
            float[] values = entry.Value.GetProperty("dtype").GetString() == "U8" ? [.. data.ToArray().Select(x => (float)x)] : MemoryMarshal.Cast<byte, float>(data).ToArray();
            int columns = shape[^1];
            arrays[entry.Name] = (values.Length / columns, columns, values);
        }
        Assert.NotEmpty(arrays);
        return arrays;
    }

    /// <summary>Sum of −log p over a micro-batch's targets; gradients of loss · scale are added.</summary>
    public static double Step(TapeBackend tape, LlamaModel model, IReadOnlyList<Example> micro, float scale, float[]? noise = null)
    {
        var batch = new SequenceBatch();
        var ids = new List<int>();
        var rows = new List<int>();
        var targets = new List<int>();
        foreach (Example e in micro)
        {
            for (int i = 1; i < e.Ids.Length; i++)
            {
                if (!e.Mask[i]) continue;
                rows.Add(ids.Count + i - 1);
                targets.Add(e.Ids[i]);
            }
            ids.AddRange(e.Ids);
            batch.Add(e.Ids.Length);
        }
        if (targets.Count == 0) return 0;
        tape.EmbeddingNoise = noise;
        using Tensor hidden = model.Forward(tape, [.. ids], batch, [.. rows]);
        double loss = tape.CrossEntropy(hidden, model.LmHead, [.. targets], scale);
        tape.Backward();
        return loss;
    }

    public static int TargetsOf(IEnumerable<Example> examples) => examples.Sum(e => e.Mask.Skip(1).Count(x => x));

    public static double GradientNorm(ITrainingBackend backend, TapeBackend tape) => Math.Sqrt(tape.Parameters.Sum(backend.GradientSumOfSquares));

    public static float[] Part(Parameter parameter, ParameterPart part)
    {
        var values = new float[parameter.Rows * parameter.Columns];
        parameter.Read(part, values);
        return values;
    }

    /// <summary>Σ (x − y)² / Σ y².</summary>
    public static double Nmse(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Assert.Equal(y.Length, x.Length);
        double error = 0, size = 0;
        for (int i = 0; i < x.Length; i++)
        {
            error += Math.Pow((double)x[i] - y[i], 2);
            size += (double)y[i] * y[i];
        }
        return error / Math.Max(size, 1e-60);
    }
}

internal sealed record Example(int[] Ids, bool[] Mask);
