using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A GGUF file's tensors under Hugging Face's names, held against its config.</summary>
internal static class GgufWeights
{
    /// <summary>Refers to the tensors where they lie; rows of q and k are put back in Hugging Face's order.</summary>
    public static Dictionary<string, WeightData> Match(GgufFile file, LlamaConfig config)
    {
        LlamaTensor[] expected = [.. LlamaTensors.Of(config)];
        var found = file.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var names = expected.ToDictionary(t => LlamaTensors.ToGguf(t.Name), StringComparer.Ordinal);
        string[] missing = [.. names.Keys.Where(n => !found.ContainsKey(n))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException($"{file.Path} lacks {missing.Length} of the {expected.Length} tensors that its metadata imply: {SafetensorsWeights.List(missing)}. The file is damaged, convert it again.");
        }
        string[] others = [.. found.Keys.Where(n => !names.ContainsKey(n))];
        if (others.Length > 0)
        {
            throw new NotSupportedException($"{file.Path} has {others.Length} tensors that a plain Llama lacks: {SafetensorsWeights.List(others)}. They would be left out of the computation; take another checkpoint.");
        }

        int[] queryRows = LlamaTensors.StoredRows(config.NumAttentionHeads, config.HeadDim);
        int[] keyRows = LlamaTensors.StoredRows(config.NumKeyValueHeads, config.HeadDim);
        var weights = new Dictionary<string, WeightData>(StringComparer.Ordinal);
        foreach (LlamaTensor tensor in expected)
        {
            GgufTensor stored = found[LlamaTensors.ToGguf(tensor.Name)];
            if (stored.Type.Format is not WeightFormat format)
            {
                throw new NotSupportedException($"{file.Path} stores {stored.Name} in {stored.Type}; {GgufType.Readable} can be read. Take or convert another version of the model.");
            }
            if (!stored.Dimensions.SequenceEqual(tensor.IsVector ? [tensor.Columns] : [tensor.Columns, tensor.Rows]))
            {
                throw new InvalidDataException($"{stored.Name} in {file.Path} has shape {stored.Shape}; the metadata imply {tensor.Shape} ({tensor.Because}). The file is damaged, convert it again.");
            }
            int[]? rows = tensor.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) ? queryRows : tensor.Name.EndsWith("k_proj.weight", StringComparison.Ordinal) ? keyRows : null;
            weights.Add(tensor.Name, new WeightData(tensor.Name, format, tensor.Rows, tensor.Columns, file.Memory, stored.OffsetBytes, rows));
        }
        return weights;
    }
}
