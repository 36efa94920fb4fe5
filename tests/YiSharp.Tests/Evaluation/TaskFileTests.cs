using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class TaskFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-task-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_task_of_the_documentation_is_three_short_files_and_judges_its_examples()
    {
        string folder = Path.Combine(Repository.Root, "tasks", "capitals"), text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "add-a-task.md"));
        string[] files = Directory.GetFiles(folder);
        Assert.Equal(3, files.Length);
        Assert.InRange(files.Sum(file => File.ReadAllLines(file).Length), 1, 59);
        Assert.Contains(File.ReadAllText(Path.Combine(folder, "capitals.yaml")), text, StringComparison.Ordinal);

        BenchmarkTask task = TaskFile.Read(Path.Combine(folder, "capitals.yaml"));
        Assert.Equal(6, task.Examples.Count);
        Assert.Equal("Which city is the capital of France?\nA. Lyon\nB. Paris\nC. Nice\nD. Lille\nReply with the letter of the right answer.", task.Examples[0].Messages[0].Content);
        Assert.True(task.Predict(task.Examples[0], "The answer is B.").Correct);
    }

    [Fact]
    public void The_judge_of_the_documentation_is_one()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "add-a-task.md")), block = text[text.IndexOf("extraction: judge\njudge:", StringComparison.Ordinal)..];
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\n" + block[..block.IndexOf("```", StringComparison.Ordinal)]);
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        Rubric rubric = TaskFile.Read(Path.Combine(_folder, "t.yaml")).Rubric!;
        Assert.Equal(((1, 5), 4, 96), (rubric.Scale!.Value, rubric.Passes, rubric.MaxNewTokens));
    }

    [Theory]
    [InlineData("capitals", "choice")]
    [InlineData("spellings", "exact")]
    [InlineData("purchases", "number")]
    [InlineData("dates", "regex:Date:\\s*(\\d{4}-\\d{2}-\\d{2})")]
    [InlineData("contacts", "json_fields")]
    [InlineData("explanations", "judge")]
    public void Each_kind_of_task_has_an_example_whose_labelled_answers_are_judged(string name, string check)
    {
        string folder = Path.Combine(Repository.Root, "tasks", name);
        string[] files = Directory.GetFiles(folder), examples = File.ReadAllLines(Path.Combine(folder, name + ".examples.jsonl"));
        Assert.Equal(3, files.Length);
        Assert.InRange(files.Sum(file => File.ReadAllLines(file).Length), 1, 59);
        Assert.Contains(examples, example => example.Contains("\"correct\": true", StringComparison.Ordinal));
        Assert.Contains(examples, example => example.Contains("\"correct\": false", StringComparison.Ordinal));
        Assert.All(TaskFile.Read(Path.Combine(folder, name + ".yaml")).Examples, example => Assert.Equal(check, example.Check));
    }

    [Theory]
    [InlineData("{\"item\": 0, \"output\": \"A\", \"correct\": true}", "1 example is judged otherwise than it says; correct it, or the task's extraction")]
    [InlineData("{\"item\": 9, \"output\": \"18\", \"correct\": true}", "has an example of item 9; t has 1 item, which is 0.")]
    [InlineData("{\"output\": \"18\", \"correct\": true}", "has no \"item\"")]
    public void An_example_that_comes_out_otherwise_is_an_error(string example, string message)
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nexamples: e.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: \"regex:= (\\\\d+)\"\n");
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        Write("e.jsonl", example + "\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expressions_last_match_is_the_answer_and_says_where_it_stands()
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question} { braces } {\\\"a\\\": 1} stay\"\nextraction: \"regex:= (\\\\d+)\"\n");
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        BenchmarkTask task = TaskFile.Read(Path.Combine(_folder, "t.yaml"));
        Assert.Equal("9 + 9 { braces } {\"a\": 1} stay", task.Examples[0].Messages[0].Content);
        Prediction found = task.Predict(task.Examples[0], "9 + 8 = 17, no: 9 + 9 = 18.");
        Assert.Equal(("18", true, (24, 26)), (found.Extracted, found.Correct, found.Span!.Value));
        Assert.Null(task.Predict(task.Examples[0], "I cannot say.").Extracted);
    }

    [Theory]
    [InlineData("  prompt: \"{answer}\"\n  verdict: score\n  lowest: 1\n  highest: 1\n  passes: 1\n", "'judge.highest' is '1'; expected more than the lowest score, 1")]
    [InlineData("  prompt: \"{answer}\"\n  verdict: score\n  lowest: 1\n  highest: 5\n  passes: 6\n", "'judge.passes' is '6'")]
    [InlineData("  prompt: \"{answer}\"\n  verdict: score\n  lowest: 1\n  highest: 5\n", "no 'judge.passes'")]
    [InlineData("  prompt: \"{answer}\"\n", "no 'judge.verdict'")]
    [InlineData("  prompt: \"{answer}\"\n  verdict: yes_no\n  passes: 1\n", "unknown key 'judge.passes'")]
    [InlineData("  prompt: \"Is it good?\"\n  verdict: yes_no\n", "{answer}")]
    [InlineData(null, "no section 'judge'")]
    public void A_wrong_judge_is_named(string? judge, string message)
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: judge\n" + (judge is null ? "" : "judge:\n" + judge));
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_judge_of_options_that_nobody_writes_is_refused()
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: loglikelihood\nquestion: \"{question}\"\nextraction: judge\njudge:\n  prompt: \"{answer}\"\n  verdict: yes_no\n");
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"choices\": [\"18\", \"19\"], \"answer\": \"A\"}\n");
        Assert.Contains("give scoring: generate", Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"item\": 0, \"output\": \"18\", \"correct\": true}", "has no \"judge\"")]
    [InlineData("{\"item\": 0, \"output\": \"18\", \"judge\": \"Fine.\", \"correct\": true}", "\"Fine.\" is read as nothing, wrong")]
    public void A_judges_words_in_an_example_are_read_too(string example, string message)
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nexamples: e.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: judge\njudge:\n  prompt: \"{answer}\"\n  verdict: yes_no\n");
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        Write("e.jsonl", example + "\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question} {foo}\"\nextraction: number\n", "'question' is '{foo}'; expected only the placeholders {question}, {options}")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: q\nextraction: number\n", "expected a text with {question}")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\noption: \"{lettre}\"\nextraction: number\n", "'option' is '{lettre}'")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: choice\n", "of which the extraction choice reads a letter")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: nosuch\n", "t.yaml line 5: 'extraction' is 'nosuch'; expected choice, number, by_subject, opencompass_by_subject, judge, a check (exact, json, json_fields, contains, last_number, bullets:N), regex: and an expression, or one of the packs in docs/extraction.md")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: choise\n", "(did you mean 'choice'?).")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: bullets:0\n", "t.yaml line 5: 'extraction' is 'bullets:0'; expected")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: \"lm_eval/{subject}/x\"\n", "There is no extraction 'lm_eval/t/x', which the protocol's extraction makes of a subject's name")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: \"regex:\"\n", "expected an expression behind regex:")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: \"regex:(a)(?=b)\"\n", "expected an expression without references to earlier groups, looking ahead")]
    [InlineData("name: t\ndata: t.jsonl\nquestion: \"{question}\"\nextraction: number\n", "no 'scoring'; add it.")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextractoin: number\n", "no 'extraction'; is 'extractoin' in line 5 meant?")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: number\nshots: 2\n", "t.yaml line 6: 'shots' is '2'; expected 0, since a task of one's own has no exemplars")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: loglikelihood\nquestion: \"{question}\"\n", "has no \"choices\"")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: number\nextra: 1\n", "unknown key 'extra'")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: json_fields\n", "t.jsonl: 1 of 1 rows cannot be used; correct or remove them.\n  row 1: has the answer \"18\", which the check json_fields cannot look for")]
    [InlineData("name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: \"regex:(\"\n", "t.yaml line 5: 'extraction' is 'regex:('; expected an expression that can be read, and this one cannot at its character 1")]
    public void A_wrong_task_is_named(string yaml, string message)
    {
        Write("t.yaml", yaml);
        Write("t.jsonl", "{\"question\": \"9 + 9\", \"answer\": \"18\"}\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"A\"", "row 1: has a text as \"choices\"; expected an array of texts")]
    [InlineData("[\"a\", 2]", "row 1: has a number in \"choices\"; expected texts")]
    [InlineData("[\"a\", \"\\ud800\"]", "row 1: has half of a surrogate pair in a text")]
    public void Choices_that_are_none_are_named_by_row(string choices, string message)
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: choice\n");
        Write("t.jsonl", $"{{\"question\": \"9 + 9\", \"choices\": {choices}, \"answer\": \"A\"}}\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("number", "\"many\"", "row 3: has the answer \"many\", in which there is no single number; the extraction number reads numbers")]
    [InlineData("number", "\"5 or 7\"", "row 3: has the answer \"5 or 7\", in which there is no single number")]
    [InlineData("number", "\"B\", \"choices\": [\"1\", \"2\"]", "row 3: has the answer \"B\", in which there is no single number")]
    [InlineData("choice", "\"Paris\", \"choices\": [\"Paris\", \"Lyon\"]", "row 3: has the answer \"Paris\"; expected a letter from A to B")]
    [InlineData("choice", "\"C\", \"choices\": [\"Paris\", \"Lyon\"]", "row 3: has the answer \"C\"; expected a letter from A to B")]
    [InlineData("choice", "\"A\", \"choices\": []", "row 3: has an empty list as \"choices\", of which the extraction choice reads a letter")]
    [InlineData("exact", "\"Paris \"", "row 3: has the answer \"Paris \", which the check exact cannot look for; it looks for a text without space around it")]
    [InlineData("last_number", "\"1,024\"", "row 3: has the answer \"1,024\", which the check last_number cannot look for; it looks for a whole number in plain digits")]
    [InlineData("json", "\"Paris\"", "row 3: has the answer \"Paris\", which the check json cannot look for; it looks for a JSON object")]
    [InlineData("json", "\"{\\\"a\\\": 1, \\\"a\\\": 2}\"", "which the check json cannot look for; it looks for a JSON object, each name in it once")]
    [InlineData("json_fields", "{}", "row 3: has the answer \"{}\", which the check json_fields cannot look for; it looks for a JSON object with at least one field")]
    [InlineData("regex:City: (\\\\w+)", "\"Paris!\"", "row 3: has the answer \"Paris!\", which regex:City: (\\w+) cannot give: what its first group matches is never that text")]
    [InlineData("regex:City: \\\\w+", "\"Paris\"", "row 3: has the answer \"Paris\", which regex:City: \\w+ cannot give: it has no group, and what the whole matches is never that text")]
    public void An_answer_that_nobody_could_give_is_refused_with_its_row(string extraction, string answer, string message)
    {
        Write("t.yaml", $"name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{{question}}\"\nextraction: \"{extraction}\"\n");
        Write("t.jsonl", $"\n\n{{\"question\": \"Which?\", \"answer\": {answer}}}\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("number", "\"about 1,024 apples\"")]
    [InlineData("number", "\"#### 70{,}000\"")]
    [InlineData("exact", "\"two words\"")]
    [InlineData("contains", "\" Paris \"")]
    [InlineData("last_number", "\"-7\"")]
    [InlineData("bullets:3", "\"whatever\"")]
    [InlineData("regex:City: (\\\\w+)", "\"paris\"")] // case does not matter
    [InlineData("regex:City: ([A-Za-z, ]+)", "\"Paris Lyon\"")]
    [InlineData("regex:\\\\b[A-Z][a-z]+\\\\b", "\"Paris\"")]
    [InlineData("regex:(?i)city: (paris)", "\"Lyon\"")] // options before a group: not known
    [InlineData("regex:City: (?<name>[a-z]+)", "\"Lyon\"")]
    [InlineData("regex:= (\\\\d+\\\\.\\\\d\\\\d)", "\"18\"")] // 18.00 is 18
    [InlineData("regex:[(\\\\[]([A-D])[)\\\\]]", "\"B\", \"choices\": [\"a\", \"b\"]")]
    [InlineData("regex:\\\\([A-D]\\\\)", "\"B\", \"choices\": [\"a\", \"b\"]")]
    [InlineData("by_subject", "\"anything at all\"")]
    [InlineData("yisharp", "\"anything at all\"")]
    [InlineData("opencompass/first_option", "\"A\"")]
    public void Another_answer_is_not(string extraction, string answer)
    {
        Write("t.yaml", $"name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{{question}}\"\nextraction: \"{extraction}\"\n");
        Write("t.jsonl", $"{{\"question\": \"Which?\", \"answer\": {answer}}}\n");
        Assert.Single(TaskFile.Read(Path.Combine(_folder, "t.yaml")).Examples);
    }

    [Fact]
    public void A_field_that_stands_twice_is_named_with_its_row()
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nexamples: e.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: json_fields\n");
        Write("t.jsonl", "{\"question\": \"a\", \"answer\": {\"b\": 1}}\n{\"question\": \"a\", \"question\": \"b\", \"answer\": {\"b\": 1}}\n{\"question\": \"a\", \"answer\": {\"b\": 1, \"b\": 2}}\n{\"\\ud800\": 1}\n");
        string message = Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message;
        Assert.Contains("t.jsonl: 3 of 4 rows cannot be used", message, StringComparison.Ordinal);
        Assert.Contains("\n  row 2: is not valid JSON: field \"question\" is a duplicate; each name may stand once", message, StringComparison.Ordinal);
        Assert.Contains("\n  row 3: is not valid JSON: field \"b\" is a duplicate", message, StringComparison.Ordinal);
        Assert.Contains("\n  row 4: has a field whose name holds half of a surrogate pair", message, StringComparison.Ordinal);

        Write("t.jsonl", "{\"question\": \"a\", \"answer\": {\"b\": 1}}\n");
        Write("e.jsonl", "{\"item\": 0, \"item\": 1, \"output\": \"{}\", \"correct\": false}\n");
        Assert.Contains("row 1: is not valid JSON: field \"item\" is a duplicate", Assert.Throws<InvalidDataException>(() => TaskFile.Read(Path.Combine(_folder, "t.yaml"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_count_rows_from_0_and_lines_without_anything_not()
    {
        Write("t.yaml", "name: t\ndata: t.jsonl\nscoring: generate\nquestion: \"{question}\"\nextraction: number\n");
        Write("t.jsonl", "\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"{{\"question\": \"q{i}\", \"answer\": \"{i}\"}}\n\n")));
        BenchmarkTask whole = TaskFile.Read(Path.Combine(_folder, "t.yaml")), part = TaskFile.Read(Path.Combine(_folder, "t.yaml"), limit: 3);
        Assert.Equal(Enumerable.Range(0, 9), whole.Examples.Select(example => example.Item));
        Assert.Equal(3, part.Examples.Count);
        Assert.All(part.Examples, example => Assert.Equal($"q{example.Item}", example.Messages[0].Content));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
