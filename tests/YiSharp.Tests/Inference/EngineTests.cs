using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Inference;

public sealed class EngineTests
{
    /// <summary>Ragged prompts, answers of different lengths, some sampled.</summary>
    private static GenerationRequest[] Requests() =>
    [
        .. Enumerable.Range(0, 7).Select(i => new GenerationRequest
        {
            Ids = ToyEngine.Ids(1 + 9 * i % 23, seed: (ulong)i + 1),
            MaxNewTokens = 3 + 5 * i % 11,
            Sampling = i % 2 == 0 ? SamplingOptions.Greedy : new SamplingOptions { Temperature = 1, TopP = 0.9, Seed = (ulong)i },
        }),
    ];

    [Theory]
    [InlineData(Precision.F32)]
    [InlineData(Precision.Default)]
    public void Requests_get_the_same_ids_together_as_alone(Precision precision)
    {
        using var toy = new ToyEngine(new EngineOptions { MaxSequences = 3, PrefillTokens = 8 }, precision: precision, format: WeightFormat.Q8_0);
        GenerationRequest[] requests = Requests();
        GenerationResult[] together = toy.Engine.GenerateAll(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(toy.Engine.Generate(requests[i]).Ids, together[i].Ids);
            Assert.Equal(requests[i].MaxNewTokens, together[i].Ids.Length);
            Assert.Equal(FinishReason.Length, together[i].FinishReason);
        }
    }

