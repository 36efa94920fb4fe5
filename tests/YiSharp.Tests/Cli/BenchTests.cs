using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Cli;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Cli;

/// <summary>The verb at toy size. No speed is asserted anywhere.</summary>
public sealed class BenchTests(BenchTests.ToyResult toy) : IClassFixture<BenchTests.ToyResult>
{
    private static readonly string[] Toy = ["bench", "--shape", "toy", "--prefill", "8,16", "--depth", "0,24", "--decode", "4", "--repeats", "3", "--threads", "2"];

    /// <summary>One run that several tests look at.</summary>
    public sealed class ToyResult
    {
        internal YiResult Result { get; } = Yi.Run([.. Toy, "--json", "--breakdown"]);
    }

    private JsonElement Json
    {
        get
        {
            Assert.Equal((0, 1), (toy.Result.ExitCode, toy.Result.Lines.Length));
            return toy.Result.Objects[0];
        }
    }

    [Fact]
    public void The_object_has_the_machine_its_limits_and_a_row_for_each_work()
    {
        Assert.Equal(["model", "format", "machine", "limits", "rows", "breakdown"], Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("toy", "q4_k"), (Json.GetProperty("model").GetString(), Json.GetProperty("format").GetString()));
        Assert.Equal(["processor", "cores", "threads", "instruction_set", "os", "dotnet", "yisharp"], Json.GetProperty("machine").EnumerateObject().Select(p => p.Name));
        Assert.Equal(2, Json.GetProperty("machine").GetProperty("threads").GetInt32());
        JsonProperty[] limits = [.. Json.GetProperty("limits").EnumerateObject()];
        Assert.Equal(["read_gb_s", "int8_gop_s", "f32_gflop_s"], limits.Select(p => p.Name));
        Assert.All(limits, limit => Assert.True(limit.Value.GetDouble() > 0));
        JsonElement[] rows = [.. Json.GetProperty("rows").EnumerateArray()];
        Assert.Equal([("prefill", 8, 0, "int8"), ("prefill", 16, 0, "int8"), ("decode", 4, 0, "read"), ("decode", 4, 24, "read")],
            rows.Select(row => (row.GetProperty("work").GetString()!, row.GetProperty("tokens").GetInt32(), row.GetProperty("depth").GetInt32(), row.GetProperty("limit").GetString()!)));
        foreach (JsonElement row in rows)
        {
            Assert.Equal(["work", "tokens", "depth", "tokens_per_second", "limit", "limit_g_s", "reached_g_s", "fraction"], row.EnumerateObject().Select(p => p.Name));
            JsonElement speed = row.GetProperty("tokens_per_second");
            Assert.Equal(["median", "min", "max"], speed.EnumerateObject().Select(p => p.Name));
            double median = speed.GetProperty("median").GetDouble(), min = speed.GetProperty("min").GetDouble(), max = speed.GetProperty("max").GetDouble();
            Assert.True(0 < min && min <= median && median <= max);
            Assert.True(row.GetProperty("fraction").GetDouble() > 0);
            Assert.Equal(row.GetProperty("fraction").GetDouble(), row.GetProperty("reached_g_s").GetDouble() / row.GetProperty("limit_g_s").GetDouble(), 0.01);
        }
    }

    [Fact]
    public void The_breakdown_names_every_operation_and_adds_up()
    {
        JsonElement[] works = [.. Json.GetProperty("breakdown").EnumerateArray()];
        Assert.Equal(4, works.Length);
        foreach (JsonElement work in works)
        {
            JsonElement[] operations = [.. work.GetProperty("operations").EnumerateArray()];
            Assert.Equal(["embedding", "norm", "q_proj", "k_proj", "v_proj", "rotary", "attention", "o_proj", "add", "gate_proj", "up_proj", "silu", "down_proj", "select", "lm_head", "read", "other"],
                operations.Select(o => o.GetProperty("operation").GetString()));
            Assert.Equal(1, operations.Sum(o => o.GetProperty("share").GetDouble()), 3);
            Assert.Equal(8, operations.Count(o => o.TryGetProperty("gop_s", out _) && o.TryGetProperty("gb_s", out _)));
        }
    }

