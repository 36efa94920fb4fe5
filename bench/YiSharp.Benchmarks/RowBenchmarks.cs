using BenchmarkDotNet.Attributes;
using YiSharp.Cli;
using YiSharp.Tensors;

namespace YiSharp.Benchmarks;

/// <summary>Operations that pass over rows element by element, at Yi-6B's widths.</summary>
public class RowBenchmarks
{
    private const int HiddenSize = 4096, IntermediateSize = 11008, HeadDim = 128;

    private readonly RotaryTable _table = new(HeadDim, 5e6, null);
    private readonly SequenceBatch _batch = new();
    private CpuBackend _backend = null!;
    private Weight _gain = null!;
    private Weight _single = null!;
    private Tensor _x = null!;
    private Tensor _gate = null!;
    private Tensor _up = null!;

    /// <summary>Rows.</summary>
    [Params(1, 256)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _backend = new CpuBackend();
        _gain = _backend.Load(WeightData.FromFloats("norm.weight", 1, HiddenSize, new float[HiddenSize]));
        byte[] row = RandomFormats.Blocks(WeightFormat.Q4_0, IntermediateSize / WeightFormat.Q4_0.BlockLength, RandomStream.For(1, "weights"));
        TensorMemory memory = TensorMemory.AllocateUnset(row.Length);
        row.CopyTo(memory.Slice(0, row.Length));
        _single = _backend.Load(new WeightData("single.weight", WeightFormat.Q4_0, 1, IntermediateSize, memory));
        _x = Noise.Tensor(_backend, Tokens, HiddenSize);
        _gate = Noise.Tensor(_backend, Tokens, IntermediateSize);
        _up = Noise.Tensor(_backend, Tokens, IntermediateSize);
        _batch.Add(Tokens);
    }

    [Benchmark]
    public void RmsNorm() => _backend.RmsNorm(_x, _gain, 1e-5f).Dispose();

    [Benchmark]
    public void Rotary() => _backend.Rotary(_x, _table, _batch);

    [Benchmark]
    public void SiluMultiply() => _backend.SiluMultiply(_gate, _up).Dispose();

    [Benchmark]
    public void AddScaled() => _backend.AddScaled(_x, _x, 0.5f).Dispose();

    /// <summary>A product with a single row of 4-bit weights: hardly more than the rounding of activations before it.</summary>
    [Benchmark]
    public void RoundActivations() => _backend.Linear(_gate, _single).Dispose();

    [GlobalCleanup]
    public void Dispose() => _backend.Dispose();
}
