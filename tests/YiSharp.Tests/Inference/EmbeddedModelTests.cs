using System.Text.Json;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Tests.Inference;

public sealed class EmbeddedModelTests
{
    /// <summary>The original's own error against double precision is 8.3e-5 nats.</summary>
    private const double LogProbTolerance = 1e-3;

    /// <summary>Mean absolute difference, nats a token, and share of a passage's total that llama.cpp's 8-bit activations keep to.</summary>
    private const double MeanDifference = 0.056, TotalShare = 0.0035;

    /// <summary>Two logits closer than this may change places.</summary>
    private const double CloseGap = 0.002;

    [Fact]
    public void Log_probabilities_in_single_precision_are_the_originals()
    {
        using LanguageModel model = EmbeddedModel.Load(Precision.F32);
        using Scorer scorer = model.CreateScorer();
        JsonElement[] rows = EmbeddedModel.Rows("nll.json");
        Assert.True(rows.Length >= 6);
        foreach (JsonElement row in rows)
        {
            double[] actual = scorer.Score(EmbeddedModel.Ids(row, "ids")), expected = EmbeddedModel.Numbers(row, "logprobs");
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], LogProbTolerance);
        }
    }

    [Fact]
    public void Eight_bit_activations_stay_as_close_as_llama_cpps()
    {
        using LanguageModel model = EmbeddedModel.Load(Precision.Default);
        using Scorer scorer = model.CreateScorer();
        foreach (JsonElement row in EmbeddedModel.Rows("nll.json"))
        {
            double[] actual = scorer.Score(EmbeddedModel.Ids(row, "ids")), expected = EmbeddedModel.Numbers(row, "logprobs");
            double difference = actual.Zip(expected, (a, e) => Math.Abs(a - e)).Average();
            Assert.True(difference <= MeanDifference, $"{difference} nats a token");
            double share = Math.Abs(actual.Sum() / expected.Sum() - 1);
            Assert.True(share <= TotalShare, $"{share:P3} of the total");
        }
    }

    [Fact]
    public void Greedy_ids_in_single_precision_are_the_originals_up_to_the_first_close_call()
    {
        using LanguageModel model = EmbeddedModel.Load(Precision.F32);
        JsonElement[] rows = EmbeddedModel.Rows("greedy.json");
        Assert.True(rows.Length >= 20);
        GenerationResult[] results = model.Engine.GenerateAll(
            [.. rows.Select(row => new GenerationRequest { Ids = EmbeddedModel.Ids(row, "prompt_ids"), MaxNewTokens = 64, StopIds = [2] })]);
        for (int i = 0; i < rows.Length; i++)
        {
            int[] expected = EmbeddedModel.Ids(rows[i], "ids");
            double[] gaps = EmbeddedModel.Numbers(rows[i], "top_two_gaps");
            int certain = Array.FindIndex(gaps, gap => gap < CloseGap) is var close and >= 0 ? close : expected.Length;
            Assert.Equal(expected[..certain], results[i].Ids[..Math.Min(certain, results[i].Ids.Length)]);
            if (certain == expected.Length) Assert.Equal(expected[^1] == 2 ? FinishReason.Stop : FinishReason.Length, results[i].FinishReason);
        }
    }
}
