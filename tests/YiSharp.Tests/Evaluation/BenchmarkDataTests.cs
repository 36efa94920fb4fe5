using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class BenchmarkDataTests
{
    private static readonly string _own = Path.Combine(Repository.Root, "benchmarks");
    private static readonly string _shared = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "benchmarks"));

    [Theory]
    [InlineData("mmlu", 57, 570, 285)]
    [InlineData("gsm8k", 1, 1_319, 8)]
    [InlineData("bbh", 27, 6_511, 0)]
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

    private static void RequireWhole(BenchmarkContent content, int subjects, int items, int exemplars)
    {
        Assert.Equal(subjects, content.Subjects.Count);
        Assert.Equal(content.Subjects.Select(subject => subject.Name).Order(StringComparer.Ordinal), content.Subjects.Select(subject => subject.Name));
        Assert.Equal(items, content.Subjects.Sum(subject => subject.Items.Count));
        Assert.Equal(exemplars, content.Subjects.Sum(subject => subject.Exemplars.Count));
        Assert.All(content.Files, file => Assert.True(file.IsKnown, file.Path));
    }
}
