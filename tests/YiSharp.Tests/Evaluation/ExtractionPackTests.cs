using System.Text;
using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

/// <summary>The other harnesses' packs, held against what they read themselves (Goldens/extraction, Goldens/evaluation).</summary>
public sealed class ExtractionPackTests
{
    /// <summary>How a task of lm-evaluation-harness writes its target, from a label.</summary>
    private static string Target(string pack, string truth) => pack switch
    {
        _ when pack.Contains("flan", StringComparison.Ordinal) || pack.Contains("date_understanding", StringComparison.Ordinal) => $"({truth})",
        _ when pack.Contains("sports_understanding", StringComparison.Ordinal) => truth.ToLowerInvariant(),
        _ when pack.Contains("gsm8k/", StringComparison.Ordinal) || pack.Contains("gsm8k_cot_zeroshot/", StringComparison.Ordinal) => $"#### {truth}",
        _ => truth,
    };

    [Fact]
    public void Packs_read_what_the_harnesses_read()
    {
        var wrong = new List<string>();
        int compared = 0;
        foreach (ExtractionRow row in ExtractionRow.All)
        {
            foreach (JsonProperty expected in row.Expected.EnumerateObject())
            {
                Extraction found = ExtractionPack.Named(expected.Name).Extract(row.Question, row.Output);
                string? value = expected.Value.ValueKind == JsonValueKind.String ? expected.Value.GetString() : expected.Value.ValueKind == JsonValueKind.Null ? null : expected.Value.GetRawText();
                compared++;
                if (found.Answer != value) wrong.Add($"{row.Id} {expected.Name}: \"{found.Answer}\" instead of \"{value}\"");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(60)));
        Assert.Equal(4190, compared);
    }

    [Fact]
    public void Packs_score_as_the_harness_scores()
    {
        int compared = 0;
        foreach (ExtractionRow row in ExtractionRow.All)
        {
            foreach (JsonProperty expected in row.ExactMatch.EnumerateObject())
            {
                var pack = ExtractionPack.Named(expected.Name);
                bool matches = pack.ExactMatch!.Matches(pack.Extract(row.Question, row.Output).Answer!, Target(expected.Name, row.Truth!));
                Assert.True(expected.Value.GetDouble() == (matches ? 1 : 0), $"{row.Id} {expected.Name}");
                compared++;
            }
        }
        Assert.Equal(1995, compared);
    }

    [Theory]
    [InlineData("gsm8k_cot_zeroshot", AnswerKind.Number, 24)]
    [InlineData("gsm8k_cot_zeroshot.chat", AnswerKind.Number, 16)]
    [InlineData("bbh_cot_zeroshot_boolean_expressions", AnswerKind.Bool, 16)]
    [InlineData("bbh_cot_zeroshot_date_understanding", AnswerKind.Choice, 16)]
    [InlineData("bbh_cot_zeroshot_word_sorting", AnswerKind.Sort, 12)]
    public void Packs_read_and_score_the_harness_s_own_generations(string file, AnswerKind kind, int count)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "evaluation", file + ".json")));
        JsonElement items = document.RootElement.GetProperty("items");
        foreach (JsonElement item in items.EnumerateArray())
        {
            string prompt = item.GetProperty("prompt").GetString()!;
            string input = prompt[(prompt.IndexOf("Q: ", StringComparison.Ordinal) + 3)..prompt.LastIndexOf("\nA: ", StringComparison.Ordinal)];
            var question = new ExtractionQuestion(kind, input, []);
            foreach (JsonProperty expected in item.GetProperty("extracted").EnumerateObject())
            {
                var pack = ExtractionPack.Named($"lm_eval/{file.Replace(".chat", "", StringComparison.Ordinal)}/{expected.Name}");
                string? found = pack.Extract(question, item.GetProperty("text").GetString()!).Answer;
                Assert.True(expected.Value.GetString() == found, $"{file} {item.GetProperty("item")} {expected.Name}: \"{found}\" instead of \"{expected.Value}\"");
                Assert.Equal(item.GetProperty("scores").GetProperty($"exact_match,{expected.Name}").GetDouble(), pack.ExactMatch!.Matches(found!, item.GetProperty("target").GetString()!) ? 1 : 0);
            }
        }
        Assert.Equal(count, items.GetArrayLength());
    }

    [Fact]
    public void Span_is_where_the_answer_stands()
    {
        int spans = 0;
        foreach (ExtractionRow row in ExtractionRow.All)
        {
            foreach (string name in row.Expected.EnumerateObject().Select(expected => expected.Name))
            {
                Extraction found = ExtractionPack.Named(name).Extract(row.Question, row.Output);
                if (found.Span is not (int from, int to) || name is "opencompass/first_number" or "opencompass/bbh_freeform" or "opencompass/math_v2") continue;
                Assert.Equal(found.Answer, row.Output[from..to], ignoreCase: true);
                spans++;
            }
        }
        Assert.True(spans > 1800, $"{spans} spans");
    }
}

/// <summary>A row of Goldens/extraction/extraction.jsonl: a model's words with what the harnesses read in them and what a careful reader does.</summary>
internal sealed record ExtractionRow(string Id, string Language, ExtractionQuestion Question, string Output, string? Truth, JsonElement Expected, JsonElement ExactMatch)
{
    public static IReadOnlyList<ExtractionRow> All { get; } = Read();

    private static ExtractionRow[] Read()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "extraction", "extraction.jsonl"), Encoding.UTF8);
        Assert.Equal(278, lines.Length);
        return [.. lines.Select(Parse)];
    }

    private static ExtractionRow Parse(string line)
    {
        JsonElement row = JsonDocument.Parse(line).RootElement;
        var question = new ExtractionQuestion(Enum.Parse<AnswerKind>(row.GetProperty("kind").GetString()!, ignoreCase: true), row.GetProperty("input").GetString(),
            [.. row.GetProperty("choices").EnumerateArray().Select(choice => choice.GetString()!)]);
        return new ExtractionRow(row.GetProperty("id").GetString()!, row.GetProperty("lang").GetString()!, question, row.GetProperty("output").GetString()!,
            row.GetProperty("truth").GetString(), row.GetProperty("expected"), row.GetProperty("exact_match"));
    }
}
