using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Checkpoints;
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

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads to compute with; as many as there are processors when not given.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<string?> _adapter = new("--adapter") { Description = "A LoRA adapter's folder, as PEFT writes it.", HelpName = "PATH" };

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb, bool withAdapter = true)
    {
        verb.Add(_model);
        if (withAdapter) verb.Add(_adapter);
        AddBackendTo(verb);
    }

    /// <summary>Puts on a verb the options of how to compute, for one that names its model otherwise.</summary>
    public void AddBackendTo(Command verb)
    {
        verb.Add(_precision);
        verb.Add(_threads);
    }

    /// <summary>Where the model lies.</summary>
    public string PathOf(ParseResult parse) => ModelLocator.Find(parse.GetRequiredValue(_model));

    /// <summary>The backend that was asked for.</summary>
    public CpuBackend CreateBackend(ParseResult parse) => CreateBackend(parse, parse.GetRequiredValue(_precision) switch
    {
        "default" => Precision.Default,
        "f32" => Precision.F32,
        string other => throw new UsageException($"--precision is '{other}'; default or f32 was expected."),
    });

    /// <summary>A backend with the threads that were asked for.</summary>
    public CpuBackend CreateBackend(ParseResult parse, Precision precision)
    {
        int threads = parse.GetRequiredValue(_threads);
        if (threads is < 1 or > 1024) throw new UsageException($"--threads is {threads}; 1 to 1024 was expected.");
        return new CpuBackend(new CpuOptions { Threads = threads, Precision = precision });
    }

    /// <summary>Loads the model with its adapter.</summary>
    public LanguageModel Load(ParseResult parse)
    {
        string path = PathOf(parse);
        string? adapterPath = parse.GetValue(_adapter);
        LoraAdapter? adapter = adapterPath is null ? null : LoraAdapter.Open(adapterPath);
        CpuBackend backend = CreateBackend(parse);
        return new LanguageModel(Checkpoint.Open(path), backend, adapter);
    }

    /// <summary>What the model is called in tables and files.</summary>
    public string Describe(ParseResult parse)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(PathOf(parse))));
        return parse.GetValue(_adapter) is { } adapter ? $"{name} + {adapter}" : name;
    }

    /// <summary>What tells the model, its adapter and its arithmetic from all others: a hash of the files.</summary>
    public string Fingerprint(ParseResult parse)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(parse.GetRequiredValue(_precision)));
        foreach (string path in new[] { PathOf(parse), parse.GetValue(_adapter) }.OfType<string>())
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
