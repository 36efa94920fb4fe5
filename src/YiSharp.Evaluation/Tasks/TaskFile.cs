using System.Text.Json;
using System.Text.RegularExpressions;
using YiSharp.Data;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>
/// A task of one's own: a YAML file that says where its questions are, how they are put and how answers are read.
/// <code>
/// name: capitals
/// data: capitals.jsonl        # {"question": "Which is the capital of France?", "choices": ["Lyon", "Paris"], "answer": "B"}
/// examples: capitals.examples.jsonl   # {"item": 0, "output": "It is Paris, so (B).", "correct": true}
/// scoring: generate
/// question: "{question}\n{options}\nAnswer:"
/// option: "{letter}. {choice}"
/// extraction: choice
/// </code>
/// Every example is judged when the task is read; one that comes out otherwise than it says is an error, so a task cannot be run with rules that misread its answers.
/// </summary>
public static class TaskFile
{
    /// <summary>The extraction of a task whose answers another model judges.</summary>
    private const string JudgeExtraction = "judge";

    private static readonly Regex Placeholder = LinearRegex.Create(@"\{[A-Za-z_]+\}");

    /// <summary>What a question's template may name, and an option's.</summary>
    private static readonly string[] QuestionNames = ["question", "options", "title", "subject"], OptionNames = ["letter", "choice"];

    private const int MostChoices = 26;

    /// <summary>Reads a task.</summary>
    /// <param name="path">The YAML file; the files that it names lie beside it.</param>
    /// <param name="limit">Questions to ask at most; null for all.</param>
    /// <param name="seed">Chooses them.</param>
    /// <exception cref="InvalidDataException">A file cannot be read, rows are bad, or an example is judged otherwise than it says.</exception>
    public static BenchmarkTask Read(string path, int? limit = null, int seed = 0)
    {
        YamlMap map = YamlMap.Read(path, "task", "capitals.yaml");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, name = map.Text("name");
        string data = Path.Combine(folder, map.Text("data"));
        string? examples = map.TextOrNull("examples");
        Rubric? rubric = map.MapOrNull("judge") is { } section ? Rubric.Read(section) : null;
        SuiteProtocol protocol = SuiteProtocol.Read(map, "chat", JudgeExtraction);
        if (protocol.Shots > 0) throw map.Wrong("shots", "0, since a task of one's own has no exemplars; they may stand in its question", map.Text("shots"));
        RequirePlaceholders(map, "question", protocol.Question, QuestionNames);
        RequirePlaceholders(map, "option", protocol.Option, OptionNames);
        if (!protocol.Question.Contains("{question}", StringComparison.Ordinal)) throw map.Wrong("question", "a text with {question}, where the question of a row goes", protocol.Question);
        if ((protocol.Extraction == JudgeExtraction) != (rubric is not null))
            throw new InvalidDataException($"{path} has {(rubric is null ? $"the extraction {JudgeExtraction} and no section 'judge'" : $"a section 'judge' and the extraction '{protocol.Extraction}'")}; where another model judges, both are needed: extraction: {JudgeExtraction}, and 'judge' with its prompt and verdict.");
        if (rubric is not null && protocol.IsLogLikelihood) throw new InvalidDataException($"{path} has the scoring 'loglikelihood' and a section 'judge'; a judge reads what was written, so give scoring: generate.");

        List<(int Row, BenchmarkItem Item)> rows = ReadRows(data, protocol);
        var subject = new BenchmarkSubject(name, name, null, [.. rows.Select(row => row.Item)], []);
        if (!protocol.IsLogLikelihood && rubric is null) RequireAnswers(data, protocol.Extraction, subject, rows);
        if (examples is not null) Check(new BenchmarkTask(name, protocol, [subject], _ => "", rubric: rubric), Path.Combine(folder, examples));
        return new BenchmarkTask(name, protocol, [subject], _ => "", limit, seed, rubric);
    }

    /// <summary>A word in braces is meant as a placeholder; other braces, as of JSON, stay as they are.</summary>
    private static void RequirePlaceholders(YamlMap map, string key, string template, string[] known)
    {
        foreach (Match match in Placeholder.Matches(template))
        {
            if (!known.Contains(match.Value[1..^1], StringComparer.Ordinal)) throw map.Wrong(key, $"only the placeholders {string.Join(", ", known.Select(name => $"{{{name}}}"))}", match.Value);
        }
    }

    private static List<(int Row, BenchmarkItem Item)> ReadRows(string path, SuiteProtocol protocol)
    {
        int item = 0;
        return JsonLines.Read(path, "\"question\" and \"answer\"", (row, line) => (line, Item(row, item++, protocol)));
    }

