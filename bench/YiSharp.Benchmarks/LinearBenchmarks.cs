using BenchmarkDotNet.Attributes;
using YiSharp.Cli;
using YiSharp.Tensors;

namespace YiSharp.Benchmarks;

/// <summary>
/// y = x · weightᵀ, [tokens, 4096] and [11008, 4096] → [tokens, 11008]: a projection of Yi-6B's MLP. One token is what an answer computes, 256 a
/// prompt. The report's bytes and operations a second follow from the shapes: 2 · tokens · 11008 · 4096 operations.
/// </summary>
public class LinearBenchmarks
{
    private const int Inputs = 4096, Outputs = 11008;

    private CpuBackend _backend = null!;
    private Weight _weight = null!;
    private Tensor _x = null!;

    [Params("q4_0", "q4_k", "q8_0", "q6_k", "bf16", "f32")]
    public string Format { get; set; } = "";

    [Params(1, 8, 256)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _backend = new CpuBackend();
        var weights = new RandomWeights(ModelShapes.Find("yi-6b") with { NumHiddenLayers = 1 }, WeightFormat.All.First(format => format.Name.Equals(Format, StringComparison.OrdinalIgnoreCase)));
        _weight = _backend.Load(weights["model.layers.0.mlp.up_proj.weight"]);
        _x = Noise.Tensor(_backend, Tokens, Inputs);
        if (_weight.Rows != Outputs) throw new InvalidOperationException($"{_weight} was expected to have {Outputs} rows.");
    }

    [Benchmark]
    public void Linear() => _backend.Linear(_x, _weight).Dispose();

    [GlobalCleanup]
    public void Dispose() => _backend.Dispose();
}
