using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>A model to time before it is loaded: one on disk, or a shape with random weights.</summary>
internal sealed class BenchSource : IDisposable
{
    private readonly Checkpoint? _checkpoint;
    private readonly RandomWeights? _random;

    private BenchSource(string name, LlamaConfig config, Checkpoint? checkpoint, RandomWeights? random) => (Name, Config, _checkpoint, _random) = (name, config, checkpoint, random);

    /// <summary>The file's, the folder's or the shape's name.</summary>
    public string Name { get; }

    /// <summary>What it is made of.</summary>
    public LlamaConfig Config { get; }

    /// <summary>Number of weights; a tied head counts once.</summary>
    public long ParameterCount => LlamaTensors.Of(Config).Sum(tensor => (long)tensor.Rows * tensor.Columns);

    /// <summary>How most weights are stored.</summary>
    public WeightFormat Format => _random?.Format ?? _checkpoint!.MainFormat;

    private long WeightBytes => _random?.LengthBytes ?? _checkpoint!.WeightBytes;

    /// <summary>A model on disk.</summary>
    /// <exception cref="UsageException">The model does not exist, or its context is smaller than asked for.</exception>
    public static BenchSource OfModel(string model, int? context, string who)
    {
        string path = ModelLocator.Find(model, who);
        Checkpoint checkpoint = Checkpoint.Open(path);
        if (context is { } tokens && tokens > checkpoint.Config.ContextLength)
        {
            checkpoint.Dispose();
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--context is {tokens}; {path} reads at most {checkpoint.Config.ContextLength} tokens."));
        }
        return new BenchSource(checkpoint.Name, checkpoint.Config, checkpoint, null);
    }

    /// <summary>A shape with random weights.</summary>
    /// <exception cref="UsageException">There is no such shape or format.</exception>
    public static BenchSource OfShape(string shape, string format, int? context, CancellationToken cancellation)
    {
        LlamaConfig config = ModelShapes.Find(shape, context);
        return new BenchSource(shape.ToLowerInvariant(), config, null, new RandomWeights(config, RandomFormats.Parse(format, config), cancellation));
    }

    /// <summary>Refuses what memory does not hold, before it is filled.</summary>
    /// <param name="maxTokens">Tokens of the cache.</param>
    /// <param name="availableBytes">What there is; null where that is not known.</param>
    /// <exception cref="UsageException">It does not.</exception>
    public void RequireFits(int maxTokens, long? availableBytes)
    {
        long cache = CpuBackend.KvCacheBytes(Config.NumHiddenLayers, new AttentionShape(Config.NumAttentionHeads, Config.NumKeyValueHeads, Config.HeadDim), maxTokens);
        if (_random is null || availableBytes is not { } available || WeightBytes + cache <= available) return;
        throw new UsageException($"{Name} in {Format} takes {Sizes.Bytes(WeightBytes)} of weights and {Sizes.Bytes(cache)} for keys and values; {Sizes.Bytes(available)} of memory are available. Take a format of fewer bits, a smaller shape or fewer tokens.");
    }

    /// <summary>Takes the weights to a backend.</summary>
    /// <param name="backend">Where they go.</param>
    /// <param name="precision">How it computes: weights that it packs need not have memory of their own before.</param>
    public LlamaModel Load(IBackend backend, Precision precision)
    {
        if (_checkpoint is not null) return LlamaModel.Load(_checkpoint, backend);
        if (precision != Precision.Default || !PackedForm.IsMadeOf(Format)) return LlamaModel.Load(Config, _random!, backend);
        (IReadOnlyDictionary<string, WeightData> weights, IDisposable memory) = _random!.Shared();
        using (memory) return LlamaModel.Load(Config, weights, backend);
    }

    /// <summary>The model as one GGUF file, for programs that read nothing else: a shape's is written first.</summary>
    /// <param name="folder">Where a shape's file is written; the caller removes it.</param>
    /// <param name="progress">Bytes written and those of all.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="UsageException">A model that is no single GGUF file.</exception>
    public string Gguf(string folder, Action<long, long> progress, CancellationToken cancellation)
    {
        if (_checkpoint is not null)
        {
            return _checkpoint.Gguf is { Paths: [string file] } ? file : throw new UsageException($"{_checkpoint.Path} is no single GGUF file, and llama.cpp reads nothing else; convert it with yi convert.");
        }
        string path = Path.Combine(folder, $"{Name}-{Format.Name.ToLowerInvariant()}.gguf");
        (IReadOnlyDictionary<string, WeightData> weights, IDisposable memory) = _random!.Shared();
        using var _ = memory;
        using Checkpoint made = Checkpoint.FromWeights(folder, Config, weights);
        GgufWriter.Write(path, made, new GgufOptions
        {
            Name = Name,
            Format = _ => Format,
            Progress = (done, whole) =>
            {
                cancellation.ThrowIfCancellationRequested();
                progress(done, whole);
            },
        });
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _checkpoint?.Dispose();
}
