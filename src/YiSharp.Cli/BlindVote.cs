using System.Globalization;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Reports;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>Asks a person which answer is best, without saying whose it is. Each vote is kept at once; what was voted on is not asked again.</summary>
internal sealed class BlindVote(Terminal terminal, CancellationToken cancellation, string path, int seed)
{
    private const string Letters = "ABCDEFGHIJKLMNOPRTUVWXYZ"; // Q leaves and S skips

    private Func<string?>? _readLine;

    /// <summary>Goes through the prompts, then says how strong the models are by all votes.</summary>
    public void Run(IReadOnlyList<ShowcasePrompt> prompts, IReadOnlyList<(string Model, IReadOnlyList<Response> Responses)> answers)
    {
        string[] models = [.. answers.Select(a => a.Model)];
        if (models.Length > Letters.Length) throw new UsageException($"{models.Length} models were named; at most {Letters.Length} can be told apart by letters.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        List<ShowcaseVote> votes = [.. ShowcaseVote.ReadAll(path)];
        int same = 0, unanswered = 0, outdated = 0;
        void Keep(ShowcaseVote vote)
        {
            vote.Append(path);
            votes.Add(vote);
        }
        bool IsOn(ShowcaseVote vote, ShowcasePrompt prompt) =>
            vote.Name == prompt.Name && vote.Language == prompt.Language && vote.Shown.Order(StringComparer.Ordinal).SequenceEqual(models.Order(StringComparer.Ordinal));
        string[] seen = [.. prompts.Select((prompt, i) => ShowcaseVote.SeenOf(prompt, answers.Select(a => (a.Model, Words(a.Responses[i])))))];
        for (int i = 0; i < prompts.Count; i++) outdated += votes.RemoveAll(vote => IsOn(vote, prompts[i]) && vote.Seen is not null && vote.Seen != seen[i]);
        for (int i = 0; i < prompts.Count; i++)
        {
            ShowcasePrompt prompt = prompts[i];
            if (votes.Any(vote => IsOn(vote, prompt))) continue;
            if (answers.Any(a => a.Responses[i].Failure is not null))
            {
                unanswered++;
                continue;
            }
            int[] order = [.. Enumerable.Range(0, models.Length)];
            RandomStream.For((ulong)seed, $"blind {prompt.Name} {prompt.Language}").Shuffle<int>(order);
            // An answer that several models gave is shown once, and one that all gave leaves nothing to choose.
            int[][] given = [.. order.GroupBy(o => Words(answers[o].Responses[i])).Select(group => group.ToArray())];
            var tie = new ShowcaseVote(prompt.Name, prompt.Language, [.. order.Select(o => models[o])], Winner: null) { Seen = seen[i] };
            if (given.Length == 1)
            {
                same++;
                Keep(tie);
                continue;
            }
            ShowPrompt(prompt, terminal);
            for (int place = 0; place < given.Length; place++) ShowAnswer(Letters[place].ToString(), answers[given[place][0]].Responses[i], terminal);
            if (Ask(given.Length) is not { } choice) break;
            if (choice.IsSkipped) continue;
            Keep(choice.Place is { } best ? tie with { Winner = models[given[best][0]], SameAsWinner = [.. given[best][1..].Select(o => models[o])] } : tie);
        }
        if (same > 0) terminal.Out.WriteLine($"\nAll models gave the same answer to {(same == 1 ? "1 prompt, which counts as a tie and was" : $"{same} prompts, which count as ties and were")} not asked about.");
        if (unanswered > 0) terminal.Out.WriteLine($"\n{Sizes.Of(unanswered, "prompt", "prompts")} had a model without an answer, and nobody was asked about {(unanswered == 1 ? "it" : "them")}; the next start asks the model again.");
        if (outdated > 0) terminal.Out.WriteLine($"\n{Sizes.Of(outdated, "vote", "votes")} in the file {(outdated == 1 ? "was" : "were")} on other answers than these and {(outdated == 1 ? "does" : "do")} not count.");
        Summarize(models, votes);
    }

    /// <summary>What a person sees of an answer.</summary>
    private static string Words(Response response) => response.Failure ?? response.Text.Trim();

    /// <summary>Shows a question.</summary>
    public static void ShowPrompt(ShowcasePrompt prompt, Terminal terminal)
    {
        terminal.Out.WriteLine($"\n=== {Sentences.Printable($"{prompt.Name} ({prompt.Language})")} ===");
        foreach (ChatMessage message in prompt.Messages) WriteLines(prompt.Messages.Count == 1 ? message.Content : $"{message.Role}: {message.Content}", terminal);
    }

    /// <summary>Shows an answer under a name, or a letter that stands for it.</summary>
    public static void ShowAnswer(string name, Response response, Terminal terminal)
    {
        terminal.Out.WriteLine($"\n--- {Sentences.Printable(name)}{(response.Failure is not null ? " (no answer)" : response.FinishReason == FinishReason.Length ? " (cut off)" : "")}");
        WriteLines(response.Failure ?? response.ShownText, terminal);
    }

    private static void WriteLines(string text, Terminal terminal)
    {
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n')) terminal.Out.WriteLine(Sentences.Printable(line));
    }

    /// <summary>The place of the best answer, or none of them; null where the person leaves.</summary>
    private (int? Place, bool IsSkipped)? Ask(int count)
    {
        while (true)
        {
            terminal.Out.Write($"\nWhich is best? {string.Join(", ", Letters[..count].ToCharArray())}, = (equal), s (skip) or q (leave): ");
            string? line = ReadLine()?.Trim().ToUpperInvariant();
            switch (line)
            {
                case null or "Q": return null;
                case "S": return (null, true);
                case "=": return (null, false);
                case [var letter] when Letters.IndexOf(letter) is var place && place >= 0 && place < count: return (place, false);
                default: terminal.Out.WriteLine("That is none of them."); break;
            }
        }
    }

    private string? ReadLine()
    {
        _readLine ??= terminal.ReadLine is { } typed && !terminal.IsInputPiped ? typed : new StreamReader(terminal.Input).ReadLine;
        // A blocked read cannot be interrupted; whoever waits for it can.
        Task<string?> reading = Task.Run(_readLine, CancellationToken.None);
        reading.Wait(cancellation);
        return reading.Result;
    }

    private void Summarize(string[] models, List<ShowcaseVote> votes)
    {
        double[][] wins = ShowcaseVote.Wins(models, votes);
        BradleyTerry? fit = BradleyTerry.Fit(wins);
        IReadOnlyList<Interval>? intervals = fit?.Intervals();
        string Elo(double strength) => (BradleyTerry.EloCentre + BradleyTerry.EloPerLogStrength * strength).ToString("0", CultureInfo.InvariantCulture);
        var table = new Table(
            [new Column("model"), new Column("won", Alignment.End), new Column("lost", Alignment.End), new Column("Elo", Alignment.End), new Column("95 % interval", Alignment.End)],
            [
                .. models.Select((model, i) => new Row(
                [
                    model, wins[i].Sum().ToString("0.#", CultureInfo.InvariantCulture), wins.Sum(row => row[i]).ToString("0.#", CultureInfo.InvariantCulture),
                    fit is null ? "–" : Elo(fit.LogStrengths[i]), intervals is null ? "–" : $"{Elo(intervals[i].Low)} to {Elo(intervals[i].High)}",
                ])),
            ]);
        terminal.Out.WriteLine($"\n{Sizes.Of(votes.Count, "vote", "votes")} in {Sentences.Printable(path)}");
        terminal.Out.Write(TextTable.Render(table));
        if (fit is null) terminal.Out.WriteLine("Strengths cannot be told yet: every model must have beaten, and been beaten by, the others, directly or through a third.");
    }
}
