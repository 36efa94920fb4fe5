using System.Text.Json;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class BenchmarkVerbTests
{
    [Fact]
    public void Eval_data_says_what_is_there_under_which_licence_and_how_to_get_the_rest()
    {
        YiResult result = Yi.Run("eval", "data", "--data", Path.Combine(Repository.Root, "benchmarks"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("mmlu is not whole (570 of 14,042 questions, 57 of 57 subjects): get data.tar", result.Output, StringComparison.Ordinal);
        Assert.Contains("ceval is missing: get", result.Output, StringComparison.Ordinal);
        Assert.Contains("CC BY-NC-SA 4.0", result.Output, StringComparison.Ordinal);

        JsonElement[] suites = [.. Yi.Run("eval", "data", "--json", "--data", Path.Combine(Repository.Root, "benchmarks")).Objects[0].GetProperty("suites").EnumerateArray()];
        Assert.Equal(["sample", "missing", "missing", "complete", "complete", "complete", "complete"], suites.Select(suite => suite.GetProperty("state").GetString()));
        Assert.All(suites.SelectMany(suite => suite.GetProperty("files").EnumerateArray()), file => Assert.True(file.GetProperty("known").GetBoolean()));
    }

    [Fact]
    public void Eval_data_says_what_is_damaged_and_whose_bytes_are_not_known()
    {
        using var folder = new BenchmarksFolder();
        folder.Write("ceval/val/logic_val.csv", "id,question,A,B,C,D,answer\n0,q,a,b,c,d,A\n");
        folder.Write("gsm8k/test.jsonl", "{\"question\": \"q\"}");
        YiResult result = Yi.Run("eval", "data", "--data", folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("test.jsonl, line 1, has no \"answer\"", result.Output, StringComparison.Ordinal);
        Assert.Contains("ceval is not whole (1 of 1,346 questions, 1 of 52 subjects)", result.Output, StringComparison.Ordinal);
        Assert.Contains("other bytes", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_a_sentence()
    {
        YiResult result = Yi.Run("eval", "data", "--data", "nowhere");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("nowhere is no folder", result.Error, StringComparison.Ordinal);
    }
}
