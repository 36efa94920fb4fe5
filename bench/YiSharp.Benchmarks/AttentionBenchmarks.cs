using BenchmarkDotNet.Attributes;
using YiSharp.Tensors;

namespace YiSharp.Benchmarks;

/// <summary>Attention of one layer with Yi-6B's heads: 32 of 128 on 4 for keys and values, behind some tokens in the cache.</summary>
public class AttentionBenchmarks
{
    private static readonly AttentionShape Shape = new(HeadCount: 32, KvHeadCount: 4, HeadDim: 128);

    private readonly SequenceBatch _batch = new();
    private CpuBackend _backend = null!;
    private KvCache _cache = null!;
    private Tensor _q = null!;
    private Tensor _k = null!;
    private Tensor _v = null!;

    /// <summary>Tokens in the cache.</summary>
    [Params(0, 2048)]
    public int Depth { get; set; }

    /// <summary>Tokens of the pass.</summary>
    [Params(1, 256)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _backend = new CpuBackend();
        _cache = _backend.CreateKvCache(1, Shape, Depth + Tokens);
        if (Depth > 0) Advance(Depth);
        Prepare(Tokens);
    }

    [Benchmark]
    public void Attention() => _backend.Attention(_q, _k, _v, Shape, _batch, layer: 0).Dispose();

    [GlobalCleanup]
    public void Dispose()
    {
        _cache.Dispose();
        _backend.Dispose();
    }

    private void Advance(int tokens)
    {
        Prepare(tokens);
        Attention();
        _batch.AdvanceCaches();
    }

    private void Prepare(int tokens)
    {
        _batch.Clear();
        _batch.Add(tokens, _cache);
        _q = Noise.Tensor(_backend, tokens, Shape.QueryColumns);
        _k = Noise.Tensor(_backend, tokens, Shape.KvColumns);
        _v = Noise.Tensor(_backend, tokens, Shape.KvColumns);
    }
}
