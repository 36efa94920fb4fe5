using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Inference;

/// <summary>Answers of four ids over eight, counted over many seeds, against their probabilities computed one by one.</summary>
public sealed class SpeculativeDistributionTests : IDisposable
{
    private const int Length = 4;

    private static readonly LlamaConfig s_config = ToyModel.Config with { VocabSize = 8 };

    private static readonly int[] s_prompt = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2];

    private readonly CpuBackend _backend = new(new CpuOptions { Threads = 1, Precision = Precision.F32 });
    private readonly Engine _engine;
    private readonly LlamaModel _model;

    public SpeculativeDistributionTests()
    {
        LlamaConfig smaller = s_config with { NumHiddenLayers = 1 };
        _model = LlamaModel.Load(s_config, ToyModel.Weights(s_config, WeightFormat.F32), _backend);
        LlamaModel draft = LlamaModel.Load(smaller, ToyModel.Weights(smaller, WeightFormat.F32), _backend);
        _engine = new Engine(_model, _backend, new EngineOptions { MaxSequences = 1 }) { Draft = new DraftModel(draft, _backend, 0.01) };
    }

    public static TheoryData<Speculation, SamplingOptions> Cases()
    {
        var cases = new TheoryData<Speculation, SamplingOptions>();
        foreach (Speculation speculation in new[] { Speculation.Lookup, Speculation.Draft })
        {
            cases.Add(speculation, new SamplingOptions { Temperature = 2 });
            cases.Add(speculation, new SamplingOptions { Temperature = 1.5, TopK = 5, TopP = 0.95, RepetitionPenalty = 1.5 });
            cases.Add(speculation, new SamplingOptions { Temperature = 1, MinP = 0.05, RepetitionPenalty = 0.8 });
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Answers_come_as_often_as_their_probability_says(Speculation speculation, SamplingOptions sampling)
    {
        const int Count = 2000;
        var expected = new double[(int)Math.Pow(s_config.VocabSize, Length)];
        Enumerate(sampling, [], Count, 0, expected);
        Assert.Equal(Count, expected.Sum(), 1e-6);

        var counts = new double[expected.Length];
        int proposed = 0, accepted = 0;
        foreach (GenerationResult result in _engine.GenerateAll([.. Enumerable.Range(0, Count).Select(seed => new GenerationRequest
        {
            Ids = s_prompt,
            MaxNewTokens = Length,
            Sampling = sampling with { Seed = (ulong)seed },
            Speculation = speculation,
        })]))
        {
            counts[result.Ids.Aggregate(0, (index, id) => index * s_config.VocabSize + id)]++;
            proposed += result.Speculation.ProposedCount;
            accepted += result.Speculation.AcceptedCount;
        }
        Assert.True(accepted > 50 && proposed - accepted > 50, $"{accepted} of {proposed}");
        ChiSquare.RequireFit(counts, expected);
    }

    public void Dispose() => _backend.Dispose();

    private void Enumerate(SamplingOptions sampling, int[] answer, double mass, int index, double[] expected)
    {
        if (answer.Length == Length)
        {
            expected[index] = mass;
            return;
        }
        int vocabSize = s_config.VocabSize;
        int[] ids = [.. s_prompt, .. answer];
        var sampler = new Sampler(sampling with { Seed = 0 }, vocabSize);
        sampler.Observe(ids);
        var probabilities = new double[vocabSize];
        sampler.Distribute(ToyModel.Logits(_model, _backend, ids).AsSpan(^vocabSize..), probabilities);
        for (int id = 0; id < vocabSize; id++)
        {
            if (probabilities[id] > 0) Enumerate(sampling, [.. answer, id], mass * probabilities[id], index * vocabSize + id, expected);
        }
    }
}
