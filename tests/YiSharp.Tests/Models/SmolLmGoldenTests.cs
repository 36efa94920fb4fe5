using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Models;

/// <summary>The embedded model against the original software in single precision on the same weights.</summary>
public sealed class SmolLmGoldenTests
{
    private static string Golden(string name) => Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "smollm2", name);

    [Fact]
    public void Single_precision_gives_the_original_softwares_logits()
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Embedded);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        LlamaModel model = LlamaModel.Load(checkpoint, backend);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Golden("logits.json")));
        int rows = 0;
        foreach (JsonElement row in json.RootElement.GetProperty("rows").EnumerateArray())
        {
            int[] ids = Integers(row, "ids"), top = Integers(row, "top_ids");
            double[] wanted = Numbers(row, "top_logits");
            var batch = new SequenceBatch();
            batch.Add(ids.Length);
            using Tensor hidden = model.Forward(backend, ids, batch, [ids.Length - 1]);
            using Tensor output = model.Logits(backend, hidden);
            var logits = new float[output.Columns];
            backend.Read(output, logits);

            for (int i = 0; i < top.Length; i++) Assert.InRange(logits[top[i]] - wanted[i], -Tolerance.SmolLm, Tolerance.SmolLm);
            Assert.InRange(LogSumExp(logits) - row.GetProperty("logsumexp").GetDouble(), -Tolerance.SmolLm, Tolerance.SmolLm);
            rows++;
        }
        Assert.Equal(12, rows);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Single_precision_gives_the_original_softwares_log_probabilities(int passage)
    {
        (double worst, _, double total, double wanted) = Passage(passage, Precision.F32);
        Assert.True(worst <= Tolerance.SmolLm, $"Passage {passage}: a log-probability is off by {worst}.");
        Assert.InRange(total - wanted, -0.05, 0.05);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Eight_bit_activations_stay_near_single_precision(int passage)
    {
        (_, double mean, double total, double wanted) = Passage(passage, Precision.Default);
        Assert.True(mean <= Tolerance.SmolLmEightBitMean, $"Passage {passage}: log-probabilities are off by {mean} on average.");
        Assert.True(Math.Abs(total / wanted - 1) <= Tolerance.SmolLmEightBitTotal, $"Passage {passage}: total {total}, expected {wanted}.");
    }

    private static (double Worst, double Mean, double Total, double Wanted) Passage(int index, Precision precision)
    {
        using Checkpoint checkpoint = Checkpoint.Open(CheckpointGoldens.Embedded);
        using var backend = new CpuBackend(new CpuOptions { Precision = precision });
        LlamaModel model = LlamaModel.Load(checkpoint, backend);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Golden("nll.json")));
        JsonElement row = json.RootElement.GetProperty("rows")[index];
        int[] ids = Integers(row, "ids");
        double[] wanted = Numbers(row, "logprobs");
        Assert.Equal(ids.Length - 1, wanted.Length);

        const int Piece = 64;
        using KvCache cache = model.CreateKvCache(backend, ids.Length);
        var batch = new SequenceBatch();
        double worst = 0, sum = 0, total = 0;
        for (int start = 0; start < wanted.Length; start += Piece)
        {
            int count = Math.Min(Piece, wanted.Length - start);
            batch.Clear();
            batch.Add(count, cache);
            float[] logits = ToyModel.Logits(model, backend, ids.AsSpan(start, count), batch);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> scores = logits.AsSpan(i * model.Config.VocabSize, model.Config.VocabSize);
                double logProb = scores[ids[start + i + 1]] - LogSumExp(scores);
                double difference = Math.Abs(logProb - wanted[start + i]);
                worst = Math.Max(worst, difference);
                sum += difference;
                total -= logProb;
            }
        }
        return (worst, sum / wanted.Length, total, row.GetProperty("nll").GetDouble());
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = float.NegativeInfinity;
        foreach (float logit in logits) max = MathF.Max(max, logit);
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - max);
        return max + Math.Log(sum);
    }

    private static int[] Integers(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(x => x.GetInt32())];

    private static double[] Numbers(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];
}
