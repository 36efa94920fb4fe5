using System.Globalization;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Recipes;

/// <summary>The <c>report.html</c> of a release.</summary>
internal sealed class ReleasePage(ReleaseContents contents, ReleaseSummary summary)
{
    private const int SamplesPerTask = 3;

    /// <summary>The page.</summary>
    public string ToHtml() => Compose().ToHtml();

    private ReportPage Compose()
    {
        ReleasedModel chat = summary.Models.Single(m => m.Key == "chat");
        return new ReportPage(summary.Name,
        [
            new Section("Scores", [.. Scores()]),
            new Section("Against the base", [.. Comparisons()]),
            new Section("Training", [.. Training()]),
            new Section("Before and after", [.. BeforeAndAfter()]),
            .. contents.Prompts.Count == 0 ? Array.Empty<Section>() : [new Section("Showcase", [.. Showcase()])],
            new Section("How it was made", [.. Provenance()]),
            new Section("Timings", [Timings()]),
        ])
        {
            Kind = "Release report",
            Lead = $"From **{Path.GetFileName(summary.Recipe.Model)}** to a chat model with {string.Join(" and ", summary.Recipe.Abilities.Select(a => $"*{a.Name}*"))}, "
                + $"{(summary.Models.Any(m => m.Key.EndsWith("bits", StringComparison.Ordinal)) ? "and its quantized versions, " : "")}measured on the same questions with the same prompts and greedy generation.",
            Figures =
            [
                .. chat.AgainstBase.Where(c => summary.Recipe.Abilities.Any(a => a.Name == c.Task)).Select(c => new Figure(
                    c.Task, Units.Percent(chat.Scores.First(s => s.Name == c.Task).Accuracy), $"{PairedComparison.Points(c.Difference)} points against the base",
                    c.CannotTellApart ? Tone.Warning : c.Difference > 0 ? Tone.Good : Tone.Bad)),
                new Figure("examples", summary.Training[0].Examples.ToString(CultureInfo.InvariantCulture), Sizes.Of(summary.Training[0].Steps, "update", "updates")),
                new Figure("smallest version", Sizes.Bytes(summary.Models.Where(m => m.Folder is not null).Min(m => m.Bytes)), $"chat {Sizes.Bytes(chat.Bytes)}"),
            ],
            Footer = $"Made by YiSharp {summary.Version} from the recipe *{summary.Name}*, seed {summary.Recipe.Seed}.",
        };
    }

    private IEnumerable<Block> Scores()
    {
        yield return new Callout(summary.Improved ? Tone.Good : Tone.Warning, summary.Verdict);
        if (summary.Caution is not null) yield return new Callout(Tone.Warning, summary.Caution);
        yield return new Table(
            [
                new Column("model"),
                .. contents.Tasks.Select(t => new Column(t.Name, Alignment.End, Sizes.Of(t.Examples.Count, "item", "items"))),
                new Column("nothing found", Alignment.End, "answers"), new Column("cut off", Alignment.End, "answers"),
                new Column("size", Alignment.End, "on disk"), new Column("bits", Alignment.End, "per weight"),
            ],
            [.. summary.Models.Select(model => new Row(
                [
                    new Cell(model.Title, model.Description),
                    .. model.Scores.Select(s => new Cell(Units.Percent(s.Accuracy), $"{Units.Range(s.Interval)}\nnothing found in {s.ExtractionFailures}") { Bar = new IntervalBar(s.Interval.Low, s.Accuracy, s.Interval.High) }),
                    Count(model.Scores.Sum(s => s.ExtractionFailures)), Count(model.Scores.Sum(s => s.Truncated)),
                    Sizes.Bytes(model.Bytes), model.BitsPerWeight.ToString("0.00", CultureInfo.InvariantCulture),
                ], model.Key == "chat"))])
        {
            Caption = "Scores of every model on every task",
            Note = $"Zero-shot, the model's own chat template, greedy, at most {summary.Recipe.Evaluate.MaxNewTokens} new tokens, for all models alike. Under each score its 95 % interval (Wilson) and "
                + "the number of answers in which nothing of the form asked for was found; those count as wrong. The size of a model with an adapter is that of both.",
        };
        yield return ScorePlot.Create("Scores with 95 % intervals", [.. contents.Tasks.SelectMany((task, i) => summary.Models.Select(model =>
            new ScorePoint(task.Name, model.Title, model.Scores[i].Accuracy, model.Scores[i].Interval.Low, model.Scores[i].Interval.High)))]);
    }

    private IEnumerable<Block> Comparisons()
    {
        yield return new Prose("Every model answered the same items, so each is compared with the base item by item: what counts is on how many items only one of the two was right. "
            + "Intervals of the difference are Tango's; p-values are McNemar's exact ones, adjusted by Holm over a model's tasks.");
        yield return new Table(
            [
                new Column("model"), new Column("task"), new Column("only this one right", Alignment.End), new Column("only the base right", Alignment.End),
                new Column("difference", Alignment.End, "points"), new Column("95 % interval", Alignment.End), new Column("p", Alignment.End, "adjusted"), new Column("finding"),
            ],
            [.. summary.Models.SelectMany(model => model.AgainstBase.Select(c => new Row(
                [
                    model.Title, c.Task, Count(c.OnlyCandidate), Count(c.OnlyBaseline), PairedComparison.Points(c.Difference),
                    PairedComparison.PointsRange(c.Interval), PairedComparison.FormatP(c.AdjustedP),
                    c.Finding.ToCell(),
                ])))])
        { Caption = "Paired comparisons with the base" };
    }

