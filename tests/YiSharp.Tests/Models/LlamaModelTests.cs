using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Tests.Models;

public sealed class LlamaModelTests
{
    public static TheoryData<string, Precision> Kinds => new()
    {
        { "F32", Precision.F32 }, { "F16", Precision.F32 }, { "Q4_1", Precision.F32 },
        { "F32", Precision.Default }, { "Q4_0", Precision.Default }, { "Q4_1", Precision.Default }, { "Q8_0", Precision.Default },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cached_equals_full_to_the_bit(string format, Precision precision)
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = precision, Threads = 2 });
        LlamaModel model = Load(format, backend);
        int[] ids = ToyModel.Ids(47, ToyModel.Config.VocabSize);
        float[] full = ToyModel.Logits(model, backend, ids);

        foreach (int prefill in new[] { 1, 2, 7, 16, 33 })
        {
            using KvCache cache = model.CreateKvCache(backend, ids.Length);
            var batch = new SequenceBatch();
            var pieces = new List<float>();
            for (int start = 0; start < ids.Length;)
            {
                int count = start == 0 ? prefill : Math.Min(start % 3 == 0 ? 5 : 1, ids.Length - start);
                batch.Clear();
                batch.Add(count, cache);
                pieces.AddRange(ToyModel.Logits(model, backend, ids.AsSpan(start, count), batch));
                start += count;
            }
            Assert.Equal(ids.Length, cache.Length);
            Tolerance.SameBits(full, pieces.ToArray(), $"{format}, first {prefill} at once");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Batch_equals_one_by_one_to_the_bit(string format, Precision precision)
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = precision, Threads = 2 });
        LlamaModel model = Load(format, backend);
        int[][] sequences = [ToyModel.Ids(5, 200, 1), ToyModel.Ids(1, 200, 2), ToyModel.Ids(37, 200, 3), ToyModel.Ids(16, 200, 4)];
        float[][] alone = [.. sequences.Select(ids => ToyModel.Logits(model, backend, ids))];

        var batch = new SequenceBatch();
        using KvCache cache = model.CreateKvCache(backend, 64);
        for (int i = 0; i < sequences.Length; i++) batch.Add(sequences[i].Length, i == 2 ? cache : null);
        float[] together = ToyModel.Logits(model, backend, [.. sequences.SelectMany(ids => ids)], batch);

        Tolerance.SameBits([.. alone.SelectMany(logits => logits)], together, format);
        Assert.Equal(37, cache.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Thread_count_changes_no_bit(string format, Precision precision)
    {
        int[] ids = ToyModel.Ids(70, 200);
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 3, 5 })
        {
            using var backend = new CpuBackend(new CpuOptions { Precision = precision, Threads = threads });
            float[] logits = ToyModel.Logits(Load(format, backend), backend, ids);
            expected ??= logits;
            Tolerance.SameBits(expected, logits, $"{threads} threads");
        }
    }

    [Fact]
    public void Truncated_cache_continues_as_if_the_rest_had_not_been()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        LlamaModel model = Load("Q4_1", backend);
        int[] ids = ToyModel.Ids(30, 200);
        float[] full = ToyModel.Logits(model, backend, ids);

        using KvCache cache = model.CreateKvCache(backend, 64);
        var batch = new SequenceBatch();
        batch.Add(12 + 18, cache);
        ToyModel.Logits(model, backend, [.. ids.AsSpan(0, 12), .. ToyModel.Ids(18, 200, 99)], batch);
        cache.Truncate(12);
        batch.Clear();
        batch.Add(18, cache);
        float[] rest = ToyModel.Logits(model, backend, ids.AsSpan(12), batch);

        Tolerance.SameBits(full.AsSpan(12 * 200), rest, "after truncation");
    }

    [Fact]
    public void Rows_come_back_in_the_order_asked()
    {
        using var backend = new CpuBackend();
        LlamaModel model = Load("F32", backend);
        int[] ids = ToyModel.Ids(9, 200);
        float[] all = ToyModel.Logits(model, backend, ids);
        var batch = new SequenceBatch();
        batch.Add(9);
        using Tensor hidden = model.Forward(backend, ids, batch, [8, 2]);
        using Tensor logits = model.Logits(backend, hidden);
        var values = new float[2 * 200];
        backend.Read(logits, values);
        Tolerance.SameBits([.. all.AsSpan(8 * 200, 200), .. all.AsSpan(2 * 200, 200)], values, "rows 8 and 2");
    }

    [Fact]
    public void A_cache_that_is_full_says_so_and_the_backend_goes_on()
    {
        using var backend = new CpuBackend();
        LlamaModel model = Load("F32", backend);
        using KvCache large = model.CreateKvCache(backend, 8), small = model.CreateKvCache(backend, 8);
        int[] ids = ToyModel.Ids(12, 200);
        float[] expected = ToyModel.Logits(model, backend, ids.AsSpan(0, 3));
        var batch = new SequenceBatch();
        batch.Add(3, large);
        batch.Add(9, small);
        Assert.Contains("A cache of 8 tokens holds 0; 9 more do not fit", Assert.Throws<TensorException>(() => ToyModel.Logits(model, backend, ids, batch)).Message);
        Assert.Equal(0, large.Length);
        Tolerance.SameBits(expected, ToyModel.Logits(model, backend, ids.AsSpan(0, 3)), "after the failure");
    }

    [Fact]
    public void No_rows_asked_give_no_logits()
    {
        using var backend = new CpuBackend();
        LlamaModel model = Load("Q4_1", backend);
        using KvCache cache = model.CreateKvCache(backend, 8);
        var batch = new SequenceBatch();
        batch.Add(4, cache);
        using Tensor hidden = model.Forward(backend, ToyModel.Ids(4, 200), batch, []);
        using Tensor logits = model.Logits(backend, hidden);
        Assert.Equal((0, 200), (logits.Rows, logits.Columns));
        Assert.Equal(4, cache.Length);
    }

    [Fact]
    public void Attached_adapter_equals_merged_weights()
    {
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaConfig config = ToyModel.Config;
        Dictionary<string, WeightData> weights = ToyModel.Weights(config, WeightFormat.F32);
        int[] ids = ToyModel.Ids(20, 200);
        float[] plain = ToyModel.Logits(LlamaModel.Load(config, weights, backend), backend, ids);

        const int Rank = 4;
        const float Scale = 2;
        var noise = new Noise(5);
        var modules = new Dictionary<string, LoraModule>();
        var merged = new Dictionary<string, WeightData>(weights);
        foreach (LlamaTensor parameter in LlamaTensors.Of(config).Where(parameter => parameter.Name.EndsWith("_proj.weight", StringComparison.Ordinal)))
        {
            string module = parameter.Name[..^".weight".Length];
            float[] a = noise.Normals(Rank * parameter.Columns, 0.1f), b = noise.Normals(parameter.Rows * Rank, 0.1f), w = weights[parameter.Name].ToArray();
            for (int i = 0; i < w.Length; i++)
            {
                for (int r = 0; r < Rank; r++) w[i] += Scale * b[i / parameter.Columns * Rank + r] * a[r * parameter.Columns + i % parameter.Columns];
            }
            modules.Add(module, new LoraModule(module, Rank, a, b));
            merged[parameter.Name] = WeightData.FromFloats(parameter.Name, parameter.Rows, parameter.Columns, w);
        }
        float[] attached = ToyModel.Logits(LlamaModel.Load(config, weights, backend, new LoraAdapter { Rank = Rank, Alpha = Scale * Rank, Modules = modules }), backend, ids);
        float[] asMerged = ToyModel.Logits(LlamaModel.Load(config, merged, backend), backend, ids);

        Tolerance.Holds(1e-10, attached, Array.ConvertAll(asMerged, x => (double)x), "attached");
        Assert.True(Tolerance.Nmse(plain, Array.ConvertAll(asMerged, x => (double)x)) > 1e-3, "The adapter changes nothing.");
    }

    [Fact]
    public void Missing_parameters_are_listed_all_at_once()
    {
        Dictionary<string, WeightData> weights = ToyModel.Weights(ToyModel.Config, WeightFormat.F32);
        weights.Remove("model.layers.1.mlp.up_proj.weight");
        weights.Remove("model.norm.weight");
        string message = Assert.Throws<InvalidDataException>(() => Load(weights)).Message;
        Assert.Contains("model.layers.1.mlp.up_proj.weight, model.norm.weight are missing", message);
    }

    [Fact]
    public void A_shape_that_the_config_does_not_imply_is_named_with_its_reason()
    {
        Dictionary<string, WeightData> weights = ToyModel.Weights(ToyModel.Config, WeightFormat.F32);
        weights["model.layers.0.self_attn.k_proj.weight"] = WeightData.FromFloats("model.layers.0.self_attn.k_proj.weight", 96, 64, new float[96 * 64]);
        Assert.Contains(
            "model.layers.0.self_attn.k_proj.weight has shape [96, 64]; the config implies [64, 64] (num_key_value_heads 2 × head_dim 32, hidden_size 64)",
            Assert.Throws<InvalidDataException>(() => Load(weights)).Message);
    }

    [Fact]
    public void Parameters_of_another_architecture_are_refused_by_name()
    {
        Dictionary<string, WeightData> weights = ToyModel.Weights(ToyModel.Config, WeightFormat.F32);
        weights["model.layers.0.self_attn.q_proj.bias"] = WeightData.FromFloats("model.layers.0.self_attn.q_proj.bias", 1, 192, new float[192]);
        Assert.Contains("model.layers.0.self_attn.q_proj.bias", Assert.Throws<NotSupportedException>(() => Load(weights)).Message);
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused()
    {
        using var backend = new CpuBackend();
        Dictionary<string, WeightData> weights = ToyModel.Weights(ToyModel.Config, WeightFormat.F32);
        LoraAdapter Of(string module, int inputs, int outputs) => new()
        {
            Rank = 2,
            Alpha = 2,
            Modules = new Dictionary<string, LoraModule> { [module] = new(module, 2, new float[2 * inputs], new float[2 * outputs]) },
        };

        Assert.Contains("another model", Assert.Throws<InvalidDataException>(() => LlamaModel.Load(ToyModel.Config, weights, backend, Of("model.layers.0.mlp.up_proj", 96, 160))).Message);
        Assert.Contains("model.layers.7.mlp.up_proj", Assert.Throws<InvalidDataException>(() => LlamaModel.Load(ToyModel.Config, weights, backend, Of("model.layers.7.mlp.up_proj", 64, 160))).Message);
    }

    private static LlamaModel Load(string format, CpuBackend backend) =>
        LlamaModel.Load(ToyModel.Config, ToyModel.Weights(ToyModel.Config, Tensors.WeightFormatTests.Format(format)), backend);

    private static void Load(Dictionary<string, WeightData> weights)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        LlamaModel.Load(ToyModel.Config, weights, backend);
    }
}
