using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>
/// A model on disk, memory-mapped: a Hugging Face folder (config.json with safetensors), a folder with exactly one .gguf, or a .gguf
/// file. Opening reads headers only; weights stay where they lie until they are used.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<string> _files = [];

    private Checkpoint(string path) => Path = path;

    /// <summary>The folder or file as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The folder's or the file's own name.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>What the model is made of.</summary>
    public required LlamaConfig Config { get; init; }

    /// <summary>Every tensor of the model, and no other, under Hugging Face's names. Valid until this object is disposed of.</summary>
    public required IReadOnlyDictionary<string, WeightData> Weights { get; init; }

    /// <summary>How its makers generate with it.</summary>
    public required GenerationConfig Generation { get; init; }

    /// <summary>What is said of the tokenizer beside the vocabulary.</summary>
    public required TokenizerConfig TokenizerConfig { get; init; }

    /// <summary>The chat template's Jinja source, or null.</summary>
    public string? ChatTemplate { get; private init; }

    /// <summary>The GGUF file, where the model is one.</summary>
    public GgufFile? Gguf { get; private init; }

    /// <summary>The file that holds a folder's vocabulary: <c>tokenizer.json</c>, otherwise <c>tokenizer.model</c>; null where there is neither.</summary>
    public string? VocabularyPath { get; private init; }

    /// <summary>The licence's name as <c>general.license</c> or the folder's card gives it; null where neither does. Read when it is asked for.</summary>
    public string? License => Gguf is GgufFile gguf ? gguf.Text("general.license") : LicenseText.OfCard(new ModelFolder(Path));

    /// <summary>The files that hold the weights, each with its bytes.</summary>
    internal IReadOnlyList<MappedFile> WeightFiles { get; private init; } = [];

    /// <summary>Bytes of all weights.</summary>
    public long WeightBytes => Weights.Values.Sum(w => (long)w.Rows * w.RowBytes);

    /// <summary>Number of weights; a tied head counts once.</summary>
    public long ParameterCount => Weights.Values.Sum(w => (long)w.Rows * w.Columns);

    /// <summary>How most weights are stored.</summary>
    public WeightFormat MainFormat => Weights.Values.GroupBy(data => data.Format).MaxBy(group => group.Sum(data => (long)data.Rows * data.Columns))!.Key;

    /// <summary>Opens a folder or a .gguf file.</summary>
    /// <exception cref="InvalidDataException">Nothing to open, or files that are damaged or contradict each other.</exception>
    /// <exception cref="NotSupportedException">A model that would be computed wrongly: the message names the field and its value.</exception>
    public static Checkpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path)) return OpenGguf(path, GgufFile.Open(path));
        if (!Directory.Exists(path)) throw new InvalidDataException($"{path} does not exist; a model's folder or a .gguf file was expected.");

        var folder = new ModelFolder(path);
        IReadOnlyList<string> ggufs = folder.WithExtension(".gguf");
        IReadOnlyList<string> safetensors = folder.WithExtension(".safetensors");
        bool hasConfig = folder.Names.Contains("config.json");
        if (ggufs.Count > 0 && safetensors.Count > 0)
        {
            throw new InvalidDataException($"{path} holds both {SafetensorsWeights.List(ggufs)} and {SafetensorsWeights.List(safetensors)}; a model's folder holds either one .gguf or safetensors. Name the .gguf itself, or move one of them away.");
        }
        if (folder.FindGguf() is string gguf) return OpenGguf(path, GgufFile.Open(gguf));
        if (hasConfig) return OpenFolder(folder);
        throw NoModel(folder, safetensors);
    }

    /// <summary>A model that a program made, to be handed to a writer.</summary>
    /// <param name="path">A folder that stands for it: a vocabulary and a card are looked for there, and there may be none.</param>
    /// <param name="config">What it is made of.</param>
    /// <param name="weights">All its tensors, which stay the caller's.</param>
    public static Checkpoint FromWeights(string path, LlamaConfig config, IReadOnlyDictionary<string, WeightData> weights) => new(path)
    {
        Config = config,
        Weights = weights,
        Generation = new GenerationConfig(),
        TokenizerConfig = new TokenizerConfig(),
    };

    /// <summary>Reads every weight, of quantized ones the scales, and holds them to be finite: one that is not makes every answer nonsense.</summary>
    /// <exception cref="InvalidDataException">One is infinite or no number.</exception>
    public void RequireFinite(CancellationToken cancellation = default)
    {
        (WeightData Data, (int Row, int Column) At)[] broken = [.. Weights.Values.AsParallel().AsOrdered().WithCancellation(cancellation).Select(data => (Data: data, At: FindNonFinite(data))).Where(found => found.At is not null).Select(found => (found.Data, found.At!.Value))];
        if (broken.Length == 0) return;
        (WeightData first, (int row, int column)) = broken[0];
        string what = first.Format.IsQuantized ? "a scale that is not finite" : "a weight that is not finite";
        string others = broken.Length == 1 ? "" : $", and {broken.Length - 1} more tensors do";
        throw new InvalidDataException($"{first.Name} ({first.Format}) in {Path} has {what} in row {row} at column {column}{others}; all were expected to be finite numbers. The file is damaged or was written by a training that failed: fetch or convert it again.");
    }

    /// <summary>What is read through here need not stay in memory: who computes with it takes it from there, packed or not.</summary>
    private static (int Row, int Column)? FindNonFinite(WeightData data)
    {
        (int Row, int Column)? found = data.FindNonFinite();
        data.Release();
        return found;
    }

    /// <summary>Keeps a writer from replacing the files that it reads.</summary>
    /// <exception cref="ArgumentException">Writing to <paramref name="path"/> would.</exception>
    internal void RequireElsewhere(string path)
    {
        string target = RealPath.Of(path);
        foreach (string read in _files.Prepend(Path))
        {
            string real = RealPath.Of(read);
            if (real == target) throw new ArgumentException($"{path} is the model that is read; name another place to write to.");
            // A folder is replaced as a whole, with the model inside.
            if (real.StartsWith(target + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new ArgumentException($"{path} holds the model that is read, {read}; name another place to write to.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable file in _owned) file.Dispose();
        _owned.Clear();
    }

    private static Checkpoint OpenGguf(string path, GgufFile file)
    {
        try
        {
            LlamaConfig config = GgufConfigReader.Read(file);
            TokenizerFiles tokenizer = TokenizerFiles.OfGguf(file);
            var checkpoint = new Checkpoint(path)
            {
                Config = config,
                Weights = GgufWeights.Match(file, config),
                Generation = GgufConfigReader.ReadGeneration(file, config),
                TokenizerConfig = tokenizer.Config,
                ChatTemplate = tokenizer.ChatTemplate,
                Gguf = file,
                WeightFiles = file.Files,
            };
            checkpoint._owned.Add(file);
            checkpoint._files.AddRange(file.Paths);
            return checkpoint;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Checkpoint OpenFolder(ModelFolder folder)
    {
        var owned = new List<IDisposable>();
        try
        {
            JsonFile config = JsonFile.Read(folder.Require("config.json"));
            RefuseQuantized(folder, config);
            TokenizerFiles tokenizer = TokenizerFiles.OfFolder(folder);
            LlamaConfig llama = ConfigReader.Read(config);
            var checkpoint = new Checkpoint(folder.Path)
            {
                Config = llama,
                Weights = SafetensorsWeights.Open(folder, llama, owned),
                Generation = folder.Json("generation_config.json") is JsonFile generation ? GenerationConfig.Read(generation) : new GenerationConfig(),
                TokenizerConfig = tokenizer.Config,
                ChatTemplate = tokenizer.ChatTemplate,
                VocabularyPath = FolderVocabulary.Find(folder),
                WeightFiles = [.. owned.OfType<SafetensorsFile>().Select(f => f.Mapped)],
            };
            checkpoint._owned.AddRange(owned);
            checkpoint._files.AddRange(folder.Names.Select(name => System.IO.Path.Combine(folder.Path, name)));
            return checkpoint;
        }
        catch
        {
            foreach (IDisposable file in owned) file.Dispose();
            throw;
        }
    }

    /// <summary>Older quantizers say what they did in a file of their own, and config.json nothing.</summary>
    private static void RefuseQuantized(ModelFolder folder, JsonFile config)
    {
        foreach (string name in (string[])["quantize_config.json", "quant_config.json"])
        {
            if (config.Has("quantization_config") || folder.Json(name) is not JsonFile quantization) continue;
            string method = quantization.Has("quant_method") ? $"\"quant_method\": {quantization.Shown("quant_method")}" : $"\"bits\": {quantization.Shown("bits")}";
            throw new NotSupportedException($"{quantization.Path} says {method}; {SafetensorsWeights.OnlyUnquantized}");
        }
    }

    private static InvalidDataException NoModel(ModelFolder folder, IReadOnlyList<string> safetensors)
    {
        if (folder.Names.Contains("adapter_config.json"))
        {
            return new($"{folder.Path} holds an adapter, not a model; give its base as the model and this folder as the adapter.");
        }
        return safetensors.Count > 0
            ? new($"{folder.Path} holds {SafetensorsWeights.List(safetensors)} but no config.json; a model's folder has both. Fetch config.json.")
            : new($"{folder.Path} holds neither config.json with safetensors nor a .gguf; it has {folder.Names.Count} other files. {SafetensorsWeights.Advice(folder)}");
    }
}
