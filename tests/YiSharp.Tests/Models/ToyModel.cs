using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Tests.Models;

/// <summary>Small random Llamas.</summary>
internal static class ToyModel
{
    /// <summary>Grouped-query heads, all widths multiples of 32.</summary>
    public static LlamaConfig Config { get; } = new()
    {
        HiddenSize = 64,
        IntermediateSize = 160,
        NumHiddenLayers = 2,
        NumAttentionHeads = 6,
        NumKeyValueHeads = 2,
        HeadDim = 32,
        VocabSize = 200,
        MaxPositionEmbeddings = 512,
        RmsNormEps = 1e-5f,
        RopeTheta = 10000,
        TieWordEmbeddings = true,
    };

    /// <summary>Random weights, matrices in <paramref name="format"/>.</summary>
    public static Dictionary<string, WeightData> Weights(LlamaConfig config, WeightFormat format, ulong seed = 7)
    {
        var noise = new Noise(seed);
        return LlamaTensors.Of(config).ToDictionary(parameter => parameter.Name, parameter =>
        {
            float[] values = noise.Normals(parameter.Rows * parameter.Columns, parameter.Rows == 1 ? 0.2f : 1.5f / MathF.Sqrt(parameter.Columns));
            if (parameter.Rows > 1) return In(format, parameter.Name, parameter.Rows, parameter.Columns, values);
            for (int i = 0; i < values.Length; i++) values[i] += 1;
            return WeightData.FromFloats(parameter.Name, 1, parameter.Columns, values);
        });
    }

    /// <summary>A matrix rounded to a format.</summary>
    public static WeightData In(WeightFormat format, string name, int rows, int columns, ReadOnlySpan<float> values)
    {
        int rowBytes = (int)format.RowBytes(columns);
        TensorMemory memory = TensorMemory.Allocate((long)rows * rowBytes);
        for (int row = 0; row < rows; row++) format.Quantize(values.Slice(row * columns, columns), memory.Slice((long)row * rowBytes, rowBytes));
        return new WeightData(name, format, rows, columns, memory);
    }

    public static int[] Ids(int count, int vocab, ulong seed = 3)
    {
        var noise = new Noise(seed);
        return [.. Enumerable.Range(0, count).Select(_ => noise.Below(vocab))];
    }

    /// <summary>Logits of every row of one pass over whole sequences.</summary>
    public static float[] Logits(LlamaModel model, IBackend backend, ReadOnlySpan<int> ids, SequenceBatch? batch = null)
    {
        if (batch is null)
        {
            batch = new SequenceBatch();
            batch.Add(ids.Length);
        }
        using Tensor hidden = model.Forward(backend, ids, batch, [.. Enumerable.Range(0, ids.Length)]);
        using Tensor logits = model.Logits(backend, hidden);
        var values = new float[logits.Rows * logits.Columns];
        backend.Read(logits, values);
        return values;
    }
}
