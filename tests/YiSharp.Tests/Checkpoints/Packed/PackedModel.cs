using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Checkpoints.Packed;

/// <summary>A small quantized model in a folder of its own, with a cache beside it, and what it computes.</summary>
internal sealed class PackedModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackedModel(string gguf = "llama-q8_0")
    {
        File.Copy(CheckpointGoldens.Gguf(gguf), Path);
    }

    public string Path => _folder["model.gguf"];

    public string CacheFolder => _folder["cache"];

    public PackedCache Cache => Bounded(null);

    public PackedCache Bounded(long? maxBytes) => new(new PackedCacheOptions { Folder = CacheFolder, LeastBytes = 0, MaxBytes = maxBytes });

    /// <summary>The one file of the cache.</summary>
    public string File1 => Assert.Single(Directory.GetFiles(CacheFolder));

    /// <summary>Opens the model and hands it over with packed weights that are found, or null.</summary>
    public T WithFound<T>(Func<Checkpoint, PackedWeights?, T> use)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path);
        using PackedWeights? packed = Cache.Find(checkpoint);
        return use(checkpoint, packed);
    }

    public bool IsFound() => WithFound((_, packed) => packed is not null);

    /// <summary>Packs the model.</summary>
    /// <returns>Why the file is not kept, or null.</returns>
    public string? Make(PackedCache? cache = null, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path);
        using var parallelism = new Parallelism(2);
        using PackedWeights made = (cache ?? Cache).Make(checkpoint, parallelism, progress, cancellation);
        Assert.Equal(made.Path is null, made.WhyNotKept is not null);
        return made.WhyNotKept;
    }

    /// <summary>Logits of a few ids.</summary>
    public static float[] Logits(Checkpoint checkpoint, PackedWeights? packed)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        return ToyModel.Logits(LlamaModel.Load(checkpoint, backend, packed: packed), backend, ToyModel.Ids(9, checkpoint.Config.VocabSize));
    }

    public void Dispose() => _folder.Dispose();
}
