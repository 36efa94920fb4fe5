using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Inference;

/// <summary>An engine over a small random model.</summary>
internal sealed class ToyEngine : IDisposable
{
    public ToyEngine(EngineOptions? options = null, int threads = 1, Precision precision = Precision.F32, WeightFormat? format = null)
    {
        Backend = new CpuBackend(new CpuOptions { Threads = threads, Precision = precision });
        Model = LlamaModel.Load(ToyModel.Config, ToyModel.Weights(ToyModel.Config, format ?? WeightFormat.F32), Backend);
        Engine = new Engine(Model, Backend, options);
    }

    public CpuBackend Backend { get; }

    public LlamaModel Model { get; }

    public Engine Engine { get; }

    public static int VocabSize => ToyModel.Config.VocabSize;

    public static int[] Ids(int count, ulong seed = 3) => ToyModel.Ids(count, VocabSize, seed);

    public void Dispose() => Backend.Dispose();
}