    /// <summary>A question that no answer gets right measures nothing.</summary>
    private static void RequireAnswers(string path, string extraction, BenchmarkSubject subject, List<(int Row, BenchmarkItem Item)> rows)
    {
        Func<BenchmarkItem, string?> neverRight = BenchmarkReader.NeverRight(extraction, subject);
        BadRow[] bad = [.. rows.Select(row => (row.Row, Reason: neverRight(row.Item))).Where(row => row.Reason is not null).Select(row => new BadRow(row.Row, row.Reason!))];
        if (bad.Length > 0) throw JsonLines.Unusable(path, bad, rows.Count);
    }

    private static BenchmarkItem Item(JsonElement row, int number, SuiteProtocol protocol)
    {
        string question = JsonLines.Text(row, "question"), answer = Answer(row, protocol.Extraction);
        string[]? given = JsonLines.OptionalTexts(row, "choices");
        string[] choices = given ?? [];
        string missing = given is null ? "has no \"choices\"" : "has an empty list as \"choices\"";
        if (choices.Length == 0 && protocol.IsLogLikelihood) throw new InvalidDataException($"{missing}, whose log-likelihoods are to be compared");
        if (choices.Length == 0 && protocol.Extraction == BenchmarkReader.Choice) throw new InvalidDataException($"{missing}, of which the extraction choice reads a letter");
        if (choices.Length == 0) return new BenchmarkItem(number, question, [], [], answer);
        if (choices.Length > MostChoices) throw new InvalidDataException($"has {Sizes.Of(choices.Length, "choice", "choices")}; at most {MostChoices} have a letter");
        int right = answer.Length == 1 && answer[0] - 'A' is >= 0 and int index && index < choices.Length ? index : throw new InvalidDataException($"has the answer \"{answer}\"; expected a letter from A to {(char)('A' + choices.Length - 1)}");
        return new BenchmarkItem(number, question, choices, [right], answer);
    }

    /// <summary>The answer, a text; of checks that look for a JSON object, such a one as it stands.</summary>
    private static string Answer(JsonElement row, string extraction) =>
        extraction is "json" or "json_fields" && row.TryGetProperty("answer", out JsonElement answer) && answer.ValueKind == JsonValueKind.Object ? answer.GetRawText() : JsonLines.Text(row, "answer");

    private static void Check(BenchmarkTask task, string path)
    {
        var bad = new List<string>();
        foreach ((int item, string output, string? judge, bool correct) in JsonLines.Read(path, "\"item\", \"output\" and \"correct\"", row => Example(row, task.Rubric is not null)))
        {
            TaskExample example = task.Examples.FirstOrDefault(e => e.Item == item) ?? throw new InvalidDataException($"{path} has an example of item {item}; {task.Name} has {Sizes.Of(task.Examples.Count, "item, which is 0", $"items, 0 to {task.Examples.Count - 1}")}.");
            if (example.Options.Count > 0) throw new InvalidDataException($"{path} has outputs, and {task.Name} compares log-likelihoods; leave \"examples\" out.");
            Prediction found = judge is null ? task.Predict(example, output) : task.Rubric!.Read(judge).Verdict;
            if (found.Correct != correct) bad.Add($"item {item}: \"{judge ?? output}\" is read as {found.Extracted ?? "nothing"}, {(found.Correct ? "right" : "wrong")}");
        }
        if (bad.Count > 0) throw new InvalidDataException($"{path}: {Sizes.Of(bad.Count, "example is judged otherwise than it says; correct it", "examples are judged otherwise than they say; correct them")}, or the task's extraction.\n  {string.Join("\n  ", bad)}");
    }

    private static (int Item, string Output, string? Judge, bool Correct) Example(JsonElement row, bool isJudged)
    {
        if (JsonLines.OptionalNumber(row, "item") is not { } item || item != Math.Floor(item) || item is < 0 or > int.MaxValue) throw new InvalidDataException("has no \"item\"; expected a whole number from 0 on");
        if (!row.TryGetProperty("correct", out JsonElement correct) || correct.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) throw new InvalidDataException("has no \"correct\"; expected true or false");
        string output = JsonLines.OptionalText(row, "output") ?? throw new InvalidDataException("has no \"output\"; expected a text");
        string? judge = JsonLines.OptionalText(row, "judge");
        if (judge is not null != isJudged) throw new InvalidDataException(isJudged ? "has no \"judge\"; expected what a judge might say of the output" : "has a \"judge\", and no other model judges this task; leave it out");
        return ((int)item, output, judge, correct.GetBoolean());
    }
}
