using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Inference;

public sealed class SpeculationTests
{
    /// <summary>Prompts that repeat themselves, so that there is something to look up, with answers of different lengths.</summary>
    private static GenerationRequest[] Requests(Speculation speculation, SamplingOptions? sampling = null) =>
    [
        .. Enumerable.Range(0, 6).Select(i => new GenerationRequest
        {
            Ids = [.. ToyEngine.Ids(4 + i, seed: (ulong)i + 1), .. ToyEngine.Ids(4 + i, seed: (ulong)i + 1)],
            MaxNewTokens = 40 + 7 * i,
            Sampling = (sampling ?? SamplingOptions.Greedy) with { Seed = (ulong)i },
            Speculation = speculation,
        }),
    ];

    /// <summary>Penalties below 1 make a toy repeat itself.</summary>
    private static readonly SamplingOptions s_warm = new() { Temperature = 0.5, TopK = 12, RepetitionPenalty = 0.8 }, s_repeating = new() { RepetitionPenalty = 0.5 };

    /// <summary>An engine whose draft model is the model itself with rounded weights: often right, not always.</summary>
    private static ToyEngine WithDraft(EngineOptions? options = null, WeightFormat? format = null, double relativeCost = 0.05)
    {
        var toy = new ToyEngine(options, format: format);
        toy.Engine.Draft = new DraftModel(LlamaModel.Load(ToyModel.Config, ToyModel.Weights(ToyModel.Config, WeightFormat.Q8_0), toy.Backend), toy.Backend, relativeCost);
        return toy;
    }

    [Theory]
    [InlineData(Precision.F32)]
    [InlineData(Precision.Default)]
    public void Looking_up_changes_no_id_greedy_or_sampled_alone_or_together(Precision precision)
    {
        using var toy = new ToyEngine(new EngineOptions { MaxSequences = 4, PrefillTokens = 8 }, precision: precision, format: WeightFormat.Q8_0);
        foreach (SamplingOptions sampling in new[] { SamplingOptions.Greedy, s_repeating, s_warm, new SamplingOptions { Temperature = 0.2 } })
        {
            GenerationResult[] plain = toy.Engine.GenerateAll(Requests(Speculation.Off, sampling));
            GenerationRequest[] requests = Requests(Speculation.Lookup, sampling);
            GenerationResult[] together = toy.Engine.GenerateAll(requests);
            for (int i = 0; i < requests.Length; i++)
            {
                Assert.Equal(plain[i].Ids, together[i].Ids);
                GenerationResult alone = toy.Engine.Generate(requests[i]);
                Assert.Equal(plain[i].Ids, alone.Ids);
                Assert.Equal(alone.Ids.Length - alone.Speculation.AcceptedCount, alone.Speculation.PassCount);
            }
        }
    }

