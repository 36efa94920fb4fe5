using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Rows of the published tables as questions.</summary>
internal static class BenchmarkRows
{
    private const string Letters = "ABCD";
    private const string SolutionMark = "####";

    /// <summary>The columns of MMLU's files, which do not name them.</summary>
    public static IReadOnlyList<string> ChoiceColumns { get; } = ["question", "A", "B", "C", "D", "answer"];

    /// <summary>Four options and a letter (MMLU, C-Eval, CMMLU), or a list of options and the right one's place (the hub's MMLU).</summary>
    public static BenchmarkItem Choice(int item, TableRow row)
    {
        IReadOnlyList<string> choices = row.Has("choices") ? row.Texts("choices") : [.. Letters.Select(letter => row.Text(letter.ToString()))];
        if (choices.Count is < 2 or > 26) throw row.Wrong($"has {Sizes.Of(choices.Count, "option", "options")}; expected 2 to 26");
        long right = row.Whole("answer") ?? LetterPlace(row.Text("answer"));
        if (right < 0 || right >= choices.Count)
        {
            string found = row.Whole("answer")?.ToString() ?? $"\"{row.Text("answer")}\"";
            throw row.Wrong($"has the answer {found}; expected a letter from A to {(char)('A' + choices.Count - 1)}, or a number from 0 to {choices.Count - 1}");
        }
        return new BenchmarkItem(item, row.FilledText("question"), choices, [(int)right], ((char)('A' + right)).ToString());
    }

    /// <summary>A solution that ends with the number (GSM8K).</summary>
    public static BenchmarkItem Solution(int item, TableRow row)
    {
        string answer = row.FilledText("answer");
        int mark = answer.LastIndexOf(SolutionMark, StringComparison.Ordinal);
        if (mark < 0 || !answer.AsSpan(mark).ContainsAnyInRange('0', '9')) throw row.Wrong($"has no number after \"{SolutionMark}\" in \"answer\"");
        return new BenchmarkItem(item, row.FilledText("question"), [], [], answer);
    }

    /// <summary>What has to be answered, options in the question (BIG-Bench Hard).</summary>
    public static BenchmarkItem Target(int item, TableRow row) => new(item, row.FilledText("input"), [], [], row.FilledText("target"));

    /// <summary>TruthfulQA with one right option: the best answer, then the incorrect ones.</summary>
    public static BenchmarkItem OneTruth(int item, TableRow row) => row.Has("mc1_targets.choices")
        ? Labelled(item, row, "mc1_targets")
        : Truths(item, row, [row.FilledText(BestColumn(row)).Trim()]);

    /// <summary>TruthfulQA with several right options: the correct answers, then the incorrect ones.</summary>
    public static BenchmarkItem AllTruths(int item, TableRow row) => row.Has("mc2_targets.choices")
        ? Labelled(item, row, "mc2_targets")
        : Truths(item, row, Answers(row, "correct"));

    private static BenchmarkItem Truths(int item, TableRow row, IReadOnlyList<string> right)
    {
        IReadOnlyList<string> wrong = Answers(row, "incorrect");
        return new BenchmarkItem(item, row.FilledText("question"), [.. right, .. wrong], [.. Enumerable.Range(0, right.Count)], row.FilledText(BestColumn(row)).Trim());
    }

    /// <summary>The csv's column (<c>Best Answer</c>), or the hub's (<c>best_answer</c>).</summary>
    private static string BestColumn(TableRow row) => row.Has("best_answer") ? "best_answer" : "Best Answer";

    /// <summary>A list in the hub's column, or texts between semicolons in the csv's.</summary>
    private static IReadOnlyList<string> Answers(TableRow row, string kind)
    {
        string column = $"{kind}_answers";
        IReadOnlyList<string> answers = row.Has(column) ? row.Texts(column)
            : row.Text($"{kind} answers").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return answers.Count > 0 ? answers : throw row.Wrong($"has no {kind} answer");
    }

    private static BenchmarkItem Labelled(int item, TableRow row, string targets)
    {
        IReadOnlyList<string> choices = row.Texts($"{targets}.choices");
        IReadOnlyList<long> labels = row.Wholes($"{targets}.labels");
        if (choices.Count != labels.Count) throw row.Wrong($"has {Sizes.Of(choices.Count, "choice", "choices")} and {Sizes.Of(labels.Count, "label", "labels")} in \"{targets}\"; expected as many");
        int[] right = [.. Enumerable.Range(0, labels.Count).Where(place => labels[place] == 1)];
        if (right.Length == 0 || right.Length == choices.Count) throw row.Wrong($"has {right.Length} right of {Sizes.Of(choices.Count, "choice", "choices")} in \"{targets}\"; expected right and wrong ones");
        return new BenchmarkItem(item, row.FilledText("question"), choices, right, choices[right[0]]);
    }

    /// <summary>0 for A and so on; −1 where the text is no letter.</summary>
    private static int LetterPlace(string answer) => answer.Trim() is [>= 'A' and <= 'Z'] letter ? letter[0] - 'A' : -1;
}
