using System.Text.Json;
using CsCheck;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>The layouts of the hub, against what another library reads from the same files.</summary>
public sealed class BenchmarkLayoutTests
{
    private static readonly string _layouts = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", "layouts");

    [Theory]
    [InlineData("mmlu", "cais_mmlu/astronomy/test-00000-of-00001.parquet")]
    [InlineData("gsm8k", "openai_gsm8k/main/test-00000-of-00001.parquet")]
    [InlineData("bbh", "lukaemon_bbh/date_understanding/test-00000-of-00001.parquet")]
    [InlineData("ceval", "ceval_ceval-exam/advanced_mathematics/val-00000-of-00001.parquet")]
    [InlineData("cmmlu", "haonan-li_cmmlu/test/agronomy.csv")]
    [InlineData("truthfulqa_mc1", "truthfulqa_truthful_qa/multiple_choice/validation-00000-of-00001.parquet")]
    [InlineData("truthfulqa_mc2", "truthfulqa_truthful_qa/multiple_choice/validation-00000-of-00001.parquet")]
    public void A_layout_of_the_hub_gives_the_rows_that_another_library_reads(string suite, string name)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(_layouts, "expected.json")));
        JsonElement first = expected.RootElement.GetProperty(name).GetProperty("first");

        BenchmarkContent content = BenchmarkData.Open(_layouts).Load(suite);
        BenchmarkFile file = Assert.Single(content.Files, file => file.Path == Path.Combine(_layouts, name.Replace('/', Path.DirectorySeparatorChar)));
        Assert.Equal(expected.RootElement.GetProperty(name).GetProperty("rows").GetInt32(), file.Rows);
        BenchmarkItem item = content.Subjects.Single(subject => subject.Name == file.Subject).Items[0];
        Assert.Equal(first.GetProperty(suite == "bbh" ? "input" : "question").GetString(), item.Question);
        if (suite is "gsm8k" or "bbh") Assert.Equal(first.GetProperty(suite == "bbh" ? "target" : "answer").GetString(), item.Answer);
        else Assert.Equal(Choices(suite, first), (item.Choices, item.Right), ChoicesEqual);
    }

    [Fact]
    public void Subjects_that_share_a_file_of_several_row_groups_are_told_apart()
    {
        IReadOnlyList<BenchmarkSubject> subjects = BenchmarkData.Open(_layouts).Read("mmlu");
        Assert.Equal(["astronomy", "marketing"], subjects.Select(subject => subject.Name));
        Assert.Equal([0, 1, 2], subjects[1].Items.Select(item => item.Item));
    }

    [Fact]
    public void A_suites_own_folder_needs_no_name()
    {
        using var folder = new BenchmarksFolder();
        foreach (string split in new[] { "dev", "test" }) folder.Write($"{split}/virology_{split}.csv", "Q,a,b,c,d,A\n");
        Assert.Equal("virology", Assert.Single(BenchmarkData.Open(folder.Path).Read("mmlu")).Name);
        Assert.Throws<InvalidDataException>(() => BenchmarkData.Open(folder.Path).Read("gsm8k"));
    }

    [Theory]
    [InlineData("mmlu/data/test/virology_test.csv")]
    [InlineData("hendrycks_test/test/virology.csv")]
    [InlineData("cais/mmlu/virology/test-00000-of-00001.csv")]
    [InlineData("datasets--cais--mmlu/snapshots/0123abcd/virology/test-00000-of-00001.csv")]
    [InlineData("mmlu/virology/test/0000.csv")]
    [InlineData("mmlu-sample/test/virology_test.csv")]
    public void A_published_layout_is_found_by_its_names(string name)
    {
        using var folder = new BenchmarksFolder();
        folder.Write(name, "Q,a,b,c,d,A\n");
        BenchmarkContent content = BenchmarkData.Open(folder.Path).Load("mmlu");
        Assert.Equal("virology", Assert.Single(content.Subjects).Name);
        Assert.Equal(name.StartsWith("mmlu-sample", StringComparison.Ordinal), content.IsSample);
    }

    [Fact]
    public void A_split_in_two_parts_is_one_and_in_two_layouts_is_an_error()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("gsm8k/main/test-00000-of-00002.jsonl", """{"question": "1?", "answer": "#### 1"}""");
        folder.Write("gsm8k/main/test-00001-of-00002.jsonl", """{"question": "2?", "answer": "#### 2"}""");
        Assert.Equal(["1?", "2?"], BenchmarkData.Open(folder.Path).Read("gsm8k")[0].Items.Select(item => item.Question));
        folder.Write("gsm8k/test.jsonl", """{"question": "3?", "answer": "#### 3"}""");
        Assert.Contains("twice", Assert.Throws<InvalidDataException>(() => BenchmarkData.Open(folder.Path).Read("gsm8k")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_parquet_files_give_a_sentence_and_take_little_memory()
    {
        byte[][] files = [.. Directory.EnumerateFiles(_layouts, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Gen.Select(Gen.Int[0, files.Length - 1].Select(i => files[i]), Gen.Select(Gen.Double[0, 1], Gen.Byte).Array[1, 4], Gen.Double[0, 2], (file, changes, end) =>
        {
            byte[] damaged = file[..(int)(Math.Min(end, 1) * file.Length)];
            foreach ((double place, byte value) in changes) if (damaged.Length > 0) damaged[(int)(place * (damaged.Length - 1))] = value;
            return damaged;
        }).Sample(damaged =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _ = TableFile.Read("damaged.parquet", damaged, columns: null).Count();
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("damaged.parquet", e.Message, StringComparison.Ordinal);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 << 20);
        }, iter: 5_000, threads: 1);
    }

    private static bool ChoicesEqual((IReadOnlyList<string> Choices, IReadOnlyList<int> Right) a, (IReadOnlyList<string> Choices, IReadOnlyList<int> Right) b) =>
        a.Choices.SequenceEqual(b.Choices) && a.Right.SequenceEqual(b.Right);

    private static (IReadOnlyList<string> Choices, IReadOnlyList<int> Right) Choices(string suite, JsonElement row)
    {
        if (suite.StartsWith("truthfulqa", StringComparison.Ordinal))
        {
            JsonElement targets = row.GetProperty($"{suite[^3..]}_targets");
            return (Texts(targets.GetProperty("choices")), [.. targets.GetProperty("labels").EnumerateArray().Index().Where(label => label.Item.GetInt32() == 1).Select(label => label.Index)]);
        }
        if (suite == "mmlu") return (Texts(row.GetProperty("choices")), [row.GetProperty("answer").GetInt32()]);
        return ([.. "ABCD".Select(letter => row.GetProperty(letter.ToString()).GetString()!)], [row.GetProperty("answer").GetString()![0] - 'A']);
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
