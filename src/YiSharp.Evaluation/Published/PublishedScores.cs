using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>
/// The table of the Yi chat models' release (README of github.com/01-ai/Yi at commit e7c9ae4, 2023-11-23, Apache License 2.0; Table 4 of
/// arXiv:2403.04652 is the same, rounded): eight chat models with the same prompts and greedy answers, two of them also in 8 and 4 bits.
/// </summary>
/// <remarks>
/// TruthfulQA's score is taken as a share of right answers like the others. Where it is a mean of values between 0 and 1 instead, the variance
/// of a share is an upper bound, and differences are then sharper than <see cref="UnpairedProportions"/> says.
/// </remarks>
public static class PublishedScores
{
    /// <summary>The table's columns.</summary>
    public static IReadOnlyList<PublishedSuite> Suites { get; } =
    [
        new("MMLU", 14042, [0, 5]),
        new("CMMLU", 11582, [0, 5]),
        new("C-Eval(val)", 1346, [0, 5]),
        new("TruthfulQA", 817, [0]),
        new("BBH", 6511, [0, 3]),
        new("GSM8K", 1319, [0, 4]),
    ];

    // A model, the model it is quantized from (or –), and its points column by column; with two shots "0-shot/few-shot".
    private const string Table = """
        LLaMA2-13B-Chat          | –           | 50.88/47.33 | 27.47/35.08 | 27.93/35.88 | 36.84 | 32.90/58.22 | 36.85/2.73
        LLaMA2-70B-Chat          | –           | 59.42/59.86 | 36.10/40.99 | 34.99/41.31 | 53.95 | 42.36/58.53 | 47.08/58.68
        Baichuan2-13B-Chat       | –           | 55.09/50.14 | 58.64/59.47 | 56.02/54.75 | 48.98 | 38.81/47.15 | 45.72/23.28
        Qwen-14B-Chat            | –           | 63.99/64.98 | 67.73/70.57 | 66.12/70.06 | 52.49 | 49.65/54.98 | 59.51/61.18
        InternLM-Chat-20B        | –           | 55.55/57.42 | 53.55/53.75 | 51.19/53.57 | 51.75 | 42.41/36.68 | 15.69/43.44
        AquilaChat2-34B v1.2     | –           | 65.15/66.70 | 67.51/70.02 | 82.99/89.38 | 64.33 | 20.12/34.28 | 11.52/48.45
        Yi-6B-Chat               | –           | 58.24/60.99 | 69.44/74.71 | 68.80/74.22 | 50.58 | 39.70/47.15 | 38.44/44.88
        Yi-6B-Chat-8bits (GPTQ)  | Yi-6B-Chat  | 58.29/60.96 | 69.21/74.69 | 69.17/73.85 | 49.85 | 40.35/47.26 | 39.42/44.88
        Yi-6B-Chat-4bits (AWQ)   | Yi-6B-Chat  | 56.78/59.89 | 67.70/73.29 | 67.53/72.29 | 50.29 | 37.74/43.62 | 35.71/38.36
        Yi-34B-Chat              | –           | 67.62/73.46 | 79.11/81.34 | 77.04/78.53 | 62.43 | 51.41/71.74 | 71.65/75.97
        Yi-34B-Chat-8bits (GPTQ) | Yi-34B-Chat | 66.24/73.69 | 79.05/81.23 | 76.82/78.97 | 61.84 | 52.08/70.97 | 70.74/75.74
        Yi-34B-Chat-4bits (AWQ)  | Yi-34B-Chat | 65.77/72.42 | 78.21/80.50 | 75.71/77.27 | 61.84 | 48.30/69.39 | 70.51/74.00
        """;

    /// <summary>The table's rows, in its order.</summary>
    public static IReadOnlyList<PublishedModel> Models { get; } = [.. Table.Split('\n').Select(ParseRow)];

    /// <summary>The row of a model; null where the table has none.</summary>
    /// <param name="name">As in the table.</param>
    public static PublishedModel? Find(string name) => Models.FirstOrDefault(model => model.Name == name);

    private static PublishedModel ParseRow(string row)
    {
        string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
        return new PublishedModel(cells[0], cells[1] == "–" ? null : cells[1], [.. Suites.Zip(cells.Skip(2)).SelectMany(column => ParseCell(column.First, column.Second))]);
    }

    private static IEnumerable<PublishedScore> ParseCell(PublishedSuite suite, string cell) =>
        suite.Shots.Zip(cell.Split('/'), (shots, points) => new PublishedScore(suite, shots, double.Parse(points, CultureInfo.InvariantCulture)));
}
