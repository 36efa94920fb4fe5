using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class BenchmarkDataTests
{
    private static readonly string _own = Path.Combine(Repository.Root, "benchmarks");
    private static readonly string _shared = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "benchmarks"));

    [Theory]
    [InlineData("mmlu", 57, 570, 285)]
    [InlineData("gsm8k", 1, 1_319, 8)]
    [InlineData("bbh", 27, 6_511, 81)]
    [InlineData("truthfulqa_mc1", 1, 817, 0)]
    [InlineData("truthfulqa_mc2", 1, 817, 0)]
    public void What_is_part_of_the_repository_reads_whole_and_is_known(string suite, int subjects, int items, int exemplars) =>
        RequireWhole(BenchmarkData.Open(_own).Load(suite), subjects, items, exemplars);

    [Theory]
    [InlineData("mmlu", 57, 14_042, 285)]
    [InlineData("ceval", 52, 1_346, 260)]
    [InlineData("cmmlu", 67, 11_582, 335)]
    [InlineData("gsm8k", 1, 1_319, 7_473)]
    public void What_is_published_reads_whole_and_is_known(string suite, int subjects, int items, int exemplars)
    {
        Assert.SkipUnless(Directory.Exists(_shared), "There is no ../shared/data/benchmarks.");
        RequireWhole(BenchmarkData.Open(_shared).Load(suite), subjects, items, exemplars);
    }

    [Fact]
    public void The_sample_of_MMLU_is_the_beginning_of_each_subject()
    {
        Assert.SkipUnless(Directory.Exists(_shared), "There is no ../shared/data/benchmarks.");
        foreach ((BenchmarkSubject whole, BenchmarkSubject sample) in BenchmarkData.Open(_shared).Read("mmlu").Zip(BenchmarkData.Open(_own).Read("mmlu")))
        {
            Assert.Equal(whole.Items.Take(10).Select(item => item.Question), sample.Items.Select(item => item.Question));
            Assert.Equal((whole.Name, whole.Title, whole.Category), (sample.Name, sample.Title, sample.Category));
        }
    }

    [Theory]
    [InlineData("mmlu", "us_foreign_policy")]
    [InlineData("mmlu", "high_school_computer_science")]
    [InlineData("ceval", "computer_network")]
    [InlineData("ceval", "chinese_language_and_literature")]
    [InlineData("cmmlu", "agronomy")]
    [InlineData("cmmlu", "anatomy")]
    public void Titles_questions_options_and_answers_are_those_of_the_originals_prompts(string suite, string subject)
    {
        string golden = Path.GetFullPath(Path.Combine(_shared, "..", "..", "goldens", "evaluation", $"{(suite == "ceval" ? "ceval-valid" : suite)}_{subject}.json"));
        Assert.SkipUnless(File.Exists(golden), $"There is no {golden}.");
        BenchmarkSubject read = Assert.Single(BenchmarkData.Open(_shared).Read(suite, [subject]));
        using var expected = JsonDocument.Parse(File.ReadAllText(golden));
        foreach (JsonElement item in expected.RootElement.GetProperty("items").EnumerateArray())
        {
            BenchmarkItem question = read.Items[item.GetProperty("item").GetInt32()];
            string options = string.Concat(question.Choices.Select((choice, place) => $"\n{(char)('A' + place)}. {choice}"));
            string prompt = item.GetProperty("prompt").GetString()!;
            Assert.Contains($"\n\n{question.Question.Trim()}{options}\n", prompt, StringComparison.Ordinal);
            Assert.Contains(read.Title, prompt.Split('\n')[0], StringComparison.Ordinal);
            Assert.Equal([item.GetProperty("target").GetInt32()], question.Right);
        }
    }

    [Fact]
    public void TruthfulQA_has_as_many_choices_as_the_original_scored()
    {
        string golden = Path.GetFullPath(Path.Combine(_shared, "..", "..", "goldens", "evaluation", "truthfulqa_mc2.json"));
        Assert.SkipUnless(File.Exists(golden), $"There is no {golden}.");
        IReadOnlyList<BenchmarkItem> all = Assert.Single(BenchmarkData.Open(_own).Read("truthfulqa_mc2")).Items;
        IReadOnlyList<BenchmarkItem> one = Assert.Single(BenchmarkData.Open(_own).Read("truthfulqa_mc1")).Items;
        using var expected = JsonDocument.Parse(File.ReadAllText(golden));
        foreach (JsonElement item in expected.RootElement.GetProperty("items").EnumerateArray())
        {
            int place = item.GetProperty("item").GetInt32();
            double[] logLikelihoods = [.. item.GetProperty("loglikelihoods").EnumerateArray().Select(number => number.GetDouble())];
            Assert.Equal(logLikelihoods.Length, all[place].Choices.Count);
            // The score is the probability's share that falls on right choices, so it tells which they are.
            double right = all[place].Right.Sum(choice => Math.Exp(logLikelihoods[choice]));
            Assert.Equal(item.GetProperty("scores").GetProperty("acc").GetDouble(), right / logLikelihoods.Sum(Math.Exp), 1e-4);
            Assert.Equal([0], one[place].Right);
            Assert.Equal(one[place].Choices.Count - 1, all[place].Choices.Count - all[place].Right.Count);
        }
        Assert.Equal(["truthfulqa_mc1", "truthfulqa_mc2"], BenchmarkData.Open(_own).Read("truthfulqa").Select(subject => subject.Name));
    }

    [Fact]
    public void Every_task_of_big_bench_hard_has_a_prompt_with_three_answers_that_reason()
    {
        var data = BenchmarkData.Open(_own);
        foreach (BenchmarkSubject subject in data.Read("bbh"))
        {
            string prompt = data.CotPrompt(subject.Name);
            Assert.DoesNotContain("canary", prompt, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(3, prompt.Split("A: Let's think step by step.").Length - 1);
        }
    }

    [Theory]
    [InlineData("yi-zero-shot")]
    [InlineData("lm-eval-0.4")]
    public void With_three_exemplars_big_bench_hard_is_asked_with_its_own_prompts_to_the_letter(string pack)
    {
        var data = BenchmarkData.Open(_own);
        SuiteProtocol protocol = ProtocolPack.Open(pack)["bbh"] with { Shots = 3 };
        foreach (BenchmarkSubject subject in data.Read("bbh"))
        {
            string prompt = data.CotPrompt(subject.Name);
            var text = new QuestionText(protocol, subject, data.TaskText(subject.Name));
            Assert.Equal($"{prompt.TrimEnd()}\n\nQ: {subject.Items[0].Question}\nA: Let's think step by step.", text.Prompt(subject.Items[0]));
        }
    }

    private static void RequireWhole(BenchmarkContent content, int subjects, int items, int exemplars)
    {
        Assert.Equal(subjects, content.Subjects.Count);
        Assert.Equal(content.Subjects.Select(subject => subject.Name).Order(StringComparer.Ordinal), content.Subjects.Select(subject => subject.Name));
        Assert.Equal(items, content.Subjects.Sum(subject => subject.Items.Count));
        Assert.Equal(exemplars, content.Subjects.Sum(subject => subject.Exemplars.Count));
        Assert.All(content.Files, file => Assert.True(file.IsKnown, file.Path));
    }
}
