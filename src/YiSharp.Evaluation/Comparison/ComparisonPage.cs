using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>A comparison as one HTML page: scores and differences drawn, subjects, the hardest questions, and answers in which nothing was found.</summary>
public static class ComparisonPage
{
    private const int MostQuestions = 12; // shown of a kind

    /// <summary>The page.</summary>
    /// <param name="runs">The runs, the baseline first.</param>
    /// <param name="comparison">Their comparison.</param>
    /// <param name="footer">How it was made, Markdown.</param>
    public static ReportPage Create(PairedRuns runs, ComparisonTable comparison, string footer)
    {
        var sections = new List<Section>
        {
            new("Differences",
            [
                new Callout(Tone.Plain, string.Join("\n\n", comparison.Describe().Select(MarkdownEscape))),
                .. runs.RulesRemark is { } remark ? (Block[])[new Callout(Tone.Warning, MarkdownEscape(remark))] : [],
                DifferencePlot.Create("Differences between models", runs.Names, [.. comparison.Pairs.Select(p => Point(runs.Names, p))]),
                ComparisonTables.Differences(comparison),
            ]),
            new("Scores",
            [
                ScorePlot.Create("Scores", [.. comparison.Scores.Select(s => new ScorePoint(s.Row.Name, s.Run, s.Score, s.Interval.Low, s.Interval.High))]),
                ComparisonTables.Scores(comparison),
            ]),
        };
        Table[] subjects = [.. runs.Tasks.Select(task => Subjects(runs, task)).OfType<Table>()];
        if (subjects.Length > 0) sections.Add(new Section("Subjects", subjects));
        ChosenItems hardest = ChosenItems.Of(Hardest(runs)), failures = ChosenItems.Of(Failures(runs));
        IReadOnlyDictionary<int, Sample[]> samples = runs.Read([.. hardest.Shown, .. failures.Shown]);
        Add(sections, "The hardest questions", "Wrong by most models.", hardest, runs, samples);
        Add(sections, "Nothing found", "What the model said holds no answer in the form asked for, or no answer came.", failures, runs, samples);
        return new ReportPage($"{string.Join(", ", runs.Names.Skip(1))} against {runs.Names[0]}", sections)
        {
            Kind = "Comparison",
            Lead = string.Create(CultureInfo.InvariantCulture, $"{Sizes.Of(runs.Count, "question", "questions")} of {Sizes.Of(runs.Tasks.Count(), "task", "tasks")}, the same for every model{(runs.OnlyModel is { } model ? $"; all runs are of {MarkdownEscape(model)}" : "")}{(runs.LeftOut > 0 ? $"; {Sizes.Of(runs.LeftOut, "question that not all were asked is", "questions that not all were asked are")} left out" : "")}. {SampleBlocks.MarkNote}"),
            Footer = footer,
        };
    }

    private static DifferencePoint Point(IReadOnlyList<string> names, ComparedPair pair)
    {
        int Place(string name) => names.TakeWhile(other => other != name).Count();
        return new(pair.Row.Name, Place(pair.Paired.Candidate), Place(pair.Paired.Baseline), pair.Paired.Difference, pair.Paired.Interval.Low, pair.Paired.Interval.High);
    }

    /// <summary>A line for each subject, a column for each model; null for a task without subjects.</summary>
    private static Table? Subjects(PairedRuns runs, string task)
    {
        int[][] strata = new ComparisonRow(task, Averaging.Macro).Strata(runs.Outcomes[0]);
        if (strata.Length < 2) return null;
        return new Table(
            [new Column("subject"), new Column("items", Alignment.End), .. runs.Names.Select(name => new Column(name, Alignment.End))],
            [.. strata.Select(items => new Row([runs.Outcomes[0][items[0]].Subject ?? "–", ComparisonTables.Count(items.Length), .. runs.Outcomes.Select(outcomes => SubjectScore([.. items.Select(i => outcomes[i])]))]))])
        {
            Caption = task,
        };
    }

    private static Cell SubjectScore(SampleOutcome[] outcomes)
    {
        RunScore score = RunScore.Of(new ComparisonRow(outcomes[0].Task, Averaging.Micro), "", outcomes);
        return new Cell(ComparisonTables.Percent(score.Score)) { Bar = new IntervalBar(score.Interval.Low, score.Score, score.Interval.High) };
    }

    private static List<int> Hardest(PairedRuns runs)
    {
        int[] wrong = [.. Enumerable.Range(0, runs.Count).Select(item => runs.Outcomes.Count(outcomes => !outcomes[item].IsCorrect))];
        int most = wrong.Max();
        return most == 0 ? [] : [.. Enumerable.Range(0, wrong.Length).Where(item => wrong[item] == most)];
    }

    private static List<int> Failures(PairedRuns runs) =>
        [.. Enumerable.Range(0, runs.Count).Where(item => runs.Outcomes.Any(outcomes => outcomes[item].IsNothingFound || outcomes[item].HasFailed))];

    private static void Add(List<Section> sections, string heading, string explanation, ChosenItems items, PairedRuns runs, IReadOnlyDictionary<int, Sample[]> samples)
    {
        if (items.Count == 0) return;
        string some = string.Create(CultureInfo.InvariantCulture, $"{explanation} {Sizes.Of(items.Count, "question", "questions")}{(items.Shown.Length < items.Count ? $", {items.Shown.Length} of them at even distances" : "")}.");
        sections.Add(new Section(heading, [new Prose(some), .. items.Shown.Select(item => SampleBlocks.Answers(runs.Names, samples[item]))]));
    }

    /// <summary>Some of many items, taken at even distances so that all tasks are seen.</summary>
    private sealed record ChosenItems(int Count, int[] Shown)
    {
        public static ChosenItems Of(List<int> items)
        {
            int shown = Math.Min(MostQuestions, items.Count);
            return new ChosenItems(items.Count, [.. Enumerable.Range(0, shown).Select(i => items[(int)((long)i * items.Count / shown)])]);
        }
    }

    private static string MarkdownEscape(string text) => string.Concat(text.Select(c => c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '~' or '#' or '|' ? $"\\{c}" : c.ToString()));
}
