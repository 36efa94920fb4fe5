using System.Globalization;
using System.Text;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Recipes;

/// <summary>The README.md of a released model, with the front matter that model hubs read.</summary>
internal static class ModelCard
{
    /// <summary>The card of one model.</summary>
    public static string Write(ReleaseSummary release, ModelVersion version)
    {
        ReleasedModel model = release.Models.First(m => m.Key == version.Key);
        var card = new StringBuilder();
        string baseName = Path.GetFileName(release.Recipe.Model.TrimEnd('/', '\\'));
        card.Append(CultureInfo.InvariantCulture, $"""
            ---{(release.License is null ? "" : $"\nlicense: {release.License}")}
            base_model: {baseName}
            pipeline_tag: text-generation
            tags: [yisharp, chat{(model.Key == "chat" ? "" : ", quantized")}]
            ---

            # {release.Name}: {model.Title}

            {char.ToUpperInvariant(model.Description[0])}{model.Description[1..]}. Made from **{baseName}** by YiSharp {release.Version}; {model.Parameters:N0} weights, {model.BitsPerWeight:0.00} bits each, {Sizes.Bytes(model.Bytes)}. The
            licence is that of the base model{(release.License is null ? "" : $" ({release.License})")} and of the training data.

            ## Use

                yi chat --model .

            The chat template and the ids that end a turn are part of the model's files.

            ## Training

            LoRA of rank {release.Recipe.Train.Rank} on all linears, alpha {release.Recipe.Train.Alpha}, learning rate {release.Recipe.Train.LearningRate:0.######}, batch {release.Recipe.Train.BatchSize}, {Sizes.Of(release.Recipe.Train.Epochs, "epoch", "epochs")}, loss on the assistant's tokens alone, seed {release.Recipe.Seed}.


            """);
        foreach (ReleasedRun run in release.Training.Take(1))
        {
            card.Append(CultureInfo.InvariantCulture, $"{Sizes.Of(run.Examples, "example", "examples")} ({string.Join(", ", release.Recipe.Abilities.Select(a => a.Name))}), {Sizes.Of(run.Steps, "update", "updates")}, loss {run.FirstLoss:0.000} → {run.LastLoss:0.000} nats per target token.\n\n");
        }
        card.Append(CultureInfo.InvariantCulture, $"## Evaluation\n\nZero-shot, chat template, greedy, at most {release.Recipe.Evaluate.MaxNewTokens} new tokens; the same questions and rules for every model. In brackets 95 % intervals (Wilson); answers in which nothing of the form asked for was found count as wrong.\n\n");
        card.Append(MarkdownTable.Render(Scores(release, model)));
        card.Append(CultureInfo.InvariantCulture, $"\n{model.Verdict}\n");
        if (release.Caution is not null) card.Append(CultureInfo.InvariantCulture, $"\n## Limits\n\n{release.Caution}\n");
        return card.ToString().ReplaceLineEndings("\n");
    }

    private static Table Scores(ReleaseSummary release, ReleasedModel model)
    {
        ReleasedModel basis = release.Models[0];
        return new Table(
            [new Column("task"), new Column("items", Alignment.End), new Column(model.Title, Alignment.End), new Column("nothing found", Alignment.End), new Column("base", Alignment.End), new Column("difference", Alignment.End)],
            [.. model.Scores.Select((score, i) => new Row(
            [
                score.Name, score.Count.ToString(CultureInfo.InvariantCulture), $"{Units.Percent(score.Accuracy)} ({Units.Range(score.Interval)})",
                score.ExtractionFailures.ToString(CultureInfo.InvariantCulture), Units.Percent(basis.Scores[i].Accuracy), Difference(model.AgainstBase[i]),
            ]))]);
    }

    private static string Difference(PairedComparison c) =>
        $"{PairedComparison.Points(c.Difference)} ({PairedComparison.PointsRange(c.Interval)})";
}