    [Fact]
    public void A_stored_result_is_compared_as_measured_and_at_equal_limits()
    {
        using var folder = new TemporaryFolder();
        JsonElement row = Json.GetProperty("rows")[0], limits = Json.GetProperty("limits");
        File.WriteAllText(folder["stored.json"], toy.Result.Output);
        BenchComparison.Stored stored = BenchComparison.Read(folder["stored.json"]);
        Assert.Equal(("toy q4_k", 4), (stored.Model, stored.Medians.Count));

        double median = row.GetProperty("tokens_per_second").GetProperty("median").GetDouble();
        var twice = new BenchRow(new BenchWork(WorkKind.Prefill, 8, 0), 2 * median, 1, 1, BenchLimit.Int8, 1, 1);
        var faster = new MachineLimits(1, 4 * limits.GetProperty("int8_gop_s").GetDouble(), 1);
        ComparedRow compared = Assert.Single(BenchComparison.Of(stored, [twice, twice with { Work = new BenchWork(WorkKind.Prefill, 9, 0) }], faster).Rows);
        Assert.Equal((2, 0.5), (Math.Round(compared.Ratio, 6), Math.Round(compared.Scaled, 6)));

    }

    [Fact]
    public void People_see_tables_and_progress_stays_out_of_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["stored.json"], toy.Result.Output);
        YiResult result = Yi.Run("bench", "--shape", "toy", "--format", "f32", "--prefill", "8", "--depth", "0", "--decode", "4", "--repeats", "1", "--breakdown", "--compare", folder["stored.json"]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("toy, f32: 1.4 million weights, of which a token reads 5.2 MB\n", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"prefill +8 +0 .* GFLOP/s +f32 [\d.]+ GFLOP/s +\d+\n", result.Output);
        Assert.Matches(@"decode +4 +0 .* GB/s +read [\d.]+ GB/s +\d+\n", result.Output);
        Assert.Matches(@"together +[\d.]+ +100 %", result.Output);
        Assert.Contains($"\nbeside {folder["stored.json"]} (toy q4_k)\n", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"decode +4 +0 +[\d.]+ +[\d.]+ +\d+\.\d\d +\d+\.\d\d\n", result.Output);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Contains("prefill 8", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'yi-6' is no known shape (did you mean 'yi-6b'?)", "--shape", "yi-6")]
    [InlineData("--format is 'q3'; one of q4, q8, f32", "--shape", "toy", "--format", "q3")]
    [InlineData("blocks hold 256 weights; model.embed_tokens.weight has rows of 576", "--shape", "smollm2-135m", "--format", "q4_k")]
    [InlineData("--format needs --shape", "--format", "q4")]
    [InlineData("Both MODEL and --shape are given", "smollm2-135m-instruct", "--shape", "toy")]
    [InlineData("MODEL 'nothing-there' is neither a path", "nothing-there")]
    [InlineData("--prefill is '128,x'; whole numbers from 1 on", "--prefill", "128,x")]
    [InlineData("--prefill is '-8'; whole numbers from 1 on", "--prefill=-8")]
    [InlineData("--depth is '-1'; whole numbers from 0 on", "--depth=-1")]
    [InlineData("--decode is 0; 1 or more was expected.", "--decode", "0")]
    [InlineData("--repeats is -2; 1 or more was expected.", "--repeats=-2")]
    [InlineData("--context is 0; 1 or more was expected.", "--context", "0")]
    [InlineData("--context is 100000; ", "--context", "100000")]
    [InlineData("--threads is 0; 1 to 1024 was expected.", "--shape", "toy", "--threads", "0")]
    [InlineData("there is nothing to time", "--prefill", "none", "--depth", "none")]
    [InlineData("The context of 16 tokens holds none of what was asked for", "--shape", "toy", "--context", "16")]
    [InlineData("missing.json", "--compare", "missing.json")]
    public void What_cannot_be_timed_is_refused_in_a_sentence(string sentence, params string[] args)
    {
        YiResult result = Yi.Run(["bench", .. args]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_does_not_suffice_is_said_before_it_is_filled()
    {
        using BenchSource source = BenchSource.OfShape("toy", "q8", null, CancellationToken.None);
        source.RequireFits(100, null);
        source.RequireFits(100, 2_000_000);
        UsageException refused = Assert.Throws<UsageException>(() => source.RequireFits(100, 1_600_000));
        // 1,441,792 weights of 34 bytes for 32 and 1,280 of 4; 2 layers of two blocks of 64 tokens with 2 heads of 64 for keys and for values, 2 bytes each.
        Assert.Equal("toy in Q8_0 takes 1.5 MB of weights and 131.1 kB for keys and values; 1.6 MB of memory are available. Take a format of fewer bits, a smaller shape or fewer tokens.", refused.Message);
    }

    [Fact]
    public void What_the_context_does_not_hold_is_left_out_and_said()
    {
        BenchPlan plan = BenchPlan.Of("128,2048", "0,2000", 100, 1).Within(2048, out IReadOnlyList<string> skipped);
        Assert.Equal(["prefill 128", "prefill 2048", "decode 100"], plan.Works.Select(work => work.ToString()));
        Assert.Equal(["decode 100 at depth 2000 is left out: it needs 2100 tokens, and the context holds 2048."], skipped);
        Assert.Equal(2048, plan.MaxTokens);
    }

    [Theory]
    [InlineData("nothing", "is no result of yi bench --json")]
    [InlineData("{\"rows\": []}", "is no result of yi bench --json")]
    [InlineData("{\"limits\": {\"read_gb_s\": 0, \"int8_gop_s\": 1, \"f32_gflop_s\": 1}, \"rows\": []}", "Field \"read_gb_s\" is 0; a number above 0 was expected.")]
    [InlineData("{\"limits\": {\"read_gb_s\": 1, \"int8_gop_s\": 1, \"f32_gflop_s\": 1}, \"rows\": [{\"work\": \"train\"}]}", "A row's work is 'train'")]
    public void A_file_that_is_no_result_is_refused(string text, string sentence)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["stored.json"], text);
        Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() => BenchComparison.Read(folder["stored.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_without_a_common_work_is_refused()
    {
        var stored = new BenchComparison.Stored("a.json", "m", new MachineLimits(1, 1, 1), new Dictionary<BenchWork, double> { [new(WorkKind.Decode, 7, 0)] = 1 });
        UsageException refused = Assert.Throws<UsageException>(() => BenchComparison.Of(stored, [], new MachineLimits(1, 1, 1)));
        Assert.Contains("it has decode 7.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_and_operations_are_those_of_a_count_by_hand()
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        LlamaConfig config = ModelShapes.Find("toy");
        LlamaModel model = LlamaModel.Load(config, new RandomWeights(config, WeightFormat.Q8_0), cpu);
        using var engine = new OwnEngine(model, cpu, 64);
        var cost = ModelCost.Of(model, engine.TokenBytes);

        const double q = 256 * 256, kv = 128 * 256, mlp = 512 * 256, head = 512 * 256, layers = 2;
        const double linear = layers * (2 * q + 2 * kv + 3 * mlp);
        const double gains = (layers * 2 + 1) * 256 * sizeof(float), row = 256;
        Assert.Equal((linear, head), (cost.LinearWeights, cost.HeadWeights));
        Assert.Equal(gains + (linear + head + row) * 34 / 32, cost.WeightBytes);
        Assert.Equal(2 * 2 * 128 * sizeof(ushort), cost.KvTokenBytes);

        // Four tokens behind ten see 11, 12, 13 and 14 tokens, 12.5 on average.
        Assert.Equal(cost.WeightBytes + 12.5 * 1024, cost.BytesPerToken(new BenchWork(WorkKind.Decode, 4, 10)));
        // Each of them: a product and an addition a weight, and for each of 2 layers · 4 heads · 64 and each token seen two of both; the head once for all four.
        Assert.Equal(2 * linear + 2 * head / 4 + 4 * (2 * 4 * 64) * 12.5, cost.OperationsPerToken(new BenchWork(WorkKind.Prefill, 4, 10)));
    }

    [Fact]
    public void Medians_and_shares_are_those_of_the_runs()
    {
        var cost = new ModelCost(WeightBytes: 2e9, LinearWeights: 0, HeadWeights: 0, AttentionWidth: 0, KvTokenBytes: 0);
        BenchRow odd = BenchRow.Of(new BenchWork(WorkKind.Decode, 10, 0), [1, 5, 2], cost, BenchLimit.Read, new MachineLimits(40, 1, 1));
        Assert.Equal((5, 2, 10, 10, 0.25), (odd.Median, odd.Min, odd.Max, odd.Reached, odd.Fraction));
        Assert.Equal(7.5, BenchRow.Of(odd.Work, [1, 2], cost, BenchLimit.Read, new MachineLimits(40, 1, 1)).Median);

        // Each run beside what memory gave around it: 20 of 40, 4 of 20, 10 of 10 GB/s.
        BenchRow beside = BenchRow.Of(odd.Work, [1, 5, 2], cost, BenchLimit.Read, new MachineLimits(40, 1, 1), [50, 30, 10, 10]);
        Assert.Equal((10, 0.5), (beside.Reached, beside.Fraction));
    }

    [Fact]
    public void Random_weights_of_every_format_are_finite_and_of_a_trained_models_size()
    {
        LlamaConfig config = ModelShapes.Find("toy");
        string[] names = [.. RandomFormats.Names];
        Assert.True(names.Length >= 15);
        foreach (string name in names)
        {
            var weights = new RandomWeights(config, RandomFormats.Parse(name, config));
            Assert.Equal(LlamaTensors.Of(config).Count(), weights.Count);
            WeightData made = weights["model.layers.1.mlp.down_proj.weight"], shared = weights.Shared().Weights["model.layers.1.mlp.down_proj.weight"];
            foreach (WeightData data in new[] { made, shared })
            {
                Assert.Equal((256, 512), (data.Rows, data.Columns));
                Assert.Null(data.FindNonFinite());
                double deviation = Math.Sqrt(data.ToArray().Average(value => (double)value * value));
                Assert.True(deviation is > 0.01 and < 0.05, $"{name}: {deviation}");
            }
            Assert.NotEqual(made.ToArray(), weights["model.layers.0.mlp.down_proj.weight"].ToArray());
            Assert.All(weights["model.norm.weight"].ToArray(), gain => Assert.Equal(1f, gain));
        }
        Assert.Equal(WeightFormat.Q4_0, RandomFormats.Parse("Q4", ModelShapes.Find("smollm2-135m")));
    }

    [Theory]
    [InlineData("q4")]
    [InlineData("q8")]
    public void A_shape_becomes_a_file_for_programs_that_read_nothing_else(string format)
    {
        using var folder = new TemporaryFolder();
        using BenchSource shape = BenchSource.OfShape("toy", format, 100, CancellationToken.None);
        long written = 0;
        string path = shape.Gguf(folder.Path, (done, _) => written = done, CancellationToken.None);
        using BenchSource source = BenchSource.OfModel(path, null, "--model");
        Assert.Equal((shape.Format, shape.ParameterCount, 100), (source.Format, source.ParameterCount, source.Config.ContextLength));
        Assert.Equal(path, source.Gguf(folder.Path, (_, _) => Assert.Fail("It is a file already."), CancellationToken.None));
        Assert.True(written > 0);
        using BenchSource safetensors = BenchSource.OfModel(CheckpointGoldens.Tiny("yi-tiny"), null, "--model");
        Assert.Contains("is no single GGUF file", Assert.Throws<UsageException>(() => safetensors.Gguf(folder.Path, (_, _) => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_have_the_published_numbers_of_weights()
    {
        Assert.Equal(
            [("yi-6b", 6_061_035_520), ("yi-9b", 8_829_407_232), ("yi-34b", 34_388_917_248), ("smollm2-135m", 134_515_008), ("llama-2-7b", 6_738_415_616), ("llama-3-8b", 8_030_261_248)],
            new[] { "yi-6b", "yi-9b", "yi-34b", "smollm2-135m", "llama-2-7b", "llama-3-8b" }.Select(name => (name, LlamaTensors.Of(ModelShapes.Find(name)).Sum(t => (long)t.Rows * t.Columns))));
    }
}
