using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class TaskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string content)
    {
        string path = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllText(path, content);
        return path;
    }

    private static string Run(params string[] parts) => Path.Combine([Repository.Root, "runs", .. parts]);

    [Theory]
    [InlineData("quickstart", 40, 20, 6)]
    [InlineData("tiny", 6, 2, 2)]
    public void The_data_of_a_run_are_there_and_the_expected_answers_are_right(string run, int rows, int questions, int prompts)
    {
        foreach (string ability in new[] { "extraction", "labels" })
        {
            AbilityTask task = AbilityTask.Read(ability, Run(run, $"{ability}.eval.jsonl"));
            Assert.Equal(rows, task.Examples.Count);
            foreach (TaskExample example in task.Examples)
            {
                Assert.Equal("user", example.Messages[^1].Role);
                Assert.True(task.Predict(example, example.Answer).Correct);
                Assert.False(task.Predict(example, "Hello.").Correct);
            }
            HashSet<string> trained = [.. AbilityTask.Read(ability, Run(run, $"{ability}.jsonl")).Examples.Select(e => e.Messages[^1].Content)];
            Assert.True(trained.Count >= 16);
            Assert.DoesNotContain(task.Examples, e => trained.Contains(e.Messages[^1].Content));
        }
        Gsm8kTask gsm8k = Gsm8kTask.Read(Run(run, "gsm8k.jsonl"));
        Assert.Equal(questions, gsm8k.Examples.Count);
        Assert.Equal("18", gsm8k.Examples[0].Answer);
        Assert.All(gsm8k.Examples, example => Assert.True(gsm8k.Predict(example, $"So the answer is ${example.Answer}.00.").Correct));

        IReadOnlyList<ShowcasePrompt> showcase = ShowcasePrompt.ReadAll(run == "tiny" ? Run(run, "showcase.jsonl") : Path.Combine(Repository.Root, "runs", "showcase.yaml"));
        Assert.Equal(prompts, showcase.Count);
        Assert.Equal(prompts, showcase.Select(p => (p.Name, p.Language)).Distinct().Count());
        Assert.Equal(["en", "zh"], showcase.Select(p => p.Language).Distinct());
    }

    [Theory]
    [InlineData("16 - 7 = 9. 9 * 2 = $18.\n#### 18", "18", "hash")]
    [InlineData("#### $70,000", "70000", "hash")]
    [InlineData("so it is $\\boxed{70{,}000}$.", "70000", "boxed")]
    [InlineData("\\[\\boxed{\\$18}\\]", "18", "boxed")]
    [InlineData("The answer is 27. No, the answer is 18.", "18", "declared")]
    [InlineData("Final Answer: **-7** degrees, from 3 and 4", "-7", "declared")]
    [InlineData("答案是７．５0小时", "7.5", "declared")]
    [InlineData("She makes $18.00 a day.", "18", "single_number")]
    [InlineData("210 / 3.5 = 60 km/h", "60", "equation")]
    [InlineData("It was −7 degrees.", "-7", "single_number")]
    [InlineData("The discount is 25%.", "25", "single_number")]
    [InlineData("注满需要7.5小时。", "7.5", "single_number")]
    [InlineData("Janet makes **$18** from the 9 eggs.", "18", "bold")]
    [InlineData("007.50", "7.5", "leading")]
    [InlineData(".50", "0.5", "leading")]
    [InlineData("-0.0", "0", "leading")]
    [InlineData("The answer is 18.\n\nQ: How many bolts?\nA: The answer is 3.", "18", "declared")]
    [InlineData("I cannot tell.", null, null)]
    [InlineData("", null, null)]
    public void Gsm8k_reads_numbers_as_everything_does(string output, string? number, string? rule)
    {
        Gsm8kTask task = Gsm8kTask.Read(Write("{\"question\": \"How much is it?\", \"answer\": \"9 * 2 = 18\\n#### 18\"}"));
        Prediction found = task.Predict(task.Examples[0], output);
        Assert.Equal((number, rule), (found.Extracted, found.Rule));
        Assert.Equal(number == "18", found.Correct);
        Assert.Equal(number is not null, found.Span is not null);
    }

    [Fact]
    public void Long_outputs_are_read_to_the_end()
    {
        Gsm8kTask task = Gsm8kTask.Read(Write("{\"question\": \"How much is it?\", \"answer\": \"#### 18\"}"));
        foreach (string piece in new[] { "1", "-", "1,", "answer is ", "\\boxed{", "####", "\n ", "1.", "$", "**", "**1", "\n\nhow", "a.\n1. ", ", which " })
            Assert.InRange(task.Predict(task.Examples[0], string.Concat(Enumerable.Repeat(piece, 20_000)) + "\nThe answer is 18.").Extracted?.Length ?? 0, 0, 400);
    }

    [Fact]
    public void Rows_that_cannot_be_judged_are_all_listed()
    {
        string path = Write("""
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "answer": "b", "check": "exact"}
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "answer": "b", "check": "looks good"}
            """);
        var error = Assert.Throws<InvalidDataException>(() => AbilityTask.Read("x", path));
        Assert.Contains("2 of 3 rows cannot be judged", error.Message);
        Assert.Contains("row 1: has no \"answer\" and \"check\"", error.Message);
        Assert.Contains("row 3: has the check \"looks good\"", error.Message);
    }

    [Theory]
    [InlineData("{\"question\": \"q\", \"answer\": \"18\"}", "row 1: has no number after \"####\"")]
    [InlineData("{\"question\": \"q\", \"answer\": \"#### ?\"}", "row 1: has no number after \"####\"")]
    [InlineData("{\"question\": 3, \"answer\": \"#### 1\"}", "row 1: has a number as \"question\"; expected a text")]
    [InlineData("\n{\"answer\": \"#### 1\"}", "row 2: has no \"question\"")]
    [InlineData("[]", "row 1: is a list; expected an object")]
    [InlineData("{", "row 1: is not valid JSON")]
    [InlineData("{\"question\": \"\\ud800\", \"answer\": \"#### 1\"}", "row 1: has half of a surrogate pair in \"question\"")]
    [InlineData("\n", "holds no row; expected one JSON object a line with \"question\" and \"answer\"")]
    public void A_bad_file_of_questions_is_refused_in_words(string content, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Gsm8kTask.Read(Write(content))).Message);

    [Fact]
    public void A_missing_file_a_folder_and_bytes_that_are_no_text_are_refused_in_words()
    {
        Assert.Contains("there is no such file", Assert.Throws<InvalidDataException>(() => Gsm8kTask.Read(Path.Combine(_folder, "none.jsonl"))).Message);
        Assert.Contains("it is a folder", Assert.Throws<InvalidDataException>(() => Gsm8kTask.Read(_folder)).Message);
        string path = Write("");
        File.WriteAllBytes(path, [0x7b, 0xff, 0xfe]);
        Assert.Contains("is not UTF-8", Assert.Throws<InvalidDataException>(() => Gsm8kTask.Read(path)).Message);
    }
}
