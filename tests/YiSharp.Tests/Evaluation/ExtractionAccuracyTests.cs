using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>Our reader against what a careful reader finds: the texts of Goldens/extraction, and sets of our own (own.txt, own.jsonl).</summary>
public sealed partial class ExtractionAccuracyTests
{
    [Theory]
    [InlineData(AnswerKind.Choice, 158, 158)]
    [InlineData(AnswerKind.Number, 83, 83)]
    [InlineData(AnswerKind.YesNo, 18, 18)]
    [InlineData(AnswerKind.Bool, 7, 7)]
    [InlineData(AnswerKind.Sort, 8, 8)]
    [InlineData(AnswerKind.Free, 4, 4)]
    public void Final_answers_are_read_as_by_a_careful_reader(AnswerKind kind, int count, int right) =>
        RequireRight([.. ExtractionRow.All.Where(row => row.Question.Kind == kind).Select(row => (row.Question, row.Output, row.Truth))], count, right);

    [Theory]
    [InlineData(AnswerKind.Choice, 115, 115)]
    [InlineData(AnswerKind.Number, 111, 111)]
    [InlineData(AnswerKind.YesNo, 89, 89)]
    public void Texts_written_before_the_rules_are_read_too(AnswerKind kind, int count, int right) =>
        RequireRight([.. Own().Where(row => row.Question.Kind == kind)], count, right);

    /// <summary>The sets of own.jsonl: 0, G to I, L, P and Q by authors of the rules, A to F, J, K and N by others who did not know them.</summary>
    [Theory]
    [InlineData("0", 92, 92)]
    [InlineData("A", 151, 151)]
    [InlineData("B", 163, 163)]
    [InlineData("C", 166, 166)]
    [InlineData("D", 170, 169)]
    [InlineData("E", 150, 150)]
    [InlineData("F", 60, 59)]
    [InlineData("G", 45, 42)]
    [InlineData("H", 47, 43)]
    [InlineData("I", 31, 30)]
    [InlineData("J", 220, 220)]
    [InlineData("K", 300, 300)]
    [InlineData("L", 1066, 1043)]
    [InlineData("M", 241, 238)]
    [InlineData("N", 456, 403)]
    [InlineData("O", 225, 222)]
    [InlineData("P", 769, 760)]
    [InlineData("Q", 149, 137)]
    public void Texts_of_another_author_are_read(string set, int count, int right) => RequireRight([.. OthersOwn(set)], count, right);

    /// <summary>What the rules read in every text here, in few digits. Where it is another now, raise <see cref="ReadingRules.Version"/> and write both down: runs that were begun under the former rules must not go on under these.</summary>
    [Fact]
    public void What_is_read_changes_only_with_the_version_of_the_rules()
    {
        (ExtractionQuestion Question, string Output)[] texts =
        [
            .. ExtractionRow.All.Select(row => (row.Question, row.Output)), .. Own().Select(row => (row.Question, row.Output)), .. "0ABCDEFGHIJKLMNOPQ".SelectMany(set => OthersOwn(set.ToString())).Select(row => (row.Question, row.Output)),
        ];
        var read = new StringBuilder();
        void Add(string? answer, string? rule, (int, int)? span, bool isLowConfidence) => read.Append(CultureInfo.InvariantCulture, $"{answer ?? "–"} {rule ?? "–"} {span} {isLowConfidence}\n");
        AnswerCheck[] checks = [.. new[] { ("exact", "B"), ("contains", "18"), ("last_number", "18"), ("json", "{}"), ("json_fields", "{\"a\": 1}"), ("bullets:3", "") }.Select(c => AnswerCheck.TryParse(c.Item1, c.Item2, out AnswerCheck? check, out _) ? check : throw new ArgumentException(c.Item1))];
        var rubric = new Rubric { Prompt = "{answer}", MaxNewTokens = 1, Scale = (1, 20), Passes = 4 };
        foreach ((ExtractionQuestion question, string output) in texts)
        {
            Extraction found = ExtractionPack.Default.Extract(question, output);
            Add(found.Answer, found.Rule, found.Span, found.IsLowConfidence);
            foreach (Prediction judged in checks.Select(check => check.Judge(output)).Append(rubric.Read(output).Verdict)) Add(judged.Extracted, judged.Rule, judged.Span, judged.Correct);
        }
        Assert.Equal(5094, texts.Length);
        Assert.Equal((9, "3d8933966dd45c5c"), (ReadingRules.Version, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(read.ToString())))[..16]));
    }

    private static void RequireRight(IReadOnlyCollection<(ExtractionQuestion Question, string Output, string? Truth)> rows, int count, int right)
    {
        var wrong = new List<string>();
        foreach ((ExtractionQuestion question, string output, string? truth) in rows)
        {
            Extraction found = ExtractionPack.Default.Extract(question, output);
            bool same = truth is null ? found.Answer is null : found.Answer is not null && Same(question.Kind, found.Answer, truth);
            if (!same) wrong.Add($"{truth ?? "nothing"} but {found.Answer ?? "nothing"} by {found.Rule}: {output}");
            if (found.Span is (int from, int to)) Assert.True(from >= 0 && from < to && to <= output.Length);
        }
        Assert.Equal(count, rows.Count);
        Assert.True(rows.Count - wrong.Count >= right, $"{rows.Count - wrong.Count} of {rows.Count} right\n{string.Join('\n', wrong)}");
    }

    /// <summary>Same answer, by the comparison of the goldens' README.</summary>
    private static bool Same(AnswerKind kind, string found, string truth)
    {
        switch (kind)
        {
            case AnswerKind.Number:
                return double.TryParse(found, NumberStyles.Float, CultureInfo.InvariantCulture, out double a) && double.Parse(truth, CultureInfo.InvariantCulture) is var b && Math.Abs(a - b) < 1e-6 * Math.Max(1, Math.Abs(b));
            case AnswerKind.Choice:
                return found == truth;
            default:
                return string.Equals(Squeeze(found), Squeeze(truth), StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string Squeeze(string text) => Spaces().Replace(text.Replace(',', ' '), " ").Trim(' ', '.', '"', '*');

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    private static IEnumerable<(ExtractionQuestion Question, string Output, string? Truth)> OthersOwn(string set)
    {
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "extraction", "own.jsonl"), Encoding.UTF8))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            if (row.GetProperty("set").GetString() != set) continue;
            string[] choices = row.TryGetProperty("choices", out JsonElement options) ? [.. options.EnumerateArray().Select(option => option.GetString()!)] : [];
            var question = new ExtractionQuestion(Enum.Parse<AnswerKind>(row.GetProperty("kind").GetString()!, ignoreCase: true), row.GetProperty("input").GetString(), choices);
            yield return (question, row.GetProperty("output").GetString()!, row.GetProperty("truth").GetString());
        }
    }

    private static IEnumerable<(ExtractionQuestion Question, string Output, string? Truth)> Own()
    {
        var questions = new Dictionary<string, ExtractionQuestion>();
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "extraction", "own.txt"), Encoding.UTF8))
        {
            string[] parts = line.Split(" | ");
            if (line.StartsWith("Q ", StringComparison.Ordinal))
                questions[parts[0][2..]] = new ExtractionQuestion(Enum.Parse<AnswerKind>(parts[1], ignoreCase: true), parts[2], parts[3..]);
            else if (!line.StartsWith('#'))
                yield return (questions[parts[0]], string.Join(" | ", parts[2..]).Replace("\\n", "\n", StringComparison.Ordinal), parts[1] == "-" ? null : parts[1]);
        }
    }
}