    private IEnumerable<Block> Training()
    {
        TrainRecipe train = summary.Recipe.Train;
        if (train.Elicit is { } elicit) yield return new Callout(Tone.Plain, Lesson(elicit));
        yield return new Prose(string.Create(CultureInfo.InvariantCulture,
            $"LoRA of rank {train.Rank} on all seven linears of a layer, alpha {train.Alpha}, constant learning rate {train.LearningRate:0.######}, batches of {train.BatchSize}, AdamW; the loss counts the assistant's tokens alone, its end of turn included."));
        yield return new Table(
            [new Column("run"), new Column("examples", Alignment.End), new Column("updates", Alignment.End), new Column("trained weights", Alignment.End), new Column("first loss", Alignment.End), new Column("last loss", Alignment.End)],
            [.. summary.Training.Select(run => new Row(
            [
                run.Title, Count(run.Examples), Count(run.Steps), run.TrainedWeights.ToString("N0", CultureInfo.InvariantCulture),
                run.FirstLoss.ToString("0.000", CultureInfo.InvariantCulture), run.LastLoss.ToString("0.000", CultureInfo.InvariantCulture),
            ]))])
        { Caption = "Training runs" };
        yield return LossCurve.Create("Loss of each update", [.. contents.Runs.Select(run => new LossRun(run.Name, [.. run.Report.Steps.Select(s => new LossPoint(s.Number, s.Loss))]))]);
    }

    /// <summary>What the few rows did to their own ability and to the others: the account's first lesson, as it shows here.</summary>
    private string Lesson(ElicitRecipe elicit)
    {
        ReleasedModel basis = summary.Models[0], few = summary.Models.Single(m => m.Key == "elicit");
        string[] others = [.. few.AgainstBase.Where(c => c.Task != elicit.Ability).Select(c => $"{c.Task} {PairedComparison.Points(c.Difference)}")];
        return $"**Few examples wake an ability.** {Sizes.Of(elicit.Rows, "row", "rows")} of *{elicit.Ability}* alone took it from {Units.Percent(Accuracy(basis))} to {Units.Percent(Accuracy(few))}"
            + (others.Length == 0 ? "." : $"; the other tasks moved by: {string.Join(", ", others)} points.");

        double Accuracy(ReleasedModel model) => model.Scores.Single(s => s.Name == elicit.Ability).Accuracy;
    }

    private IEnumerable<Block> BeforeAndAfter()
    {
        yield return new Prose("The first items of each task, as the base and the fine-tuned model answered them; every answer of every model stands in `evaluation/*/samples.jsonl`.");
        foreach (IEvaluationTask task in contents.Tasks)
        {
            for (int i = 0; i < Math.Min(SamplesPerTask, task.Examples.Count); i++)
            {
                TaskExample example = task.Examples[i];
                yield return new Answers(example.Messages[^1].Content,
                [
                    .. new[] { "base", "chat" }.Select(key => (Title: contents.Versions.Single(v => v.Key == key).Title, Sample: contents.SamplesOf(key).First(s => s.Task == task.Name && s.Item == example.Item)))
                        .Select(pair => new Answer(pair.Title, pair.Sample.Response.ShownText) { Format = TextFormat.Plain, Verdict = Verdict(pair.Sample), Tone = pair.Sample.Prediction.Correct ? Tone.Good : Tone.Bad }),
                ])
                { Label = $"{task.Name} {example.Item + 1}", Expected = example.Answer };
            }
        }
    }

    private IEnumerable<Block> Showcase()
    {
        yield return new Prose($"Questions without a score, answered by each model in at most {summary.Recipe.Evaluate.MaxNewTokens} tokens: an opinion, a piece of writing, a play on words.");
        for (int i = 0; i < contents.Prompts.Count; i++)
        {
            ShowcasePrompt prompt = contents.Prompts[i];
            yield return new Answers(prompt.Messages[^1].Content, [.. contents.Versions.Select(version => Answered(version, contents.Showcase[version.Key][i]))])
            { Label = $"{prompt.Name}, {prompt.Language}", Language = prompt.Language };
        }
    }

    private static Answer Answered(ModelVersion version, Response response) => new(version.Title, response.ShownText)
    {
        Verdict = response.FinishReason == Inference.FinishReason.Length ? "cut off at the limit" : null,
        Tone = Tone.Quiet,
    };

    private IEnumerable<Block> Provenance()
    {
        yield return new Code($"yi release {summary.Name}.yaml", "Command");
        yield return new Code(summary.Recipe.Describe(), "Recipe, defaults spelled out");
        yield return new Fold("sha256 of every input", [new Table([new Column("input"), new Column("sha256")], [.. summary.Inputs.Select(i => new Row([i.Key, i.Value]))]) { Caption = "Inputs" }]);
    }

    private Table Timings() => new(
        [new Column("stage"), new Column("time", Alignment.End)],
        [
            .. contents.Timings.Select(t => new Row([t.Stage, Units.Duration(t.Seconds)])),
            new Row(["all", Units.Duration(contents.Timings.Sum(t => t.Seconds))], Highlighted: true),
        ])
    { Caption = "Wall-clock time of each stage", Note = "From `timings.json`: the only part of the page that differs from run to run." };

    private static string Verdict(Sample sample) => sample.Prediction switch
    {
        { Correct: true } => "right",
        { Extracted: null } => "nothing of the form asked for",
        _ => "wrong",
    };

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
