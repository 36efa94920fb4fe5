using System.Text.Json;
using System.Text.RegularExpressions;
using YiSharp.Evaluation;
using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

public sealed class ComparePublishedTests
{
    [Fact]
    public void The_published_table_says_which_quantized_models_lost()
    {
        JsonElement[] rows = [.. JsonDocument.Parse(Yi.Run("compare", "--published", "--json").Output).RootElement.GetProperty("comparisons").EnumerateArray()];
        Assert.Equal(44, rows.Length); // four quantized models, eleven columns
        JsonElement Row(string candidate, string suite, int shots) => rows.Single(r => r.GetProperty("candidate").GetString() == candidate && r.GetProperty("suite").GetString() == suite && r.GetProperty("shots").GetInt32() == shots);

        JsonElement bbh = Row("Yi-34B-Chat-4bits (AWQ)", "BBH", 0), gsm8k = Row("Yi-34B-Chat-4bits (AWQ)", "GSM8K", 0);
        Assert.Equal(("worse", "cannot_tell_apart"), (bbh.GetProperty("verdict").GetString(), gsm8k.GetProperty("verdict").GetString()));
        Assert.Equal(-3.6, bbh.GetProperty("z").GetDouble(), 0.05);
        Assert.Equal(0.62, bbh.GetProperty("one_sigma").GetDouble(), 0.005);
        Assert.Equal(bbh.GetProperty("difference").GetDouble(), (bbh.GetProperty("interval")[0].GetDouble() + bbh.GetProperty("interval")[1].GetDouble()) / 2, 1e-9);
        Assert.Equal(Holm.Adjust([.. rows.Select(r => r.GetProperty("p").GetDouble())]), rows.Select(r => r.GetProperty("adjusted_p").GetDouble()));
    }

    [Fact]
    public void Words_say_what_is_real_what_is_not_and_that_pairs_would_say_more()
    {
        string text = Yi.Run("compare", "--published").Output;
        Assert.Contains("Yi-34B-Chat-4bits (AWQ) is worse than Yi-34B-Chat on MMLU 0-shot (−1.85), BBH 0-shot (−3.11).", text, StringComparison.Ordinal);
        Assert.Contains("Unpaired: only totals were published", text, StringComparison.Ordinal);
        Assert.Matches(@"MMLU 5-shot .* −1\.04 +−2\.08 to −0\.001 +−1\.96 +1 +alone only\n", text);
    }

    [Fact]
    public void No_line_shows_an_interval_that_holds_zero_beside_a_difference_or_one_that_does_not_beside_none()
    {
        foreach (string[] options in (string[][])[["--models", .. PublishedScores.Models.Select(m => m.Name)], []])
        {
            string[] lines = [.. Yi.Run(["compare", "--published", .. options]).Lines.Skip(1).TakeWhile(line => line.Length > 0)];
            Assert.True(lines.Length > 40);
            foreach (string line in lines)
            {
                Match ends = Regex.Match(line, @"([+−]?)[\d.]+ to ([+−]?)[\d.]+ ");
                bool holdsZero = ends.Groups[1].Value != ends.Groups[2].Value;
                Assert.True(holdsZero == line.EndsWith("cannot tell apart", StringComparison.Ordinal), line);
            }
        }
    }

    [Fact]
    public void Where_the_page_cannot_be_written_nothing_is_printed()
    {
        using var runs = new CompareRuns();
        string a = runs.Write("a", CompareRuns.Samples("t", "10")), b = runs.Write("b", CompareRuns.Samples("t", "01")), below = Path.Combine(a, Sample.FileName, "page.html");
        foreach (string[] command in (string[][])[["compare", "--published"], ["compare", a, b]])
        {
            YiResult result = Yi.Run([.. command, "--html", below]);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Equal("", result.Output);
            Assert.Contains(Path.GetDirectoryName(below)!, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_rows_can_be_compared_and_unknown_ones_are_named()
    {
        string text = Yi.Run("compare", "--published", "--models", "Yi-34B-Chat", "LLaMA2-70B-Chat").Output;
        Assert.Contains("LLaMA2-70B-Chat is worse than Yi-34B-Chat on MMLU 0-shot", text, StringComparison.Ordinal);
        YiResult unknown = Yi.Run("compare", "--published", "--models", "Yi-34B-Chat", "Yi-9B");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("no model 'Yi-9B'; it has LLaMA2-13B-Chat", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("Yi-34B-Chat is named twice", Yi.Run("compare", "--published", "--models", "Yi-34B-Chat", "Yi-34B-Chat").Error, StringComparison.Ordinal);
        Assert.Contains("alone was named", Yi.Run("compare", "--published", "--models", "Yi-34B-Chat").Error, StringComparison.Ordinal);
        Assert.Contains("--published", Yi.Run("compare", "--models", "Yi-34B-Chat").Error, StringComparison.Ordinal);
    }
}
