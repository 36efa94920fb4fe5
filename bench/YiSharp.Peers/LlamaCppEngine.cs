using System.Runtime.InteropServices;
using System.Xml.Linq;
using LLama;
using LLama.Common;
using LLama.Native;
using YiSharp.Cli;
using YiSharp.Inference;

namespace YiSharp.Peers;

/// <summary>llama.cpp through LLamaSharp, at its lowest: ids in batches to the native library, the likeliest id out.</summary>
internal sealed class LlamaCppEngine : IBenchEngine
{
    /// <summary>llama.cpp's own default of a physical batch.</summary>
    private const int BatchTokens = 512;

    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;
    private readonly LLamaBatch _batch = new();
    private readonly CancellationToken _cancellation;

    static LlamaCppEngine() => NativeLogConfig.llama_log_set((_, _) => { });

    /// <summary>Loads a file; whatever is not said here is as LLamaSharp has it.</summary>
    public LlamaCppEngine(string path, int threadCount, int maxTokens, CancellationToken cancellation)
    {
        var options = new ModelParams(path)
        {
            ContextSize = (uint)maxTokens,
            BatchSize = BatchTokens,
            UBatchSize = BatchTokens,
            GpuLayerCount = 0,
            Threads = threadCount,
            BatchThreads = threadCount,
        };
        _weights = LLamaWeights.LoadFromFile(options);
        _context = new LLamaContext(_weights, options);
        _cancellation = cancellation;
    }

    /// <summary>The package's version, which its assembly does not say.</summary>
    public static string Version { get; } = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(package => (string?)package.Attribute("Include") == "LLamaSharp").Attribute("Version")!.Value;

    /// <summary>What the native library says of itself: the instructions that it was built with.</summary>
    public static string Build => Marshal.PtrToStringUTF8(NativeApi.llama_print_system_info())?.Trim() ?? "";

    /// <inheritdoc/>
    public string Name => "LLamaSharp";

    /// <inheritdoc/>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        _context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, length, -1);
        Length = length;
    }

    /// <inheritdoc/>
    public int Prefill(ReadOnlySpan<int> ids)
    {
        int next = 0;
        for (int start = 0; start < ids.Length; start += BatchTokens)
        {
            int count = Math.Min(BatchTokens, ids.Length - start);
            next = Pass(ids.Slice(start, count), withLogits: start + count == ids.Length);
        }
        return next;
    }

    /// <inheritdoc/>
    public void Decode(int id, int count)
    {
        for (int i = 0; i < count; i++) id = Pass([id], withLogits: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private int Pass(ReadOnlySpan<int> ids, bool withLogits)
    {
        _cancellation.ThrowIfCancellationRequested();
        _batch.Clear();
        for (int i = 0; i < ids.Length; i++) _batch.Add(ids[i], Length + i, LLamaSeqId.Zero, logits: withLogits && i == ids.Length - 1);
        DecodeResult result = _context.Decode(_batch);
        if (result != DecodeResult.Ok) throw new InvalidOperationException($"llama.cpp did not compute {ids.Length} tokens at {Length}: {result}.");
        Length += ids.Length;
        return withLogits ? LogProbs.ArgMax(_context.NativeHandle.GetLogitsIth(ids.Length - 1)) : 0;
    }
}
