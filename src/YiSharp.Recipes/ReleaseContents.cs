using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Training;

namespace YiSharp.Recipes;

/// <summary>Everything that the cards and the report of a finished release are made from.</summary>
internal sealed record ReleaseContents(
    Recipe Recipe,
    string Folder,
    IReadOnlyDictionary<string, string> Inputs,
    IReadOnlyList<ModelVersion> Versions,
    IReadOnlyList<IEvaluationTask> Tasks,
    IReadOnlyList<ShowcasePrompt> Prompts,
    IReadOnlyList<(string Name, TrainReport Report)> Runs,
    IReadOnlyDictionary<string, IReadOnlyList<Response>> Showcase,
    IReadOnlyList<StageTiming> Timings)
{
    /// <summary>Answers below this share of the base's length have lost their content.</summary>
    private const double ShrunkShare = 0.25;

    private readonly Dictionary<string, IReadOnlyList<Sample>> _samples = new(StringComparer.Ordinal);

    /// <summary>What a model said to every question, in order.</summary>
    public IReadOnlyList<Sample> SamplesOf(string key)
    {
        if (!_samples.TryGetValue(key, out IReadOnlyList<Sample>? samples))
        {
            _samples.Add(key, samples = Sample.ReadAll(Path.Combine(Folder, "evaluation", key, Sample.FileName)));
        }
        return samples;
    }

    /// <summary>The numbers of the release.</summary>
    public ReleaseSummary Summarize()
    {
        ModelVersion basis = Versions[0];
        ReleasedModel[] models = [.. Versions.Select(version => Summarize(version, basis))];
        ReleasedModel chat = models.Single(m => m.Key == "chat");
        bool improved = chat.AgainstBase.Where(IsTrained).All(c => !c.CannotTellApart && c.Difference > 0);
        return new ReleaseSummary(
            Recipe.Name, typeof(Release).Assembly.GetName().Version!.ToString(3), chat.Verdict!, Caution(), improved, Recipe, LicenseOf(basis), Inputs,
            [.. Runs.Select(run => new ReleasedRun(run.Name, run.Report.ExampleCount, run.Report.Steps.Count, run.Report.TrainedCount, run.Report.Steps[0].Loss, run.Report.Steps[^1].Loss))],
            models);
    }

    private ReleasedModel Summarize(ModelVersion version, ModelVersion basis)
    {
        using Checkpoint checkpoint = Checkpoint.Open(version.Path);
        long weights = checkpoint.Weights.Values.Sum(w => (long)w.Rows * w.RowBytes);
        EvaluationReport report = EvaluationReport.Read(Path.Combine(Folder, "evaluation", version.Key, EvaluationReport.FileName));
        IReadOnlyList<PairedComparison> againstBase = version == basis ? [] : PairedComparison.Compare(basis.Title, SamplesOf(basis.Key), version.Title, SamplesOf(version.Key));
        return new ReleasedModel(
            version.Key, version.Title, version.Description, version.Path.StartsWith(Folder, StringComparison.Ordinal) ? version.Key : null,
            version.Bytes(), checkpoint.ParameterCount, Math.Round(8.0 * weights / checkpoint.ParameterCount, 3), report.Tasks,
            againstBase, version == basis ? null : Judge(version.Title, againstBase));
    }

    private static string? LicenseOf(ModelVersion basis)
    {
        using Checkpoint checkpoint = Checkpoint.Open(basis.Path);
        return checkpoint.License;
    }

    private bool IsTrained(PairedComparison comparison) => Recipe.Abilities.Any(ability => ability.Name == comparison.Task);

    /// <summary>Whether a model is better than the base on the abilities that were trained, said plainly either way.</summary>
    private string Judge(string title, IReadOnlyList<PairedComparison> againstBase)
    {
        PairedComparison[] trained = [.. againstBase.Where(IsTrained)];
        string[] better = [.. trained.Where(c => !c.CannotTellApart && c.Difference > 0).Select(Describe)];
        string[] others = [.. trained.Where(c => c.CannotTellApart || c.Difference <= 0).Select(Describe)];
        string name = title == "chat" ? "The fine-tuned model" : $"The fine-tuned model ({title})";
        if (others.Length == 0) return $"{name} is better than the base on every trained ability: {string.Join("; ", better)}.";
        string rest = better.Length == 0 ? "" : $" It is better on {string.Join("; ", better)}.";
        return $"{name} is not shown to be better than the base on {string.Join("; ", others)}.{rest}";

        static string Describe(PairedComparison c) => string.Create(CultureInfo.InvariantCulture,
            $"{c.Task} {PairedComparison.Points(c.Difference)} points (95 % interval {PairedComparison.PointsRange(c.Interval)}, {PairedComparison.FormatP(c.AdjustedP)})");
    }

    /// <summary>Says so when the fine-tuned model's answers to the showcase's questions have shrunk to a fraction of the base's.</summary>
    private string? Caution()
    {
        if (Prompts.Count == 0) return null;
        double before = Showcase["base"].Average(r => r.Text.Length), after = Showcase["chat"].Average(r => r.Text.Length);
        return after >= ShrunkShare * before ? null : string.Create(CultureInfo.InvariantCulture,
            $"It was trained on {string.Join(" and ", Recipe.Abilities.Select(a => a.Name))} alone and answers other questions in their forms too: {after:0} characters on average to the showcase's questions, where the base gives {before:0}. Rows of general conversation in the mixture keep that ability.");
    }
}
