using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace YiSharp.Evaluation;

/// <summary>Which of several answers to a prompt a person liked best, without knowing whose they were: a line of a file of votes.</summary>
/// <param name="Name">The prompt's name.</param>
/// <param name="Language">Its language.</param>
/// <param name="Shown">The models in the order in which their answers were shown.</param>
/// <param name="Winner">The model whose answer was best; null where none was.</param>
public sealed record ShowcaseVote(string Name, string Language, IReadOnlyList<string> Shown, string? Winner)
{
    private const string SameAsWinnerName = "same_as_winner";

    /// <summary>Other models whose answer was the winner's, word for word: neither beat the other.</summary>
    public IReadOnlyList<string> SameAsWinner { get; init; } = [];

    /// <summary>What <see cref="SeenOf"/> gives for what the person saw; null in a file that does not say.</summary>
    public string? Seen { get; init; }

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Tells a prompt and its answers from all others: a vote on other words is another vote.</summary>
    public static string SeenOf(ShowcasePrompt prompt, IEnumerable<(string Model, string Answer)> answers)
    {
        using var fingerprint = new Fingerprint();
        fingerprint.Add(prompt.Messages);
        foreach ((string model, string answer) in answers.OrderBy(a => a.Model, StringComparer.Ordinal)) fingerprint.Add(model).Add(answer);
        return fingerprint.ToString();
    }

    /// <summary>Reads a file of votes; none where there is no file. A last line without an end was interrupted and does not count.</summary>
    /// <exception cref="InvalidDataException">Rows are bad; all are listed.</exception>
    public static IReadOnlyList<ShowcaseVote> ReadAll(string path)
    {
        if (!File.Exists(path)) return [];
        DropTornLine(path);
        return new FileInfo(path).Length == 0 ? [] : JsonLines.Read(path, "\"name\", \"language\", \"shown\" and \"winner\"", Parse);
    }

    /// <summary>Writes the vote through to disk, after those that are there.</summary>
    public void Append(string path)
    {
        var line = new JsonObject { ["name"] = Name, ["language"] = Language, ["shown"] = new JsonArray([.. Shown.Select(m => (JsonNode)m)]), ["winner"] = Winner };
        if (SameAsWinner.Count > 0) line[SameAsWinnerName] = new JsonArray([.. SameAsWinner.Select(m => (JsonNode)m)]);
        if (Seen is not null) line["seen"] = Seen;
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(Encoding.UTF8.GetBytes(line.ToJsonString(Json) + "\n"));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Times each model beat each, [models][models]: the best answer beats all others that were shown beside it; models with the same best answer share, and where none was best, all do.</summary>
    /// <param name="models">Names, in the order of the result; votes with others do not count.</param>
    /// <param name="votes">The votes.</param>
    public static double[][] Wins(IReadOnlyList<string> models, IEnumerable<ShowcaseVote> votes)
    {
        double[][] wins = [.. models.Select(_ => new double[models.Count])];
        foreach (ShowcaseVote vote in votes)
        {
            int[] shown = [.. vote.Shown.Select(name => models.ToList().IndexOf(name)).Where(i => i >= 0)];
            bool IsBest(int model) => vote.Winner is null || vote.Winner == models[model] || vote.SameAsWinner.Contains(models[model]);
            foreach (int a in shown.Where(IsBest))
            {
                foreach (int b in shown.Where(b => b != a)) wins[a][b] += IsBest(b) ? 0.5 : 1;
            }
        }
        return wins;
    }

    private static ShowcaseVote Parse(JsonElement row)
    {
        if (!row.TryGetProperty("shown", out JsonElement shown) || shown.ValueKind != JsonValueKind.Array || shown.GetArrayLength() < 2 || shown.EnumerateArray().Any(m => m.ValueKind != JsonValueKind.String))
            throw new InvalidDataException("has no \"shown\"; expected the names of two models or more");
        string[] models = [.. shown.EnumerateArray().Select(m => m.GetString()!)];
        string? winner = JsonLines.OptionalText(row, "winner");
        if (winner is not null && !models.Contains(winner)) throw new InvalidDataException($"has the winner \"{winner}\", which was not shown");
        string[] same = JsonLines.OptionalTexts(row, SameAsWinnerName) ?? [];
        if (same.FirstOrDefault(m => winner is null || m == winner || !models.Contains(m)) is { } stranger) throw new InvalidDataException($"has \"{SameAsWinnerName}\": \"{stranger}\"; expected other models that were shown, beside a winner");
        return new ShowcaseVote(JsonLines.Text(row, "name"), JsonLines.Text(row, "language"), models, winner) { SameAsWinner = same, Seen = JsonLines.OptionalText(row, "seen") };
    }

    private static void DropTornLine(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        file.SetLength(TornLine.WholeBytes(file));
    }
}
