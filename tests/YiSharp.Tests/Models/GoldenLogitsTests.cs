using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Models;

/// <summary>Logits of small random models by the original software.</summary>
public sealed class GoldenLogitsTests
{
    public static TheoryData<string> TinyNames => [.. Directory.GetFiles(Path.Combine(CheckpointGoldens.Root, "tiny"), "*.expected.json").Select(f => Path.GetFileName(f)[..^".expected.json".Length]).Order()];

    /// <summary>Those with a batch: transformers takes the base of dynamic scaling from the whole batch, so its golden has none.</summary>
    public static TheoryData<string> BatchedNames => [.. TinyNames.Select(row => row.Data).Where(name => name != "dynamic-tiny")];

    [Fact]
    public void Every_golden_folder_has_its_expectations() => Assert.Equal(
        Directory.GetDirectories(Path.Combine(CheckpointGoldens.Root, "tiny")).Select(f => Path.GetFileName(f)).Order(), TinyNames.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(TinyNames))]
    public void Folders_give_the_original_softwares_logits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        RequireLogits(checkpoint, null, CheckpointGoldens.Tiny(name), Tolerance.TinyLogits);
    }

    public static TheoryData<string> GgufNames => ["llama-f16", "llama-q4_0-mix", "llama-q4_k-mix", "llama-q8_0", "qwen2-q8_0"];

    [Theory]
    [MemberData(nameof(GgufNames))]
    public void Gguf_files_give_the_logits_of_their_exact_weights(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Gguf(name));
        RequireLogits(checkpoint, null, Path.ChangeExtension(CheckpointGoldens.Gguf(name), null), Tolerance.TinyLogits);
    }

    [Theory]
    [MemberData(nameof(TinyNames))]
    public void Hidden_states_after_each_layer_are_the_original_softwares(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        using var golden = new Golden(CheckpointGoldens.Tiny(name));
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend);
        int sequence = golden.Sequences.FindIndex(s => s.TryGetProperty("states", out _));
        int[] ids = Golden.Ids(golden.Sequences[sequence], "ids");
        var batch = new SequenceBatch();
        batch.Add(ids.Length);
        Tensor x = backend.Embedding(model.EmbedTokens, ids);
        for (int layer = 0; layer <= model.Layers.Count + 1; layer++)
        {
            if (layer > model.Layers.Count) x = backend.RmsNorm(x, model.Norm, model.Config.RmsNormEps);
            var values = new float[ids.Length * model.Config.HiddenSize];
            backend.Read(x, values);
            golden.RequireNear($"state.{sequence}.{layer}", values, Tolerance.TinyStates);
            if (layer < model.Layers.Count) x = model.Layers[layer].Forward(backend, x, model.Config, model.Rotary, batch);
        }
        x.Dispose();
    }

    [Theory]
    [MemberData(nameof(TinyNames))]
    public void Greedy_answers_are_the_original_softwares(string name) => RequireGreedy(CheckpointGoldens.Tiny(name), CheckpointGoldens.Tiny(name));

    [Theory]
    [MemberData(nameof(GgufNames))]
    public void Greedy_answers_of_gguf_files_are_those_of_their_exact_weights(string name) =>
        RequireGreedy(CheckpointGoldens.Gguf(name), Path.ChangeExtension(CheckpointGoldens.Gguf(name), null));

    [Fact]
    public void A_prompt_beyond_a_dynamic_rope_s_limit_has_the_same_logits_in_chunks_as_in_one_pass()
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny("dynamic-tiny"));
        using var golden = new Golden(CheckpointGoldens.Tiny("dynamic-tiny"));
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend);
        int[] ids = Golden.Ids(golden.Sequences[^1], "ids");
        Assert.True(ids.Length > model.FixedLength && ids.Length <= model.Config.ContextLength);
        float[] whole = ToyModel.Logits(model, backend, ids);
        using KvCache cache = model.CreateKvCache(backend, ids.Length);
        var batch = new SequenceBatch();
        for (int start = 0; start < ids.Length; start += 50)
        {
            int count = Math.Min(50, ids.Length - start);
            batch.Clear();
            batch.Add(count, cache, ids.Length);
            float[] part = ToyModel.Logits(model, backend, ids.AsSpan(start, count), batch);
            Tolerance.SameBits(whole.AsSpan(start * model.Config.VocabSize, part.Length), part, $"chunk at {start}");
        }

        // Through the engine too, and after another prompt with the same beginning.
        var engine = new Engine(model, backend, new EngineOptions { PrefillTokens = 7 });
        using Sequence sequence = engine.CreateSequence();
        int vocab = model.Config.VocabSize;
        foreach (int length in (int[])[70, 60, ids.Length, 90])
        {
            int[] prompt = ids[..length];
            engine.Begin(sequence, new GenerationRequest { Ids = prompt, MaxNewTokens = 1 });
            while (sequence.Finished is null) engine.Step([sequence]);
            float[] alone = ToyModel.Logits(model, backend, prompt);
            Assert.Equal(alone.AsSpan((length - 1) * vocab).IndexOf(alone[((length - 1) * vocab)..].Max()), sequence.NewIds[0]);
        }
    }

    [Fact]
    public void Both_of_Yi_s_ends_end_an_answer()
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        using var golden = new Golden(CheckpointGoldens.Tiny("yi-tiny"));
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        var engine = new Engine(LlamaModel.Load(checkpoint, backend), backend);
        var ends = new List<int>();
        foreach (JsonElement entry in golden.Json.GetProperty("generate").EnumerateArray())
        {
            GenerationResult result = engine.Generate(new GenerationRequest
            {
                Ids = Golden.Ids(entry, "ids"), MaxNewTokens = entry.GetProperty("max_new_tokens").GetInt32(), StopIds = checkpoint.Generation.EosTokenIds,
            });
            Assert.Equal(Golden.Ids(entry, "new"), result.Ids);
            Assert.Equal(FinishReason.Stop, result.FinishReason);
            ends.Add(result.Ids[^1]);
        }
        Assert.Equal([7, 2], ends);
    }

    [Theory]
    [MemberData(nameof(BatchedNames))]
    public void Batches_give_each_row_the_original_softwares_logits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny(name));
        using var golden = new Golden(CheckpointGoldens.Tiny(name));
        JsonElement entry = golden.Json.GetProperty("batch");
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend);
        int[][] rows = [.. entry.GetProperty("ids").EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())];
        var batch = new SequenceBatch();
        foreach (int[] row in rows) batch.Add(row.Length);
        float[] logits = ToyModel.Logits(model, backend, [.. rows.SelectMany(row => row)], batch);
        int vocab = model.Config.VocabSize;
        float[] last = [.. rows.Index().SelectMany(r => logits.AsSpan((rows.Take(r.Index + 1).Sum(row => row.Length) - 1) * vocab, vocab).ToArray())];
        golden.RequireNear("batch.last_logits", last, Tolerance.TinyLogits);
    }

    [Theory]
    [InlineData("lora-qv")]
    [InlineData("rslora-all")]
    public void Adapters_give_the_original_softwares_logits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        RequireLogits(checkpoint, LoraAdapter.Open(CheckpointGoldens.Adapter(name)), CheckpointGoldens.Adapter(name), Tolerance.AdaptedTinyLogits);
    }

    private static void RequireGreedy(string path, string goldenPath)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        using var golden = new Golden(goldenPath);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        var engine = new Engine(LlamaModel.Load(checkpoint, backend), backend, new EngineOptions { PrefillTokens = 5 });
        foreach (JsonElement entry in golden.Json.GetProperty("greedy").EnumerateArray())
        {
            int[] expected = Golden.Ids(entry, "new");
            Assert.Equal(expected, engine.Generate(new GenerationRequest { Ids = Golden.Ids(entry, "ids"), MaxNewTokens = expected.Length }).Ids);
        }
    }

    private static void RequireLogits(Checkpoint checkpoint, LoraAdapter? adapter, string path, float tolerance)
    {
        using var golden = new Golden(path);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend, adapter);
        int vocab = model.Config.VocabSize;
        Assert.True(golden.Sequences.Count >= 2, $"{path} holds {golden.Sequences.Count} sequences.");
        for (int sequence = 0; sequence < golden.Sequences.Count; sequence++)
        {
            int[] ids = Golden.Ids(golden.Sequences[sequence], "ids");
            int[] positions = golden.Tensors.Values<int>($"positions.{sequence}");
            float[] logits = ToyModel.Logits(model, backend, ids);
            golden.RequireNear($"logits.{sequence}", [.. positions.SelectMany(p => logits.AsSpan(p * vocab, vocab).ToArray())], ids.Length > 100 ? Math.Max(tolerance, Tolerance.LongTinyLogits) : tolerance);
        }
    }

    /// <summary>What the original software computed from a checkpoint: NAME.expected.json and NAME.expected.safetensors.</summary>
    private sealed class Golden(string path) : IDisposable
    {
        private readonly JsonDocument _json = JsonDocument.Parse(File.ReadAllText(path + ".expected.json"));

        public GoldenTensors Tensors { get; } = new(path + ".expected.safetensors");

        public JsonElement Json => _json.RootElement;

        public List<JsonElement> Sequences => [.. Json.GetProperty("sequences").EnumerateArray()];

        public static int[] Ids(JsonElement entry, string name) => [.. entry.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

        public void RequireNear(string name, float[] found, float tolerance)
        {
            float[] expected = Tensors.Values<float>(name);
            Assert.Equal(expected.Length, found.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.True(MathF.Abs(found[i] - expected[i]) <= tolerance, $"{path}, {name}[{i}]: off by {found[i] - expected[i]}");
            }
        }

        public void Dispose() => _json.Dispose();
    }
}
