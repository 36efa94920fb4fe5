using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;

namespace YiSharp.Tests.Evaluation;

/// <summary>Log-likelihoods, choices and prompts against lm-evaluation-harness with transformers, on the embedded model's weights in single precision.</summary>
public sealed class LogLikelihoodGoldenTests
{
    /// <summary>Two options whose log-likelihoods lie nearer may stand in another order: twice the tolerance.</summary>
    private const double LeastGap = 4e-3;

    private const double Tolerance = 2e-3;

    /// <summary>Items of a file: enough to share prefixes and fill passes, in a few seconds.</summary>
    private const int Items = 12;

    [Theory]
    [InlineData("mmlu_marketing.json")]
    [InlineData("mmlu_us_foreign_policy.json")]
    [InlineData("truthfulqa_mc2.json")]
    public void Options_have_the_original_softwares_log_likelihoods(string file)
    {
        JsonElement[] items = [.. Read(file).Take(file.StartsWith("truthfulqa", StringComparison.Ordinal) ? 2 : Items)];
        using var model = new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions { Precision = Precision.F32 }));
        using var scorer = new ChoiceScorer(model);
        IReadOnlyList<string>[] options = file.StartsWith("truthfulqa", StringComparison.Ordinal)
            ? [.. BenchmarkData.Open(null).Read("truthfulqa_mc2")[0].Items.Take(items.Length).Select(item => (IReadOnlyList<string>)[.. item.Choices.Select(choice => " " + choice)])]
            : [.. items.Select(_ => (IReadOnlyList<string>)[" A", " B", " C", " D"])];
        var scores = new double[items.Length][];
        scorer.Score([.. items.Select((item, i) => new ChoiceQuestion(item.GetProperty("prompt").GetString()!, options[i]))], (i, values, _) => scores[i] = values!, TestContext.Current.CancellationToken);

        for (int i = 0; i < items.Length; i++)
        {
            double[] wanted = Numbers(items[i], "loglikelihoods");
            Assert.Equal(wanted.Length, scores[i].Length);
            for (int option = 0; option < wanted.Length; option++) Assert.InRange(scores[i][option] - wanted[option], -Tolerance, Tolerance);
            double[] ordered = [.. wanted.OrderDescending()];
            if (ordered[0] - ordered[1] > LeastGap) Assert.Equal(Array.IndexOf(wanted, ordered[0]), Array.IndexOf(scores[i], scores[i].Max()));
        }
    }

    [Fact]
    public void A_question_has_the_same_numbers_alone_and_among_others()
    {
        using var model = new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions()));
        ChoiceQuestion[] questions = [.. Read("mmlu_marketing.json").Take(5).Select((item, i) => new ChoiceQuestion(item.GetProperty("prompt").GetString()!, [" A", " B", i == 2 ? " C or D, as the case may be" : " C"]))];
        var together = new double[questions.Length][];
        using (var scorer = new ChoiceScorer(model)) scorer.Score(questions, (i, values, _) => together[i] = values!, TestContext.Current.CancellationToken);
        for (int i = 0; i < questions.Length; i++)
        {
            using var alone = new ChoiceScorer(model);
            alone.Score([questions[i]], (_, values, _) => Assert.Equal(together[i], values), TestContext.Current.CancellationToken);
            using var text = new TextScorer(model);
            for (int option = 0; option < questions[i].Options.Count; option++) Assert.Equal(text.Score(questions[i].Prompt, questions[i].Options[option]).LogProb, together[i][option], 1e-9);
        }
    }

    [Fact]
    public void A_question_that_is_too_long_has_a_reason_and_loses_no_other()
    {
        using var model = new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions()), options: new EngineOptions { MaxTokens = 64 });
        using var scorer = new ChoiceScorer(model);
        string tooLong = string.Concat(Enumerable.Repeat("once more ", 100));
        var reasons = new string?[3];
        scorer.Score([new ChoiceQuestion(tooLong, [" A"]), new ChoiceQuestion("The capital of France is", [" Paris", " Lyon"]), new ChoiceQuestion(tooLong, [" A"])],
            (i, values, reason) =>
            {
                reasons[i] = reason;
                Assert.Equal(reason is null, values is not null);
            }, TestContext.Current.CancellationToken);
        Assert.Contains("reads at most 64", reasons[0], StringComparison.Ordinal);
        Assert.Null(reasons[1]);
        Assert.Contains("reads at most 64", reasons[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mmlu", "marketing", "mmlu_marketing.json")]
    [InlineData("mmlu", "us_foreign_policy", "mmlu_us_foreign_policy.json")]
    [InlineData("gsm8k", null, "gsm8k_cot_zeroshot.json")]
    [InlineData("bbh", "boolean_expressions", "bbh_cot_zeroshot_boolean_expressions.json")]
    [InlineData("bbh", "date_understanding", "bbh_cot_zeroshot_date_understanding.json")]
    [InlineData("bbh", "word_sorting", "bbh_cot_zeroshot_word_sorting.json")]
    [InlineData("truthfulqa_mc2", null, "truthfulqa_mc2.json")]
    public void Prompts_and_scores_are_the_original_softwares(string suite, string? subject, string file)
    {
        BenchmarkData data = BenchmarkData.Open(null);
        var task = new BenchmarkTask(suite, ProtocolPack.Open("lm-eval-0.4")[suite], data.Read(suite, subject is null ? null : [subject]), data.TaskText);
        Dictionary<int, TaskExample> examples = task.Examples.ToDictionary(example => example.Item);
        int compared = 0;
        foreach (JsonElement item in Read(file))
        {
            if (!examples.TryGetValue(item.GetProperty("item").GetInt32(), out TaskExample? example)) continue; // not in the sample that is in the repository
            Assert.Equal(item.GetProperty("prompt").GetString(), example.Text);
            JsonElement scores = item.GetProperty("scores");
            if (item.TryGetProperty("loglikelihoods", out _))
            {
                (_, double score) = task.Choose(example, Numbers(item, "loglikelihoods"));
                Assert.Equal(scores.GetProperty("acc").GetDouble(), score, suite == "truthfulqa_mc2" ? 1e-4 : 0);
            }
            else
            {
                Prediction prediction = task.Predict(example, item.GetProperty("text").GetString()!);
                Assert.Equal(item.GetProperty("scores").GetProperty("exact_match,flexible-extract").GetDouble() == 1, prediction.Correct);
                string wanted = item.GetProperty("extracted").GetProperty("flexible-extract").GetString()!;
                Assert.Equal(wanted is "[invalid]" or "" ? null : wanted, prediction.Extracted);
            }
            compared++;
        }
        Assert.True(compared >= 10, $"Only {compared} items of {file} were compared.");
    }

    private static IEnumerable<JsonElement> Read(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", file)));
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone())];
    }

    private static double[] Numbers(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
}
