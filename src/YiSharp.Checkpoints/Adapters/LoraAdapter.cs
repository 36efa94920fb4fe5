namespace YiSharp.Checkpoints;

/// <summary>
/// A LoRA adapter (Hu et al. 2021, arXiv:2106.09685) as PEFT stores it: a folder with <c>adapter_config.json</c> and
/// <c>adapter_model.safetensors</c>.
/// </summary>
public sealed class LoraAdapter
{
    internal const string ConfigName = "adapter_config.json";
    internal const string WeightsName = "adapter_model.safetensors";
    private const string KeyPrefix = "base_model.model.";
    private const int MaxRank = 1 << 16;

    /// <summary>Rank of every pair of factors.</summary>
    public required int Rank { get; init; }

    /// <summary>Numerator of <see cref="Scale"/>; <c>lora_alpha</c>.</summary>
    public required double Alpha { get; init; }

    /// <summary>Whether the scale is rank-stabilized (Kalajdzievski 2023, arXiv:2312.03732).</summary>
    public bool UseRslora { get; init; }

    /// <summary>Share of the inputs dropped in training, 0 to 1; of no effect afterwards.</summary>
    public double Dropout { get; init; }

    /// <summary>The base model as its trainer named it, or null.</summary>
    public string? BaseModel { get; init; }

    /// <summary>Factors by the linear's name, such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public required IReadOnlyDictionary<string, LoraModule> Modules { get; init; }

    /// <summary>Factor of B · A: alpha / rank, or alpha / √rank when rank-stabilized.</summary>
    public float Scale => (float)(Alpha / (UseRslora ? Math.Sqrt(Rank) : Rank));

    /// <summary>PEFT's name of the first factor, [rank, inputs], of a linear such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public static string NameOfA(string module) => $"{KeyPrefix}{module}.lora_A.weight";

    /// <summary>PEFT's name of the second factor, [outputs, rank].</summary>
    public static string NameOfB(string module) => $"{KeyPrefix}{module}.lora_B.weight";

