using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Data;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>
/// How another model is asked whether an answer is good, and how its verdict is read: the <c>judge</c> section of a task file.
/// <code>
/// judge:
///   prompt: "Question: {question}\n\nReference: {reference}\n\nAnswer: {answer}\n\nHow well does the answer agree with the reference? End with \"Score: N\", N from 1 to 5."
///   verdict: score
///   lowest: 1
///   highest: 5
///   passes: 4
/// </code>
/// "It leaves the reason out. Score: 3" is worth 0.5 and not right; words without a score on the scale are no verdict, and the sample counts as one in which nothing was found.
/// </summary>
public sealed record Rubric
{
    /// <summary>Most tokens of a judge's words that can be asked for.</summary>
    private const int MostNewTokens = 1 << 20;

    /// <summary>Most characters of a judge's words that are read, from the end, where verdicts stand: enough for tens of thousands of tokens.</summary>
    private const int MostWords = 1 << 16;

    private const double GreatestScore = 1e6;

    /// <summary>What the judge is told; <c>{question}</c> is the question as it was put, <c>{reference}</c> the right answer of the file, <c>{answer}</c> the model's.</summary>
    public required string Prompt { get; init; }

    /// <summary>Most tokens of the judge's words.</summary>
    /// <value>256.</value>
    public required int MaxNewTokens { get; init; }

    /// <summary>The least and the greatest score; null where the verdict is yes or no.</summary>
    public (double Lowest, double Highest)? Scale { get; init; }

    /// <summary>The least score that counts as right.</summary>
    public double Passes { get; init; }

    /// <summary>Hash of all of it, SHA-256, hexadecimal.</summary>
    public string Sha256
    {
        get
        {
            string scale = Scale is { } bounds ? string.Create(CultureInfo.InvariantCulture, $"score {bounds.Lowest:R} {bounds.Highest:R} {Passes:R}") : "yes_no";
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{scale} {MaxNewTokens}\n{Prompt}"))));
        }
    }

    /// <summary>What the judge is asked about an answer.</summary>
    /// <param name="example">The question.</param>
    /// <param name="answer">What the model said.</param>
    public Prompt PromptFor(TaskExample example, string answer)
    {
        string text = QuestionText.Fill(Prompt, name => name switch
        {
            "question" => example.Text ?? example.Messages[^1].Content,
            "reference" => example.Answer,
            "answer" => answer,
            _ => null,
        });
        return new Prompt([new ChatMessage("user", text)], MaxNewTokens);
    }

    /// <summary>Reads a verdict.</summary>
    /// <param name="words">What the judge said.</param>
    /// <returns>The verdict, its place in the words, and what the answer is worth, 0 to 1.</returns>
    public (Prediction Verdict, double Score) Read(string words)
    {
        if (words.Length > MostWords)
        {
            int skipped = words.Length - MostWords;
            (Prediction late, double worth) = Read(words[skipped..]);
            return (late with { Span = late.Span is (int begin, int end) ? (begin + skipped, end + skipped) : null }, worth);
        }
        if (Scale is not { } scale)
        {
            Extraction found = ExtractionPack.Default.Extract(new ExtractionQuestion(AnswerKind.YesNo, null, []), words);
            bool isYes = found.Answer == "Yes";
            return (new Prediction(found.Answer, found.Rule, isYes) { Span = found.Span, IsLowConfidence = found.IsLowConfidence }, isYes ? 1 : 0);
        }
        if (ScoreReader.Read(words, scale.Lowest, scale.Highest) is not { } score) return (Prediction.NothingFound, 0);
        var verdict = new Prediction(words[score.From..score.To], score.Rule, score.Value >= Passes) { Span = (score.From, score.To), IsLowConfidence = score.IsLowConfidence };
        return (verdict, (score.Value - scale.Lowest) / (scale.Highest - scale.Lowest));
    }

    /// <summary>Reads a section.</summary>
    /// <exception cref="InvalidDataException">A key is missing, unknown or has no meaning.</exception>
    internal static Rubric Read(YamlMap map)
    {
        var rubric = new Rubric { Prompt = map.Text("prompt"), MaxNewTokens = (int)map.Integer("max_new_tokens", 256, 1, MostNewTokens) };
        if (!rubric.Prompt.Contains("{answer}", StringComparison.Ordinal)) throw map.Wrong("prompt", "a text with {answer}, where the model's answer goes", rubric.Prompt);
        _ = map.Text("verdict"); // no default: the two give different numbers
        if (map.Choice("verdict", "", "score", "yes_no") == "score")
        {
            foreach (string key in (string[])["lowest", "highest", "passes"]) _ = map.Text(key);
            (double lowest, double highest) = (map.Number("lowest", 0, -GreatestScore, GreatestScore), map.Number("highest", 0, -GreatestScore, GreatestScore));
            if (lowest >= highest) throw map.Wrong("highest", string.Create(CultureInfo.InvariantCulture, $"more than the lowest score, {lowest}"), map.Text("highest"));
            rubric = rubric with { Scale = (lowest, highest), Passes = map.Number("passes", 0, lowest, highest) };
        }
        map.RequireNoOthers();
        return rubric;
    }
}
