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
        (string verdict, bool improved) = Judge(models.Single(m => m.Key == "chat"));
        return new ReleaseSummary(
            Recipe.Name, typeof(Release).Assembly.GetName().Version!.ToString(3), verdict, improved, Recipe, LicenseOf(basis), Inputs,
            [.. Runs.Select(run => new ReleasedRun(run.Name, run.Report.ExampleCount, run.Report.Steps.Count, run.Report.TrainedCount, run.Report.Steps[0].Loss, run.Report.Steps[^1].Loss))],
            models);
    }

    private ReleasedModel Summarize(ModelVersion version, ModelVersion basis)
    {
        using Checkpoint checkpoint = Checkpoint.Open(version.Path);
        long weights = checkpoint.Weights.Values.Sum(w => (long)w.Rows * w.RowBytes);
        EvaluationReport report = EvaluationReport.Read(Path.Combine(Folder, "evaluation", version.Key, EvaluationReport.FileName));
        return new ReleasedModel(
            version.Key, version.Title, version.Description, version.Path.StartsWith(Folder, StringComparison.Ordinal) ? version.Key : null,
            version.Bytes(), checkpoint.ParameterCount, Math.Round(8.0 * weights / checkpoint.ParameterCount, 3), report.Tasks,
            version == basis ? [] : PairedComparison.Compare(basis.Title, SamplesOf(basis.Key), version.Title, SamplesOf(version.Key)));
    }

    private static string? LicenseOf(ModelVersion basis)
    {
        using Checkpoint checkpoint = Checkpoint.Open(basis.Path);
        return checkpoint.Gguf?.Text("general.license");
    }

    /// <summary>Whether the chat model is better than the base on the abilities that it was trained on, said plainly either way.</summary>
    private (string Verdict, bool Improved) Judge(ReleasedModel chat)
    {
        PairedComparison[] trained = [.. chat.AgainstBase.Where(c => Recipe.Abilities.Any(a => a.Name == c.Task))];
        string[] better = [.. trained.Where(c => !c.CannotTellApart && c.Difference > 0).Select(Describe)];
        string[] others = [.. trained.Where(c => c.CannotTellApart || c.Difference <= 0).Select(Describe)];
        if (others.Length == 0) return ($"The fine-tuned model is better than the base on every trained ability: {string.Join("; ", better)}.", true);
        string rest = better.Length == 0 ? "" : $" It is better on {string.Join("; ", better)}.";
        return ($"The fine-tuned model is not shown to be better than the base on {string.Join("; ", others)}.{rest}", false);

        static string Describe(PairedComparison c) => string.Create(CultureInfo.InvariantCulture,
            $"{c.Task} {PairedComparison.Points(c.Difference)} points (95 % interval {PairedComparison.Points(c.Interval.Low)} to {PairedComparison.Points(c.Interval.High)}, {PairedComparison.FormatP(c.AdjustedP)})");
    }
}
