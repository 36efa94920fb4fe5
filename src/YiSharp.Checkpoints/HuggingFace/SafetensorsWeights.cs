using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>Finds a Hugging Face folder's tensors, in one file or in shards with an index, and holds them against the config.</summary>
internal static class SafetensorsWeights
{
    /// <summary>What is said of weights that another quantizer has packed.</summary>
    public const string OnlyUnquantized = "weights in F32, F16 and BF16 can be read from safetensors. Take the unquantized checkpoint, or a GGUF of it.";

    private const int MaxShown = 12;

    /// <summary>Opens the folder's files; each is added to <paramref name="owned"/> as soon as it is open.</summary>
    public static Dictionary<string, WeightData> Open(ModelFolder folder, LlamaConfig config, List<IDisposable> owned)
    {
        var located = new Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)>(StringComparer.Ordinal);
        if (folder.Find(SafetensorsShards.SingleName) is string single) Locate(OpenFile(single, owned), located);
        else if (folder.Json(SafetensorsShards.IndexName) is JsonFile index) LocateShards(folder, index, located, owned);
        else throw Absent(folder);
        return Match(folder, config, located);
    }

    private static SafetensorsFile OpenFile(string path, List<IDisposable> owned)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        owned.Add(file);
        return file;
    }

    private static void Locate(SafetensorsFile file, Dictionary<string, (SafetensorsFile, SafetensorsTensor)> located)
    {
        foreach (SafetensorsTensor tensor in file.Tensors.Values) located.Add(tensor.Name, (file, tensor));
    }

    private static void LocateShards(ModelFolder folder, JsonFile index, Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> located, List<IDisposable> owned)
    {
        JsonFile map = index.Object("weight_map") ?? throw index.Wrong("weight_map", "an object from tensor names to file names");
        var shardOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Text.Json.JsonProperty field in map.Fields) shardOf.Add(field.Name, map.Text(field.Name) ?? throw map.Wrong(field.Name, "a file name"));
        if (shardOf.Count == 0) throw index.Wrong("weight_map", "an object from tensor names to file names, with at least one entry");

        string[] shards = [.. shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] missing = [.. shards.Where(s => folder.Find(s) is null)];
        if (missing.Length > 0) throw new InvalidDataException($"{folder.Path} lacks {missing.Length} of the {shards.Length} shards that {SafetensorsShards.IndexName} names: {List(missing)}. Fetch them.");
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (string shard in shards)
        {
            if (!shard.EndsWith(".safetensors", StringComparison.Ordinal)) throw new NotSupportedException($"{index.Path} names the shard {shard}; .safetensors files can be read. Convert the checkpoint to safetensors.");
            files.Add(shard, OpenFile(folder.Find(shard)!, owned));
        }

        foreach ((string shard, SafetensorsFile file) in files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors.Values)
            {
                if (!shardOf.TryGetValue(tensor.Name, out string? listed) || listed != shard)
                {
                    throw new InvalidDataException($"{file.Path} holds {tensor.Name}, which {SafetensorsShards.IndexName} {(listed is null ? "does not list" : $"places in {listed}")}; the shards belong to different checkpoints. Fetch all files of one.");
                }
                located.Add(tensor.Name, (file, tensor));
            }
        }
        string[] lacking = [.. shardOf.Keys.Where(n => !located.ContainsKey(n))];
        if (lacking.Length > 0)
        {
            throw new InvalidDataException($"{index.Path} names {lacking.Length} tensors that their shards lack: {List(lacking.Select(n => $"{n} in {shardOf[n]}"))}. Fetch all files of one checkpoint.");
        }
    }

    private static Dictionary<string, WeightData> Match(ModelFolder folder, LlamaConfig config, Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> located)
    {
        if (config.NumHiddenLayers > located.Count)
        {
            throw new InvalidDataException($"{folder.Path} says \"num_hidden_layers\": {config.NumHiddenLayers}, but holds {located.Count} tensors; several for each layer were expected. The config may belong to another checkpoint, or a file is missing.");
        }
        LlamaTensor[] expected = [.. LlamaTensors.Of(config)];
        string[] missing = [.. expected.Where(t => !located.ContainsKey(t.Name)).Select(t => t.Name)];
        if (missing.Length > 0)
        {
            throw new InvalidDataException($"{folder.Path} lacks {missing.Length} of the {expected.Length} tensors that config.json implies: {List(missing)}. The config may belong to another checkpoint, or a file is missing.");
        }
        RequireNoOthers(folder, config, expected, located);

        var weights = new Dictionary<string, WeightData>(StringComparer.Ordinal);
        foreach (LlamaTensor tensor in expected)
        {
            (SafetensorsFile file, SafetensorsTensor found) = located[tensor.Name];
            WeightFormat format = SafetensorsFile.FormatOf(file.Path, found);
            if (!found.Shape.SequenceEqual(tensor.Dimensions))
            {
                throw new InvalidDataException($"{tensor.Name} in {file.Path} has shape [{string.Join(", ", found.Shape)}]; config.json implies {tensor.Shape} ({tensor.Because}). The config may belong to another checkpoint.");
            }
            weights.Add(tensor.Name, new WeightData(tensor.Name, format, tensor.Rows, tensor.Columns, file.Memory, found.OffsetBytes));
        }
        return weights;
    }

    /// <summary>Whatever else is there would take part in the computation, but for what is known not to.</summary>
    private static void RequireNoOthers(ModelFolder folder, LlamaConfig config, LlamaTensor[] expected, Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> located)
    {
        var known = expected.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        // Old checkpoints carry the rotary frequencies, which follow from the config.
        string[] others = [.. located.Keys.Where(n => !known.Contains(n) && !n.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))];
        if (config.TieWordEmbeddings && others is [LlamaTensors.LmHead])
        {
            RequireEqual(located[LlamaTensors.EmbedTokens], located[LlamaTensors.LmHead]);
            return;
        }
        if (others.Length > 0)
        {
            throw new NotSupportedException($"{folder.Path} has {others.Length} tensors that a plain Llama lacks: {List(others)}. They would be left out of the computation; take another checkpoint.");
        }
    }

    /// <summary>A tied head that is stored all the same must be the embedding table.</summary>
    private static void RequireEqual((SafetensorsFile File, SafetensorsTensor Tensor) table, (SafetensorsFile File, SafetensorsTensor Tensor) head)
    {
        bool equal = table.Tensor.DType == head.Tensor.DType && table.Tensor.LengthBytes == head.Tensor.LengthBytes;
        const int step = 1 << 24;
        for (long start = 0; equal && start < table.Tensor.LengthBytes; start += step)
        {
            int length = (int)Math.Min(step, table.Tensor.LengthBytes - start);
            equal = table.File.Memory.Slice(table.Tensor.OffsetBytes + start, length).SequenceEqual(head.File.Memory.Slice(head.Tensor.OffsetBytes + start, length));
        }
        if (!equal) throw new InvalidDataException($"{head.File.Path} has an lm_head.weight that differs from the embeddings, while config.json says \"tie_word_embeddings\": true; correct config.json.");
    }

    private static InvalidDataException Absent(ModelFolder folder)
    {
        IReadOnlyList<string> others = folder.WithExtension(".safetensors");
        return others.Count > 0
            ? new($"{folder.Path} holds {List(others)} but neither {SafetensorsShards.SingleName} nor {SafetensorsShards.IndexName}; shards need their index. Fetch it.")
            : new($"{folder.Path} holds config.json but neither {SafetensorsShards.SingleName} nor {SafetensorsShards.IndexName}. {Advice(folder)}");
    }

    /// <summary>What to do about a folder without weights that can be read.</summary>
    public static string Advice(ModelFolder folder)
    {
        string[] pickles = [.. folder.Names.Where(n => n.EndsWith(".bin", StringComparison.Ordinal) || n.EndsWith(".pth", StringComparison.Ordinal) || n.EndsWith(".pt", StringComparison.Ordinal))];
        return pickles.Length > 0
            ? $"It has {List(pickles)}: pickle files run code when read and are refused. Fetch the safetensors of the same model, or convert it (transformers: save_pretrained with safe_serialization)."
            : "Fetch the weights.";
    }

    internal static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= MaxShown ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MaxShown))} and {all.Length - MaxShown} more";
    }
}
