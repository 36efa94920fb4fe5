using System.Text;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>What is wrong with a file is said in one sentence with the file and, where there is one, its line.</summary>
public sealed class BenchmarkDamageTests
{
    private const string Header = "id,question,A,B,C,D,answer\n";

    [Theory]
    [InlineData("id,question,A,C,D,answer\n0,q,a,c,d,A\n", "line 2, has no \"B\"")]
    [InlineData(Header + "0,q,a,b,c,d,A\n1,q,a,b,c,d\n", "line 3, has 6 cells; expected 7")]
    [InlineData(Header + "0,q,a,b,c,d,E\n", "line 2, has the answer \"E\"; expected a letter from A to D")]
    [InlineData(Header + "0,q,a,b,c,d,\n", "line 2, has the answer \"\"")]
    [InlineData(Header + "0,\"two\nlines\",a,b,c,d,A\n1,q,a,b,c,d,AB\n", "line 4, has the answer \"AB\"")]
    [InlineData(Header + "0,,a,b,c,d,A\n", "line 2, has nothing in \"question\"")]
    [InlineData(Header + "0,\"q,a,b,c,d,A\n", "a double quote that is never closed")]
    [InlineData(Header, "holds no question")]
    [InlineData("", "holds no question")]
    public void A_damaged_csv_is_refused_with_its_line(string text, string expected)
    {
        using var folder = new BenchmarksFolder();
        folder.Write("ceval/val/logic_val.csv", text);
        string message = folder.MessageOf("ceval");
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("logic_val.csv", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("{\"question\": \"q\"}", "line 1, has no \"answer\"")]
    [InlineData("{\"question\": \"q\", \"answer\": \"#### 1\"}\n{\"question\": \"q\", \"ans", "line 2, is not valid JSON")]
    [InlineData("{\"question\": \"q\", \"answer\": \"1\"}", "line 1, has no number after \"####\"")]
    [InlineData("{\"question\": 3, \"answer\": \"#### 1\"}", "line 1, has a number in \"question\"")]
    [InlineData("{\"question\": \"\\ud800\", \"answer\": \"#### 1\"}", "line 1, has half of a surrogate pair")]
    [InlineData("[]", "line 1, is a list; expected an object")]
    public void Damaged_JSON_lines_are_refused_with_their_line(string text, string expected)
    {
        using var folder = new BenchmarksFolder();
        folder.Write("gsm8k/test.jsonl", text);
        Assert.Contains($"test.jsonl, {expected}", folder.MessageOf("gsm8k"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_of_big_bench_hard_that_is_cut_off_is_refused()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("bbh/bbh/navigate.json", File.ReadAllBytes(Path.Combine(Repository.Root, "benchmarks", "bbh", "bbh", "navigate.json"))[..5_000]);
        Assert.Contains("navigate.json is not valid JSON", folder.MessageOf("bbh"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_UTF8_is_refused_with_its_line()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("ceval/val/logic_val.csv", [.. Encoding.UTF8.GetBytes(Header), 0x30, 0x2C, 0xC4, 0xE3, 0x2C]);
        Assert.Contains("logic_val.csv, line 2, is not UTF-8", folder.MessageOf("ceval"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_of_UTF8_at_the_start_and_a_row_of_megabytes_are_read()
    {
        using var folder = new BenchmarksFolder();
        string question = new('问', 3_000_000);
        folder.Write("ceval/val/logic_val.csv", $"\uFEFF{Header}0,\"{question}\r\n\"\"\",a,b,c,d,A\r\n");
        Assert.Equal($"{question}\r\n\"", BenchmarkData.Open(folder.Path).Read("ceval")[0].Items[0].Question);
    }

    [Fact]
    public void A_row_without_an_end_in_sight_is_refused()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("ceval/val/logic_val.csv", $"{Header}0,{new string('q', 17 << 20)},a,b,c,d,A\n");
        Assert.Contains("logic_val.csv has a row of more than", folder.MessageOf("ceval"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_that_stands_twice_is_said_with_both_lines_and_counts()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("cmmlu/test/logical.csv", ",Question,A,B,C,D,Answer\n0,q,a,b,c,d,A\n1,p,a,b,c,d,A\n2,q,a,b,c,d,B\n");
        BenchmarkContent content = BenchmarkData.Open(folder.Path).Load("cmmlu");
        Assert.Equal(3, content.Items);
        string warning = Assert.Single(content.Warnings);
        Assert.Contains("line 4", warning, StringComparison.Ordinal);
        Assert.Contains("line 2", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_suite_or_subject_that_is_missing_is_said_with_where_to_get_it()
    {
        using var folder = new BenchmarksFolder();
        Assert.Contains("`yi eval data`", folder.MessageOf("ceval"), StringComparison.Ordinal);
        folder.Write("ceval/val/logic_val.csv", Header + "0,q,a,b,c,d,A\n");
        var data = BenchmarkData.Open(folder.Path);
        Assert.Contains("no val split of law", Assert.Throws<InvalidDataException>(() => data.Read("ceval", ["law"])).Message, StringComparison.Ordinal);
        Assert.Contains("no subject 'lore'", Assert.Throws<InvalidDataException>(() => data.Read("ceval", ["lore"])).Message, StringComparison.Ordinal);
        Assert.Contains("There is no suite 'c-eval'", Assert.Throws<InvalidDataException>(() => data.Read("c-eval")).Message, StringComparison.Ordinal);
        Assert.Contains("is no folder", Assert.Throws<InvalidDataException>(() => BenchmarkData.Open(Path.Combine(folder.Path, "none"))).Message, StringComparison.Ordinal);
    }
}