    [Fact]
    public void Right_guesses_save_passes_and_are_counted()
    {
        using var toy = new ToyEngine();
        GenerationRequest request = Requests(Speculation.Lookup, s_repeating)[5] with { MaxNewTokens = 200 };
        GenerationResult result = toy.Engine.Generate(request);
        Assert.Equal(toy.Engine.StepCount, result.Speculation.PassCount);
        Assert.Equal(200, result.Speculation.PassCount + result.Speculation.AcceptedCount);
        Assert.True(result.Speculation.AcceptedCount <= result.Speculation.ProposedCount);
        Assert.True(result.Speculation.PassCount < 100, $"{result.Speculation}");
        Assert.Equal(new SpeculationReport(200, 0, 0), toy.Engine.Generate(request with { Speculation = Speculation.Off }).Speculation);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.05)]
    public void A_draft_model_changes_no_greedy_id_alone_or_together(double penalty)
    {
        using ToyEngine toy = WithDraft(new EngineOptions { MaxSequences = 3 });
        SamplingOptions sampling = penalty > 0 ? SamplingOptions.Greedy with { RepetitionPenalty = penalty } : SamplingOptions.Greedy;
        GenerationResult[] plain = toy.Engine.GenerateAll(Requests(Speculation.Off, sampling)), together = toy.Engine.GenerateAll(Requests(Speculation.Draft, sampling));
        int proposed = 0, accepted = 0;
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i].Ids, together[i].Ids);
            GenerationResult alone = toy.Engine.Generate(Requests(Speculation.Draft, sampling)[i]);
            Assert.Equal(plain[i].Ids, alone.Ids);
            (proposed, accepted) = (proposed + alone.Speculation.ProposedCount, accepted + alone.Speculation.AcceptedCount);
        }
        Assert.True(accepted > proposed / 2 && accepted > 100, $"{accepted} of {proposed}");
    }

    [Fact]
    public void A_seed_repeats_with_a_draft_model_whatever_else_runs_and_however_the_prompt_is_cut()
    {
        using ToyEngine toy = WithDraft(new EngineOptions { MaxSequences = 5 }), chunked = WithDraft(new EngineOptions { PrefillTokens = 3 });
        GenerationRequest[] requests = Requests(Speculation.Draft, s_warm);
        GenerationResult[] together = toy.Engine.GenerateAll(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            GenerationResult alone = toy.Engine.Generate(requests[i]);
            Assert.Equal(alone.Ids, together[i].Ids);
            Assert.Equal(alone.Ids, chunked.Engine.Generate(requests[i]).Ids);
            Assert.True(alone.Speculation.AcceptedCount > 0);
        }
    }

    [Theory]
    [InlineData(Speculation.Lookup)]
    [InlineData(Speculation.Draft)]
    public void A_stop_id_among_accepted_guesses_ends_the_answer_there(Speculation speculation)
    {
        using ToyEngine toy = WithDraft();
        GenerationRequest request = Requests(speculation, s_repeating with { RepetitionPenalty = 0.9 })[5] with { MaxNewTokens = 120 };
        int[] free = toy.Engine.Generate(request).Ids;
        foreach (int stop in free.Distinct())
        {
            using Sequence sequence = toy.Engine.CreateSequence();
            toy.Engine.Begin(sequence, request with { StopIds = [stop] });
            while (sequence.Finished is null) toy.Engine.Step([sequence]);
            Assert.Equal(free[..(Array.IndexOf(free, stop) + 1)], sequence.NewIds.ToArray());
            Assert.Equal(FinishReason.Stop, sequence.Finished);
            Assert.Equal(sequence.Ids.Length - 1, sequence.Cache.Length);
        }
    }

    [Theory]
    [InlineData(Speculation.Lookup)]
    [InlineData(Speculation.Draft)]
    public void Limits_hold_to_the_id_and_ids_come_in_order(Speculation speculation)
    {
        using ToyEngine toy = WithDraft(new EngineOptions { MaxTokens = 100 });
        GenerationRequest request = Requests(speculation)[4];
        int[] whole = toy.Engine.Generate(request with { Speculation = Speculation.Off, MaxNewTokens = 500 }).Ids;
        Assert.Equal(100 - request.Ids.Length, whole.Length);
        for (int most = 0; most <= whole.Length; most++)
        {
            var heard = new List<int>();
            GenerationResult result = toy.Engine.Generate(request with { MaxNewTokens = most == whole.Length ? 500 : most }, heard.Add);
            Assert.Equal(whole[..most], result.Ids);
            Assert.Equal(whole[..most], heard);
        }
    }

    [Theory]
    [InlineData(Speculation.Lookup)]
    [InlineData(Speculation.Draft)]
    public void A_sequence_takes_another_prompt_and_another_way_of_guessing(Speculation speculation)
    {
        using ToyEngine toy = WithDraft();
        using Sequence sequence = toy.Engine.CreateSequence();
        GenerationRequest first = Requests(speculation)[3];
        int[] answer = Answer(first);
        GenerationRequest second = first with { Ids = [.. first.Ids, .. answer, 3, 4, .. answer] };
        foreach (GenerationRequest request in new[] { second, first, first with { Ids = first.Ids[..1] }, second with { Speculation = Speculation.Off }, second with { Speculation = Speculation.Lookup }, second })
        {
            Assert.Equal(toy.Engine.Generate(request with { Speculation = Speculation.Off }).Ids, Answer(request));
        }

        int[] Answer(GenerationRequest request)
        {
            toy.Engine.Begin(sequence, request);
            while (sequence.Finished is null) toy.Engine.Step([sequence]);
            return sequence.NewIds.ToArray();
        }
    }

    [Theory]
    [InlineData(Speculation.Lookup)]
    [InlineData(Speculation.Draft)]
    public void Where_keys_depend_on_the_length_nothing_is_guessed(Speculation speculation)
    {
        LlamaConfig config = ToyModel.Config with { MaxPositionEmbeddings = 40, RopeScaling = new DynamicRopeScaling(4, 40) };
        using var backend = new CpuBackend(new CpuOptions { Threads = 1, Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(config, ToyModel.Weights(config, WeightFormat.F32), backend);
        var engine = new Engine(model, backend, new EngineOptions { MaxTokens = 160 }) { Draft = new DraftModel(model, backend, 0.05) };
        Assert.Equal(160, engine.MaxTokens);
        GenerationRequest request = Requests(speculation)[2] with { MaxNewTokens = 200 };
        GenerationResult result = engine.Generate(request), within = engine.Generate(request with { MaxNewTokens = 41 - request.Ids.Length });
        Assert.Equal(engine.Generate(request with { Speculation = Speculation.Off }).Ids, result.Ids);
        Assert.Equal(within.Speculation.ProposedCount, result.Speculation.ProposedCount);
    }

    [Fact]
    public void Guessing_allocates_nothing()
    {
        foreach (SamplingOptions sampling in new[] { s_repeating, s_repeating with { Temperature = 0.5, Seed = 2 } })
        {
            foreach (Speculation speculation in new[] { Speculation.Lookup, Speculation.Draft })
            {
                using ToyEngine toy = WithDraft();
                using Sequence sequence = toy.Engine.CreateSequence();
                Sequence[] one = [sequence];
                GenerationRequest request = Requests(speculation, sampling)[0] with { MaxNewTokens = 200 };
                long before = 0;
                for (int round = 0; round < 2; round++) // passes of every size are met in the first
                {
                    toy.Engine.Begin(sequence, request);
                    while (sequence.NewIds.Length < 10) toy.Engine.Step(one); // the sampler's buffer is made when a drawn guess comes
                    before = GC.GetAllocatedBytesForCurrentThread();
                    while (sequence.Finished is null) toy.Engine.Step(one);
                }
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
                Assert.True(sequence.Speculation.AcceptedCount > 20, $"{speculation}: {sequence.Speculation}");
            }
        }
    }

    [Fact]
    public void A_draft_model_that_is_never_right_is_asked_seldom()
    {
        using var toy = new ToyEngine();
        var config = ToyModel.Config with { NumHiddenLayers = 1 };
        toy.Engine.Draft = new DraftModel(LlamaModel.Load(config, ToyModel.Weights(config, WeightFormat.F32, seed: 99), toy.Backend), toy.Backend, 0.2);
        GenerationResult result = toy.Engine.Generate(new GenerationRequest { Ids = [1], MaxNewTokens = 480, Speculation = Speculation.Draft });
        Assert.InRange(result.Speculation.ProposedCount, 20, 80);
        Assert.Equal(toy.Engine.Generate(new GenerationRequest { Ids = [1], MaxNewTokens = 480 }).Ids, result.Ids);
    }

    [Fact]
    public void A_draft_model_is_wanted_and_of_the_same_vocabulary()
    {
        using var toy = new ToyEngine();
        var request = new GenerationRequest { Ids = [1], Speculation = Speculation.Draft };
        Assert.Contains("the engine has no draft model", Assert.Throws<ArgumentException>(() => toy.Engine.Generate(request)).Message, StringComparison.Ordinal);

        LlamaConfig config = ToyModel.Config with { VocabSize = 64 };
        LlamaModel other = LlamaModel.Load(config, ToyModel.Weights(config, WeightFormat.F32), toy.Backend);
        string message = Assert.Throws<ArgumentException>(() => toy.Engine.Draft = new DraftModel(other, toy.Backend, 0.5)).Message;
        Assert.Contains("knows 64 ids and the model 200", message, StringComparison.Ordinal);
        Assert.Contains("relative cost is 0", Assert.Throws<ArgumentException>(() => new DraftModel(other, toy.Backend, 0)).Message, StringComparison.Ordinal);
    }
}
