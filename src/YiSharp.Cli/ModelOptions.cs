using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>Which model, and how it computes: the same options on every verb that runs one.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "A model folder, a .gguf file, or the name of a model in models/.",
        HelpName = "PATH",
        DefaultValueFactory = _ => ModelLocator.Embedded,
    };

    private readonly Option<string> _precision = new("--precision")
    {
        Description = "default (8-bit activations where weights are quantized) or f32 (the reference).",
        HelpName = "default|f32",
        DefaultValueFactory = _ => "default",
    };

    private readonly Option<string?> _kvCache = new("--kv-cache")
    {
        Description = "How keys and values of earlier tokens are kept: f32, f16 or q8 (8 bits). f16 when not given; f32 with --precision f32.",
        HelpName = "f32|f16|q8",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads to compute with; one for each physical core when not given.",
        HelpName = "N",
        DefaultValueFactory = _ => Parallelism.PhysicalCoreCount,
    };

    private readonly Option<string?> _adapter = new("--adapter") { Description = "A LoRA adapter's folder, as PEFT writes it.", HelpName = "PATH" };

    private readonly Option<string> _packedCache = new("--packed-cache")
    {
        Description = "Keep quantized weights as the kernels read them, so that the next start takes no time: auto (models of 256 MiB and more, in the user's cache), always, beside (in .yisharp next to the model) or off.",
        HelpName = "auto|always|beside|off",
        DefaultValueFactory = _ => PackedCacheChoice.Auto,
    };

    /// <summary>Puts the options on a verb; training makes an adapter and sees whole texts, so it takes none and has no cache.</summary>
    public void AddTo(Command verb, bool isTraining = false)
    {
        verb.Add(_model);
        if (!isTraining) verb.Add(_adapter);
        if (!isTraining) verb.Add(_packedCache);
        AddBackendTo(verb, isTraining);
    }

    /// <summary>Puts on a verb the options of how to compute, for one that names its model otherwise.</summary>
    public void AddBackendTo(Command verb, bool isTraining = false)
    {
        verb.Add(_precision);
        if (!isTraining) verb.Add(_kvCache);
        verb.Add(_threads);
    }

    /// <summary>Where the model lies.</summary>
    public string PathOf(ParseResult parse) => ModelLocator.Find(parse.GetRequiredValue(_model));

    /// <summary>Refuses a model of this machine beside another that was given.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="other">The option that names the other.</param>
    /// <param name="isNobodyLocal">Whether no model of this machine is asked at all, so that options of how to compute have no meaning either.</param>
    /// <exception cref="UsageException">Both are given.</exception>
    public void RequireNone(ParseResult parse, string other, bool isNobodyLocal)
    {
        if (isNobodyLocal && ((Option[])[_precision, _kvCache, _threads, _packedCache]).FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } idle)
            throw new UsageException($"{idle.Name} says how a model of this machine computes, and with {other} none does; leave it out.");
        if (((Option[])[_model, _adapter]).FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } given)
            throw new UsageException($"{given.Name} and {other} name a model each, and one is asked; leave one of them out.");
    }

    /// <summary>The backend that was asked for.</summary>
    public CpuBackend CreateBackend(ParseResult parse) => new(BackendOptions(parse));

    /// <summary>A backend of some precision, with the threads that were asked for.</summary>
    public CpuBackend CreateBackend(ParseResult parse, Precision precision) => new(new CpuOptions { Threads = Threads(parse), Precision = precision });

    private CpuOptions BackendOptions(ParseResult parse) => new()
    {
        Threads = Threads(parse),
        Precision = parse.GetRequiredValue(_precision) switch
        {
            "default" => Precision.Default,
            "f32" => Precision.F32,
            string other => throw new UsageException($"--precision is '{other}'; default or f32 was expected."),
        },
        KvCache = KvCache(parse),
    };

    private int Threads(ParseResult parse) => parse.GetRequiredValue(_threads) is var threads and >= 1 and <= 1024 ? threads
        : throw new UsageException($"--threads is {parse.GetRequiredValue(_threads)}; 1 to 1024 was expected.");

    private KvCacheFormat KvCache(ParseResult parse) => parse.GetValue(_kvCache) switch
    {
        null => KvCacheFormat.Auto,
        "f32" => KvCacheFormat.F32,
        "f16" => KvCacheFormat.F16,
        "q8" => KvCacheFormat.Q8,
        string other => throw new UsageException($"--kv-cache is '{other}'; f32, f16 or q8 was expected."),
    };

    /// <summary>Loads the model with its adapter, from packed weights where a cache has them.</summary>
    public LanguageModel Load(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        PackedCache? cache = PackedCacheChoice.Of(parse.GetRequiredValue(_packedCache), PathOf(parse));
        string path = PathOf(parse);
        string? adapterPath = parse.GetValue(_adapter);
        LoraAdapter? adapter = adapterPath is null ? null : LoraAdapter.Open(adapterPath);
        CpuBackend backend = CreateBackend(parse);
        Checkpoint checkpoint = Checkpoint.Open(path);
        PackedWeights? packed = backend.Options.Precision != Precision.Default ? null : PackedCacheChoice.Open(cache, checkpoint, backend.Parallelism, terminal, cancellation);
        return new LanguageModel(checkpoint, backend, adapter, packed: packed);
    }

    /// <summary>The model with its adapter, as an evaluation knows it.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="checkpoint">The model.</param>
    public EvaluatedModel Evaluated(ParseResult parse, Checkpoint checkpoint)
    {
        string? adapter = parse.GetValue(_adapter);
        return Evaluated(parse, checkpoint, adapter is null ? checkpoint.Name : $"{checkpoint.Name} + {adapter}", adapter);
    }

    /// <summary>The same of a model that is named otherwise.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="name">What it is called in tables and files.</param>
    /// <param name="adapter">Its adapter's folder, or null.</param>
    public EvaluatedModel Evaluated(ParseResult parse, Checkpoint checkpoint, string name, string? adapter) => new(name, HashOfFiles(adapter is null ? [checkpoint.Path] : [checkpoint.Path, adapter]))
    {
        Arithmetic = Arithmetic.Of(checkpoint, BackendOptions(parse)),
        TemplateSha256 = checkpoint.ChatTemplate is { } template ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template))) : null,
    };

    private static string HashOfFiles(IReadOnlyList<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in paths)
        {
            foreach (string file in Directory.Exists(path) ? Directory.GetFiles(path).Order(StringComparer.Ordinal) : (IEnumerable<string>)[path])
            {
                using FileStream stream = File.OpenRead(file);
                hash.AppendData(SHA256.HashData(stream));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
