using System.Globalization;

namespace YiSharp.Checkpoints;

/// <summary>Names and sizes of a Hugging Face folder's weight files.</summary>
internal static class SafetensorsShards
{
    /// <summary>The only file of weights.</summary>
    public const string SingleName = "model.safetensors";

    /// <summary>Says which tensor is in which file, where there are several.</summary>
    public const string IndexName = "model.safetensors.index.json";

    /// <summary>
    /// Writes tensors in their order into files of at most <paramref name="maxShardBytes"/> bytes of data (one larger tensor has a file of its
    /// own), as huggingface_hub's <c>split_state_dict_into_shards_factory</c> does: one file without an index, or several with one.
    /// </summary>
    public static void Write(string folder, IReadOnlyList<SafetensorsOutput> tensors, long maxShardBytes)
    {
        List<List<SafetensorsOutput>> shards = Divide(tensors, maxShardBytes);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, SingleName), tensors);
            return;
        }
        var fileOf = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < shards.Count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i]);
            foreach (SafetensorsOutput tensor in shards[i]) fileOf.Add(tensor.Name, name);
        }
        AtomicFile.WriteAllBytes(Path.Combine(folder, IndexName), JsonOutput.Object(json =>
        {
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", tensors.Sum(t => t.LengthBytes));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach ((string tensor, string file) in fileOf) json.WriteString(tensor, file);
            json.WriteEndObject();
        }));
    }

    private static List<List<SafetensorsOutput>> Divide(IReadOnlyList<SafetensorsOutput> tensors, long maxShardBytes)
    {
        var shards = new List<List<SafetensorsOutput>> { new() };
        long size = 0;
        foreach (SafetensorsOutput tensor in tensors)
        {
            if (size > 0 && size + tensor.LengthBytes > maxShardBytes)
            {
                shards.Add([]);
                size = 0;
            }
            shards[^1].Add(tensor);
            size += tensor.LengthBytes;
        }
        return shards;
    }
}