    /// <summary>Reads an adapter's folder.</summary>
    /// <exception cref="InvalidDataException">Files that are absent, damaged or contradict each other.</exception>
    /// <exception cref="NotSupportedException">An adapter that would be computed wrongly: the message names the field and its value.</exception>
    public static LoraAdapter Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path)) throw new InvalidDataException($"{path} is no folder; an adapter is a folder with {ConfigName} and {WeightsName}.");
        var folder = new ModelFolder(path);
        JsonFile config = folder.Json(ConfigName) ?? throw new InvalidDataException($"{path} has no {ConfigName}; an adapter is a folder with {ConfigName} and {WeightsName}.");
        AdapterConfigRules.Check(config);
        string weights = folder.Find(WeightsName) ?? throw new InvalidDataException($"{path} has no {WeightsName}{(folder.Names.Contains("adapter_model.bin") ? "; adapter_model.bin is a pickle file, which runs code when read. Save the adapter again with safetensors." : ". Fetch it.")}");
        using SafetensorsFile file = SafetensorsFile.Open(weights);

        int rank = config.RequiredWholeNumber("r", 1, MaxRank);
        return new LoraAdapter
        {
            Rank = rank,
            Alpha = config.RequiredNumber("lora_alpha", 0, 1e9),
            UseRslora = config.Flag("use_rslora") ?? false,
            Dropout = config.Number("lora_dropout", 0, 1) ?? 0,
            BaseModel = config.Text("base_model_name_or_path"),
            Modules = ReadModules(file, rank, AdapterConfigRules.TargetModules(config)),
        };
    }

    /// <summary>Holds the factors against the model that they are for.</summary>
    /// <exception cref="InvalidDataException">The model has no such linear, or one of another shape.</exception>
    public void RequireFits(LlamaConfig config)
    {
        var linears = LlamaTensors.Of(config).Where(t => t.Name.StartsWith("model.layers.", StringComparison.Ordinal) && !t.IsVector)
            .ToDictionary(t => t.Module, StringComparer.Ordinal);
        string[] unknown = [.. Modules.Keys.Where(n => !linears.ContainsKey(n))];
        if (unknown.Length > 0)
        {
            throw new InvalidDataException($"The adapter changes {unknown.Length} modules that are no linears of the model's {config.NumHiddenLayers} layers: {SafetensorsWeights.List(unknown)}. It may belong to another model.");
        }
        foreach (LoraModule module in Modules.Values)
        {
            LlamaTensor linear = linears[module.Name];
            if (module.Outputs != linear.Rows || module.Inputs != linear.Columns)
            {
                throw new InvalidDataException($"The adapter's {module.Name} is for a linear of shape [{module.Outputs}, {module.Inputs}]; the model's has {linear.Shape} ({linear.Because}). It belongs to another model.");
            }
        }
    }

    /// <summary>Writes the adapter as PEFT does, in place of what is at <paramref name="path"/>; equal adapters give equal bytes.</summary>
    public void Save(string path)
    {
        using var folder = new AtomicDirectory(path);
        AtomicFile.WriteAllBytes(System.IO.Path.Combine(folder.PartialPath, ConfigName), AdapterConfigRules.Write(this));
        var tensors = new List<SafetensorsOutput>();
        foreach (LoraModule module in Modules.Values.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            tensors.Add(SafetensorsOutput.FromFloats(NameOfA(module.Name), [module.Rank, module.Inputs], module.A));
            tensors.Add(SafetensorsOutput.FromFloats(NameOfB(module.Name), [module.Outputs, module.Rank], module.B));
        }
        SafetensorsWriter.Write(System.IO.Path.Combine(folder.PartialPath, WeightsName), tensors);
        folder.Commit();
    }

    private static Dictionary<string, LoraModule> ReadModules(SafetensorsFile file, int rank, Func<string, bool> isTarget)
    {
        var factors = new SortedDictionary<string, (float[]? A, float[]? B)>(StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            (string module, bool isA) = Parse(file, tensor.Name);
            if (!isTarget(module)) throw new InvalidDataException($"{file.Path} holds {tensor.Name}, which target_modules in {ConfigName} does not name; the two files belong to different adapters.");
            if (tensor.Shape.Count != 2 || tensor.Shape[isA ? 0 : 1] != rank || tensor.Shape[isA ? 1 : 0] == 0)
            {
                throw new InvalidDataException($"{tensor.Name} in {file.Path} has shape [{string.Join(", ", tensor.Shape)}]; expected {(isA ? $"[{rank}, inputs]" : $"[outputs, {rank}]")} (r {rank} in {ConfigName}). The two files belong to different adapters.");
            }
            float[] values = file.ToFloats(tensor.Name);
            if (Array.Exists(values, v => !float.IsFinite(v))) throw new InvalidDataException($"{tensor.Name} in {file.Path} holds numbers that are not finite; the training that made it has failed. Take an earlier adapter.");
            factors.TryGetValue(module, out (float[]? A, float[]? B) pair);
            factors[module] = isA ? (values, pair.B) : (pair.A, values);
        }

        if (factors.Count == 0) throw new InvalidDataException($"{file.Path} holds no tensors; an adapter has at least one pair lora_A, lora_B.");
        string[] halves = [.. factors.Where(f => f.Value.A is null || f.Value.B is null).Select(f => $"{f.Key}.lora_{(f.Value.A is null ? "A" : "B")}")];
        if (halves.Length > 0) throw new InvalidDataException($"{file.Path} lacks the other half of {halves.Length} pairs: {SafetensorsWeights.List(halves)}. Fetch the adapter again.");
        return factors.ToDictionary(f => f.Key, f => new LoraModule(f.Key, rank, f.Value.A!, f.Value.B!), StringComparer.Ordinal);
    }

    private static (string Module, bool IsA) Parse(SafetensorsFile file, string name)
    {
        foreach (string factor in (string[])["A", "B"])
        {
            string suffix = $".lora_{factor}.weight";
            if (name.StartsWith(KeyPrefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal) && name.Length > KeyPrefix.Length + suffix.Length)
            {
                return (name[KeyPrefix.Length..^suffix.Length], factor == "A");
            }
        }
        throw new NotSupportedException($"{file.Path} holds {name}; only {KeyPrefix}MODULE.lora_A.weight and .lora_B.weight can be applied. Take a plain LoRA adapter.");
    }
}
