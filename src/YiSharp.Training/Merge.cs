using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>Adds an adapter into the weights that it stands beside: W + scale · B · A, in single precision, a row at a time.</summary>
public static class Merge
{
    /// <summary>Every matrix of the base with the adapter added, to be written; the checkpoint must stay open.</summary>
    /// <exception cref="InvalidDataException">The adapter belongs to another model.</exception>
    public static IEnumerable<WeightSource> Weights(Checkpoint checkpoint, LoraAdapter adapter)
    {
        adapter.RequireFits(checkpoint.Config);
        return LlamaTensors.Of(checkpoint.Config).Select(tensor =>
        {
            WeightData stored = checkpoint.Weights[tensor.Name];
            return !tensor.IsVector && adapter.Modules.TryGetValue(tensor.Module, out LoraModule? lora)
                ? new WeightSource(tensor.Name, tensor.Rows, tensor.Columns, (row, values) => FillRow(stored, lora, adapter.Scale, row, values))
                : new WeightSource(stored);
        });
    }

    /// <summary>Writes the merged model as a Hugging Face folder in place of what is at <paramref name="path"/>.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="checkpoint">The base model.</param>
    /// <param name="adapter">What to add.</param>
    /// <param name="format">F16, F32 or BF16; null takes F16.</param>
    /// <param name="modelCard">Text of <c>README.md</c>; null for none.</param>
    /// <param name="cancellation">Ends it early; what was at <paramref name="path"/> stays.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static void Write(
        string path, Checkpoint checkpoint, LoraAdapter adapter, WeightFormat? format = null, string? modelCard = null, CancellationToken cancellation = default) =>
        HuggingFaceWriter.Write(path, checkpoint, new HuggingFaceOptions
        {
            Format = _ => format ?? WeightFormat.F16,
            Weights = Weights(checkpoint, adapter),
            Progress = (_, _) => cancellation.ThrowIfCancellationRequested(),
            ModelCard = modelCard,
        });

    /// <summary>values = W[row] + scale · Σ B[row, r] · A[r], the sum first.</summary>
    private static void FillRow(WeightData stored, LoraModule lora, float scale, int row, Span<float> values)
    {
        stored.DequantizeRow(row, values);
        var added = new float[values.Length];
        for (int r = 0; r < lora.Rank; r++)
        {
            float factor = lora.B[row * lora.Rank + r];
            ReadOnlySpan<float> a = lora.A.AsSpan(r * lora.Inputs, lora.Inputs);
            for (int i = 0; i < added.Length; i++) added[i] += factor * a[i];
        }
        for (int i = 0; i < values.Length; i++) values[i] += scale * added[i];
    }
}
