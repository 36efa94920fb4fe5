using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using static TorchSharp.torch;
using Tensor = YiSharp.Tensors.Tensor;

namespace YiSharp.Oracles.Tests.Torch;

/// <summary>Logits of small random models against libtorch's operations in double precision.</summary>
public sealed class TorchSharpModelTests
{
    /// <summary>Normalized mean squared error of logits in single precision; measured at most 3.1e-12.</summary>
    private const double Tolerance = 1e-11;

    private const int Rank = 4;
    private const double Alpha = 6;

    public static TheoryData<string> Names => RandomLlama.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_of_ragged_sequences_in_one_pass(string name)
    {
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        int[][] sequences = llama.Sequences(1, 2, 17, 64);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(llama.Config, llama.Weights, backend);
        RequireNear(Expected(new TorchLlama(llama.Config, llama.Weights), sequences), LogitsAtOnce(backend, model, sequences));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_one_token_at_a_time(string name)
    {
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        int[] ids = llama.Sequences(40)[0];
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(llama.Config, llama.Weights, backend);
        using KvCache cache = model.CreateKvCache(backend, ids.Length);
        var logits = new float[ids.Length * llama.Config.VocabSize];
        for (int position = 0; position < ids.Length; position++)
        {
            var batch = new SequenceBatch();
            batch.Add(1, cache);
            using Tensor hidden = model.Forward(backend, [ids[position]], batch, [0]);
            using Tensor scores = model.Logits(backend, hidden);
            backend.Read(scores, logits.AsSpan(position * llama.Config.VocabSize, llama.Config.VocabSize));
        }
        RequireNear(Expected(new TorchLlama(llama.Config, llama.Weights), [ids]), logits);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_with_an_adapter(string name)
    {
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        int[][] sequences = llama.Sequences(9, 30);
        LoraAdapter adapter = llama.Adapter(Rank, Alpha);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(llama.Config, llama.Weights, backend, adapter);
        var theirs = new TorchLlama(llama.Config, llama.Weights, adapter);
        RequireNear(Expected(theirs, sequences), LogitsAtOnce(backend, model, sequences));
    }

    private static double[] Expected(TorchLlama model, int[][] sequences)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return [.. sequences.SelectMany(ids => model.Logits(ids).data<double>().ToArray())];
    }

    private static float[] LogitsAtOnce(CpuBackend backend, LlamaModel model, int[][] sequences)
    {
        int[] ids = [.. sequences.SelectMany(sequence => sequence)];
        var batch = new SequenceBatch();
        foreach (int[] sequence in sequences) batch.Add(sequence.Length);
        using Tensor hidden = model.Forward(backend, ids, batch, [.. Enumerable.Range(0, ids.Length)]);
        using Tensor scores = model.Logits(backend, hidden);
        var logits = new float[ids.Length * model.Config.VocabSize];
        backend.Read(scores, logits);
        return logits;
    }

    private static void RequireNear(double[] expected, float[] actual)
    {
        double error = Nmse.Of(expected, actual);
        TestContext.Current.TestOutputHelper?.WriteLine($"NMSE {error:g3}");
        Assert.True(error < Tolerance, $"normalized mean squared error {error:g3}, expected below {Tolerance:g3}");
    }
}