    [Fact]
    public void Cached_decoding_equals_the_whole_forward_pass_at_every_step()
    {
        using var toy = new ToyEngine();
        int[] prompt = ToyEngine.Ids(9);
        int[] ids = toy.Engine.Generate(new GenerationRequest { Ids = prompt, MaxNewTokens = 12 }).Ids;
        for (int i = 0; i < ids.Length; i++)
        {
            int[] before = [.. prompt, .. ids[..i]];
            float[] logits = YiSharp.Tests.Models.ToyModel.Logits(toy.Model, toy.Backend, before);
            Assert.Equal(ids[i], LogProbs.ArgMax(logits.AsSpan((before.Length - 1) * ToyEngine.VocabSize)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(300)]
    public void A_prompt_may_go_through_in_chunks_of_any_length(int prefillTokens)
    {
        using var whole = new ToyEngine(new EngineOptions { PrefillTokens = 400 });
        using var chunked = new ToyEngine(new EngineOptions { PrefillTokens = prefillTokens });
        var request = new GenerationRequest { Ids = ToyEngine.Ids(31), MaxNewTokens = 8 };
        Assert.Equal(whole.Engine.Generate(request).Ids, chunked.Engine.Generate(request).Ids);
    }

    [Fact]
    public void A_finished_sequences_place_is_taken_at_once()
    {
        using var toy = new ToyEngine(new EngineOptions { MaxSequences = 2 });
        GenerationRequest Of(int tokens) => new() { Ids = [1], MaxNewTokens = tokens };
        toy.Engine.GenerateAll([Of(10), Of(2), Of(3), Of(5)]);
        Assert.Equal(10, toy.Engine.StepCount); // the three short ones fill the long one's time
    }

    [Fact]
    public void The_bound_on_cache_memory_is_kept_and_one_sequence_always_runs()
    {
        using var toy = new ToyEngine(new EngineOptions { MaxCacheBytes = 1 });
        GenerationResult[] results = toy.Engine.GenerateAll([.. Enumerable.Range(1, 4).Select(i => new GenerationRequest { Ids = [i], MaxNewTokens = 5 })]);
        Assert.Equal(4 * 5, toy.Engine.StepCount); // one after the other
        Assert.All(results, r => Assert.Equal(5, r.Ids.Length));
    }

    [Fact]
    public void A_stop_id_ends_the_answer_and_is_its_last()
    {
        using var toy = new ToyEngine();
        var request = new GenerationRequest { Ids = ToyEngine.Ids(5), MaxNewTokens = 20 };
        int[] free = toy.Engine.Generate(request).Ids;
        int stop = free[4];
        GenerationResult stopped = toy.Engine.Generate(request with { StopIds = [ToyEngine.VocabSize - 1, stop] });
        Assert.Equal(free[..(Array.IndexOf(free, stop) + 1)], stopped.Ids);
        Assert.Equal(FinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public void An_answer_ends_at_the_models_context()
    {
        using var toy = new ToyEngine(new EngineOptions { MaxTokens = 12 });
        GenerationResult result = toy.Engine.Generate(new GenerationRequest { Ids = ToyEngine.Ids(8), MaxNewTokens = int.MaxValue });
        Assert.Equal(4, result.Ids.Length);
        Assert.Equal(FinishReason.Length, result.FinishReason);
    }

    [Fact]
    public void No_new_tokens_takes_no_forward_pass()
    {
        using var toy = new ToyEngine();
        GenerationResult[] results = toy.Engine.GenerateAll([new GenerationRequest { Ids = [1], MaxNewTokens = 0 }, new GenerationRequest { Ids = [1], MaxNewTokens = 0 }]);
        Assert.All(results, r => Assert.Empty(r.Ids));
        Assert.Equal(0, toy.Engine.StepCount);
    }

    [Fact]
    public void Requests_that_do_not_hold_are_refused_before_anything_runs()
    {
        using var toy = new ToyEngine(new EngineOptions { MaxTokens = 10 });
        var good = new GenerationRequest { Ids = [1], MaxNewTokens = 1 };
        foreach ((GenerationRequest bad, string said) in new[]
        {
            (good with { Ids = [] }, "no ids"),
            (good with { Ids = [1, ToyEngine.VocabSize] }, $"id {ToyEngine.VocabSize} at index 1; the model knows 0 to {ToyEngine.VocabSize - 1}"),
            (good with { Ids = [-1] }, "id -1 at index 0"),
            (good with { Ids = ToyEngine.Ids(10) }, "10 tokens"),
            (good with { MaxNewTokens = -1 }, "max_new_tokens is -1"),
            (good with { Sampling = new SamplingOptions { TopP = 2 } }, "top_p is 2"),
        })
        {
            Assert.Contains(said, Assert.Throws<ArgumentException>(() => toy.Engine.GenerateAll([good, bad])).Message, StringComparison.Ordinal);
        }
        Assert.Equal(0, toy.Engine.StepCount);
    }

    [Fact]
    public void Requests_may_come_while_others_run()
    {
        using var toy = new ToyEngine();
        int asked = 0;
        var finished = new List<int>();
        toy.Engine.Run(
            isIdle => asked switch
            {
                0 => Next(20),
                1 when toy.Engine.StepCount >= 5 => Next(3),
                2 when isIdle => Next(2),
                _ => null,
            },
            (index, _) => finished.Add(index));
        Assert.Equal([1, 0, 2], finished);
        Assert.Equal(20 + 2, toy.Engine.StepCount);

        GenerationRequest Next(int tokens)
        {
            asked++;
            return new GenerationRequest { Ids = [asked], MaxNewTokens = tokens };
        }
    }

    [Fact]
    public void Cancelling_ends_between_two_steps()
    {
        using var toy = new ToyEngine();
        using var source = new CancellationTokenSource();
        int count = 0;
        Assert.Throws<OperationCanceledException>(() => toy.Engine.Generate(new GenerationRequest { Ids = [1], MaxNewTokens = 400 }, _ =>
        {
            if (++count == 3) source.Cancel();
        }, source.Token));
        Assert.Equal(3, count);
    }

    /// <summary>What grows with a long chat is the cache, block by block, and the table of its blocks.</summary>
    [Fact]
    public void A_chat_of_ten_thousand_tokens_leaves_memory_flat()
    {
        const int Tokens = 10_000;
        LlamaConfig config = ToyModel.Config with { MaxPositionEmbeddings = Tokens + 100 };
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        var engine = new Engine(LlamaModel.Load(config, ToyModel.Weights(config, WeightFormat.Q4_0), backend), backend);
        using Sequence sequence = engine.CreateSequence();
        engine.Begin(sequence, new GenerationRequest { Ids = ToyEngine.Ids(40), MaxNewTokens = Tokens, Speculation = Speculation.Lookup });
        Sequence[] one = [sequence];
        while (sequence.NewIds.Length < Tokens / 10) engine.Step(one);
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (sequence.Finished is null) engine.Step(one);
        Assert.Equal(Tokens, sequence.NewIds.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * Tokens / 10);
    }

    [Fact]
    public void A_decoded_token_allocates_nothing()
    {
        using var toy = new ToyEngine(precision: Precision.Default, format: WeightFormat.Q8_0);
        using Sequence first = toy.Engine.CreateSequence(), second = toy.Engine.CreateSequence();
        toy.Engine.Begin(first, new GenerationRequest { Ids = ToyEngine.Ids(20), MaxNewTokens = 400 });
        toy.Engine.Begin(second, new GenerationRequest { Ids = ToyEngine.Ids(3), MaxNewTokens = 400, Sampling = new SamplingOptions { Temperature = 1, TopK = 20, Seed = 1 } });
        Sequence[] both = [first, second];
        for (int i = 0; i < 60; i++) toy.Engine.Step(both);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) toy.Engine.Step(both);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(160, first.NewIds.Length);
    }

    [Fact]
    public void A_second_prompt_reuses_what_the_cache_holds_of_it()
    {
        using var toy = new ToyEngine();
        using Sequence sequence = toy.Engine.CreateSequence();
        int[] prompt = ToyEngine.Ids(15);
        Assert.Equal(0, toy.Engine.Begin(sequence, new GenerationRequest { Ids = prompt, MaxNewTokens = 6 }));
        while (sequence.Finished is null) toy.Engine.Step([sequence]);
        int[] longer = [.. prompt, .. sequence.NewIds, 1, 2, 3];

        Assert.Equal(prompt.Length + 5, toy.Engine.Begin(sequence, new GenerationRequest { Ids = longer, MaxNewTokens = 6 }));
        while (sequence.Finished is null) toy.Engine.Step([sequence]);
        Assert.Equal(toy.Engine.Generate(new GenerationRequest { Ids = longer, MaxNewTokens = 6 }).Ids, sequence.NewIds.ToArray());

        Assert.Equal(9, toy.Engine.Begin(sequence, new GenerationRequest { Ids = longer[..10], MaxNewTokens = 2 })); // the last id's logits are wanted
        while (sequence.Finished is null) toy.Engine.Step([sequence]);
        Assert.Equal(toy.Engine.Generate(new GenerationRequest { Ids = longer[..10], MaxNewTokens = 2 }).Ids, sequence.NewIds.ToArray());
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(16, 256)]
    [InlineData(1, 256)]
    public void Requests_that_begin_alike_compute_their_beginning_once(int maxSequences, int prefillTokens)
    {
        var options = new EngineOptions { MaxSequences = maxSequences, PrefillTokens = prefillTokens, LeastSharedTokens = 20 };
        using var sharing = new ToyEngine(options);
        using var alone = new ToyEngine(options with { LeastSharedTokens = int.MaxValue });
        int[] beginning = ToyEngine.Ids(100);
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 9).Select(i => new GenerationRequest { Ids = [.. beginning, .. ToyEngine.Ids(1 + 3 * i, seed: (ulong)i + 1)], MaxNewTokens = 2 + i % 4 }),
            new GenerationRequest { Ids = beginning, MaxNewTokens = 5 },
            new GenerationRequest { Ids = [.. beginning.AsSpan(0, 19), 1, 2, 3], MaxNewTokens = 3 },
        ];
        GenerationResult[] expected = alone.Engine.GenerateAll(requests), actual = sharing.Engine.GenerateAll(requests);
        for (int i = 0; i < requests.Length; i++) Assert.Equal(expected[i].Ids, actual[i].Ids);
        Assert.Equal(requests.Sum(r => r.Ids.Length + r.MaxNewTokens - 1), alone.Engine.TokenCount);
        // Nine of the ten share all 100 but what each wants of its own: the tenth is the beginning itself, whose last id's logits are wanted.
        Assert.Equal(alone.Engine.TokenCount - 8 * 100 - 99, sharing.Engine.TokenCount);
    }

    [Fact]
    public void A_forked_sequence_goes_on_alone()
    {
        using var toy = new ToyEngine();
        Sequence origin = toy.Engine.CreateSequence();
        int[] prompt = ToyEngine.Ids(90);
        toy.Engine.Begin(origin, new GenerationRequest { Ids = prompt, MaxNewTokens = 30 });
        for (int i = 0; i < 10; i++) toy.Engine.Step([origin]);
        using Sequence fork = origin.Fork(80);
        Assert.Equal(prompt[..80], fork.Ids.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => origin.Fork(prompt.Length + 10));

        var request = new GenerationRequest { Ids = [.. prompt[..80], 7, 8, 9], MaxNewTokens = 20 };
        Assert.Equal(80, toy.Engine.Begin(fork, request));
        Sequence[] both = [origin, fork];
        while (origin.Finished is null) toy.Engine.Step(both);
        int[] expected = toy.Engine.Generate(new GenerationRequest { Ids = prompt, MaxNewTokens = 30 }).Ids;
        Assert.Equal(expected, origin.NewIds.ToArray());
        origin.Dispose();
        while (fork.Finished is null) toy.Engine.Step([fork]);
        Assert.Equal(toy.Engine.Generate(request).Ids, fork.NewIds.ToArray());
    }
}
