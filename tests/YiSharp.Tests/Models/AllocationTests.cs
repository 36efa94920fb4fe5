using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Tests.Models;

[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;

/// <summary>Alone in its process while it runs: it counts the bytes of all threads.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Theory]
    [InlineData("F32", Precision.F32, false)]
    [InlineData("Q4_1", Precision.Default, false)]
    [InlineData("Q8_0", Precision.Default, true)]
    public void A_decoded_token_allocates_nothing(string format, Precision precision, bool adapted)
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = precision, Threads = 2 });
        // Large enough that operations are shared out.
        LlamaConfig config = ToyModel.Config with { HiddenSize = 192, IntermediateSize = 512, VocabSize = 1000 };
        LlamaModel model = LlamaModel.Load(config, ToyModel.Weights(config, Tensors.WeightFormatTests.Format(format)), backend, adapted ? Adapter() : null);
        using KvCache first = model.CreateKvCache(backend, 200), second = model.CreateKvCache(backend, 200);
        var batch = new SequenceBatch();
        batch.Add(40, first);
        batch.Add(30, second);
        ToyModel.Logits(model, backend, ToyModel.Ids(70, 1000), batch);
        int[] ids = [5, 6], rows = [0, 1];
        var logits = new float[2 * 1000];
        for (int i = 0; i < 20; i++) Step();

        // The runtime allocates when it compiles a method anew, and the test runner at any time: not in every measurement.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 30 && least > 0; attempt++)
        {
            first.Truncate(40);
            second.Truncate(30);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 20; i++) Step();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.Equal(0, least);

        void Step()
        {
            batch.Clear();
            batch.Add(1, first);
            batch.Add(1, second);
            using Tensor hidden = model.Forward(backend, ids, batch, rows);
            using Tensor output = model.Logits(backend, hidden);
            backend.Read(output, logits);
        }
    }

    private static LoraAdapter Adapter() => new()
    {
        Rank = 4,
        Alpha = 8,
        Modules = new Dictionary<string, LoraModule> { ["model.layers.0.mlp.up_proj"] = new LoraModule("model.layers.0.mlp.up_proj", 4, new float[4 * 192], new float[4 * 512]) },
    };
}
