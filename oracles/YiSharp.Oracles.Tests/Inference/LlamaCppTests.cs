using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Quantization;
using YiSharp.Tensors;

namespace YiSharp.Oracles.Tests.Inference;

/// <summary>The embedded model, and files that we write of it, against llama.cpp on the same bytes and ids.</summary>
public sealed class LlamaCppTests(LlamaCppTests.WrittenFiles files) : IClassFixture<LlamaCppTests.WrittenFiles>
{
    /// <summary>
    /// How far rounding activations to 8 bits may move log-probabilities from single precision: mean absolute difference, nats a token,
    /// and a passage's total, relative (goldens, smollm2/README: what llama.cpp's own rounding does there). Ours: 0.023 and 0.15 % at most.
    /// </summary>
    private static readonly Bounds Rounding = new(0.056, 0.0035);

    /// <summary>
    /// How far two programs that round differently may be apart: independent errors of such a size add up to √2 times it. llama.cpp
    /// in this package's build is itself 0.061 and 0.39 % from single precision.
    /// </summary>
    private static readonly Bounds TwoRoundings = new(Math.Sqrt(2) * Rounding.Mean, Math.Sqrt(2) * Rounding.Total);

    /// <summary>Largest difference of a log-probability in single precision, nats; measured at most 3e-5.</summary>
    private const double SingleDifference = 2e-4;

    /// <summary>Two logits closer than this may change places in single precision.</summary>
    private const float SmallestGap = 0.002f;

    private const int ConversationCount = 6;
    private const int GreedyTokens = 32;
    private const int PassageTokens = 160;
    private const int QuantizedPassages = 3;

    [Fact]
    public void Log_likelihoods_of_the_embedded_model()
    {
        using var theirs = new LlamaCppModel(Repository.EmbeddedModel);
        using LanguageModel ours = Open(Repository.EmbeddedModel, Precision.Default);
        using Scorer scorer = ours.CreateScorer();
        Passage[] passages = Passages();
        Assert.Equal(6, passages.Length);
        foreach (Passage passage in passages)
        {
            double[] single = passage.LogProbs, rounded = scorer.Score(passage.Ids), llama = theirs.Score(passage.Ids);
            double oursAway = RequireNear(single, rounded, Rounding, $"{passage.Source}: ours from single precision");
            double llamaAway = RequireNear(single, llama, TwoRoundings, $"{passage.Source}: llama.cpp's from single precision");
            RequireNear(llama, rounded, TwoRoundings, $"{passage.Source}: ours from llama.cpp's");
            Assert.True(oursAway <= llamaAway, $"{passage.Source}: ours are {oursAway:f4} nats a token from single precision, llama.cpp's only {llamaAway:f4}");
        }
    }

    [Fact]
    public void Log_likelihoods_in_single_precision()
    {
        using var theirs = new LlamaCppModel(files.Single);
        using LanguageModel ours = Open(files.Single, Precision.F32);
        using Scorer scorer = ours.CreateScorer();
        foreach (Passage passage in Passages())
        {
            int[] ids = passage.Ids[..PassageTokens];
            double[] expected = theirs.Score(ids), actual = scorer.Score(ids);
            double worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
            TestContext.Current.TestOutputHelper?.WriteLine($"{passage.Source}: {worst:g3}");
            Assert.True(worst < SingleDifference, $"{passage.Source}: a log-probability differs by {worst:g3} nats, expected below {SingleDifference:g3}");
        }
    }

    [Fact]
    public void Greedy_text_in_single_precision()
    {
        using var theirs = new LlamaCppModel(files.Single);
        using LanguageModel ours = Open(files.Single, Precision.F32);
        int[][] prompts = [.. Rows("greedy.json").Take(ConversationCount).Select(row => Ints(row, "prompt_ids"))];
        TextResult[] answers = new Generator(ours).GenerateAll(prompts, new GenerationOptions { MaxNewTokens = GreedyTokens, Sampling = SamplingOptions.Greedy });
        int compared = 0;
        for (int i = 0; i < prompts.Length; i++)
        {
            (List<int> expected, List<float> gaps) = theirs.Greedy(prompts[i], GreedyTokens, ours.StopIds);
            int close = gaps.FindIndex(gap => gap < SmallestGap);
            int count = close < 0 ? expected.Count : close;
            Assert.Equal(expected.Take(count), answers[i].Ids.Take(count));
            if (close < 0) Assert.Equal(expected.Count, answers[i].Ids.Length);
            compared += count;
        }
        Assert.True(compared > ConversationCount * GreedyTokens / 2, $"only {compared} tokens stand before a small gap");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void Log_likelihoods_of_files_that_we_quantize(int bits)
    {
        string path = files.Quantized(bits);
        using var theirs = new LlamaCppModel(path);
        using LanguageModel ours = Open(path, Precision.Default);
        using Scorer scorer = ours.CreateScorer();
        foreach (Passage passage in Passages().Take(QuantizedPassages))
        {
            RequireNear(theirs.Score(passage.Ids), scorer.Score(passage.Ids), TwoRoundings, $"{passage.Source} in {bits} bits");
        }
    }

    /// <summary>Requires that log-probabilities are near each other, and gives their mean absolute difference.</summary>
    private static double RequireNear(double[] expected, double[] actual, Bounds bounds, string what)
    {
        double mean = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Average();
        double total = Math.Abs(actual.Sum() / expected.Sum() - 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: mean {mean:f4} nats, total {total:p3}");
        Assert.True(mean <= bounds.Mean, $"{what}: {mean:f4} nats a token on average, expected at most {bounds.Mean:f4}");
        Assert.True(total <= bounds.Total, $"{what}: total by {total:p3}, expected at most {bounds.Total:p3}");
        return mean;
    }

    private static LanguageModel Open(string path, Precision precision) => new(Checkpoint.Open(path), new CpuBackend(new CpuOptions { Precision = precision }));

    private static Passage[] Passages() =>
        [.. Rows("nll.json").Select(row => new Passage(row.GetProperty("source")[0].GetString()!, Ints(row, "ids"), [.. row.GetProperty("logprobs").EnumerateArray().Select(x => x.GetDouble())]))];

    private static IEnumerable<JsonElement> Rows(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "smollm2", file))).RootElement.GetProperty("rows").EnumerateArray();

    private static int[] Ints(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(x => x.GetInt32())];

    /// <summary>Mean absolute difference of log-probabilities, nats a token, and relative difference of their sums.</summary>
    private readonly record struct Bounds(double Mean, double Total);

    /// <summary>A text's ids, and in single precision the log-probability of each after the first.</summary>
    private sealed record Passage(string Source, int[] Ids, double[] LogProbs);

    /// <summary>The embedded model as other GGUF files, in a temporary folder.</summary>
    public sealed class WrittenFiles : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-oracles-").FullName;

        /// <summary>Its weights in single precision.</summary>
        public string Single => Written("single.gguf", (source, path) => GgufWriter.Write(path, source, new GgufOptions { Format = _ => WeightFormat.F32 }));

        /// <summary>Rounded to 8 or 4 bits.</summary>
        public string Quantized(int bits) => Written($"{bits}bits.gguf", (source, path) => RoundToNearest.Quantize(source, path, new QuantizationOptions { Bits = bits }));

        /// <inheritdoc/>
        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private string Written(string name, Action<Checkpoint, string> write)
        {
            string path = Path.Combine(_folder, name);
            if (File.Exists(path)) return path;
            using Checkpoint source = Checkpoint.Open(Repository.EmbeddedModel);
            write(source, path);
            return path;
        }
    }
}
