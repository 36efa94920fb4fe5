using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A GGUF file's tensors under Hugging Face's names, held against its config.</summary>
internal static class GgufWeights
{
    /// <summary>Refers to the tensors where they lie; rows of q and k are put back in Hugging Face's order.</summary>
    public static Dictionary<string, WeightData> Match(GgufFile file, LlamaConfig config)
    {
        // Thousands of layers that a damaged number asks for are not listed: a layer has several tensors.
        if (config.NumHiddenLayers > file.Tensors.Count)
        {
            throw new InvalidDataException($"{file.Path} says {config.ModelType.Gguf}.block_count = {config.NumHiddenLayers}, but holds {file.Tensors.Count} tensors; several for each layer were expected. The file is damaged, convert it again.");
        }
        LlamaTensor[] expected = [.. LlamaTensors.Of(config)];
        var found = file.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var names = expected.Select(t => LlamaTensors.ToGguf(t.Name)).ToHashSet(StringComparer.Ordinal);
        string[] missing = [.. names.Where(n => !found.ContainsKey(n))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException($"{file.Path} lacks {missing.Length} of the {expected.Length} tensors that its metadata imply: {SafetensorsWeights.List(missing)}. The file is damaged, convert it again.");
        }
        string[] others = [.. found.Keys.Where(n => !names.Contains(n) && n != GgufRope.DivisorsName)];
        if (others.Length > 0)
        {
            throw new NotSupportedException($"{file.Path} has {others.Length} tensors that a plain Llama lacks: {SafetensorsWeights.List(others)}. They would be left out of the computation; take another checkpoint.");
        }

        var weights = new Dictionary<string, WeightData>(StringComparer.Ordinal);
        var orders = new Dictionary<int, int[]>();
        foreach (LlamaTensor tensor in expected)
        {
            GgufTensor stored = found[LlamaTensors.ToGguf(tensor.Name)];
            if (stored.Type.Format is not WeightFormat format)
            {
                throw new NotSupportedException($"{file.Path} stores {stored.Name} in {stored.Type}; {GgufType.Readable} can be read. Take or convert another version of the model.");
            }
            if (!stored.Dimensions.Reverse().SequenceEqual(tensor.Dimensions))
            {
                throw new InvalidDataException($"{stored.Name} in {file.Path} has shape {stored.Shape}; the metadata imply {tensor.Shape} ({tensor.Because}). The file is damaged, convert it again.");
            }
            int[]? order = null;
            if (LlamaTensors.PermutedHeads(config, tensor) is int heads && !orders.TryGetValue(heads, out order)) orders.Add(heads, order = LlamaTensors.StoredRows(heads, config.HeadDim));
            var data = new WeightData(tensor.Name, format, tensor.Rows, tensor.Columns, stored.Memory, stored.OffsetBytes, tensor.IsVector ? null : order);
            weights.Add(tensor.Name, tensor.IsVector && order is not null ? Reorder(data, order) : data);
        }
        return weights;
    }

    /// <summary>A bias's elements in Hugging Face's order, in memory of their own: only whole rows can be reordered where they lie.</summary>
    private static WeightData Reorder(WeightData stored, int[] order)
    {
        float[] values = stored.ToArray();
        return WeightData.FromFloats(stored.Name, 1, values.Length, [.. order.Select(place => values[place])]);
    }
}
