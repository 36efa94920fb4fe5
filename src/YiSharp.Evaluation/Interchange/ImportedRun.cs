using System.Globalization;
using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>Another program's results in our form.</summary>
/// <param name="Report">Its scores, counted from the samples.</param>
/// <param name="Samples">Its answers.</param>
public sealed record ImportedRun(EvaluationReport Report, IReadOnlyList<Sample> Samples)
{
    /// <summary>What each task's scores mean where there was a choice, in sentences.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>A run of samples.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="protocol">How it was asked.</param>
    /// <param name="samples">Its answers.</param>
    /// <param name="describe">Adds to a task's score what is known of how it was asked; null for nothing.</param>
    internal static ImportedRun Of(string model, EvaluationProtocol protocol, IReadOnlyList<Sample> samples, Func<TaskScore, TaskScore>? describe = null)
    {
        using var fingerprint = new Fingerprint();
        foreach (Sample sample in samples) fingerprint.Add(sample.ToJson());
        string hash = fingerprint.ToString();
        TaskScore[] tasks = [.. samples.GroupBy(s => s.Task, StringComparer.Ordinal).Select(task => TaskScore.Of(task.Key, task)).Select(describe ?? (score => score))];
        return new ImportedRun(new EvaluationReport(model, hash, protocol, hash, tasks), samples);
    }

    /// <summary>Writes <c>evaluation.json</c> and <c>samples.jsonl</c>.</summary>
    /// <param name="folder">Where they go; created if absent.</param>
    /// <exception cref="InvalidDataException">An evaluation is there already.</exception>
    public void Write(string folder)
    {
        if (File.Exists(Path.Combine(folder, EvaluationReport.FileName)))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{folder} holds an evaluation already; give another folder, or delete it."));
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, Sample.FileName), string.Concat(Samples.Select(s => s.ToJson() + "\n")));
        Report.Write(Path.Combine(folder, EvaluationReport.FileName));
    }
}
