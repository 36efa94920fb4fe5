namespace YiSharp.Evaluation;

/// <summary>A model's answers, to be held against those of others.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Samples">Its answers.</param>
public sealed record ComparedRun(string Name, IReadOnlyList<Sample> Samples)
{
    /// <summary>Reads the folder of a finished evaluation.</summary>
    /// <param name="folder">Holds <c>evaluation.json</c> and <c>samples.jsonl</c>.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public static ComparedRun Read(string folder)
    {
        string path = Path.Combine(folder, Sample.FileName);
        EvaluationReport report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName));
        IReadOnlyList<Sample> samples = Sample.ReadAll(path);
        Dictionary<string, int> counts = samples.CountBy(s => s.Task, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (TaskScore task in report.Tasks)
        {
            int found = counts.GetValueOrDefault(task.Name);
            if (found != task.Count)
                throw new InvalidDataException($"{path}: {found} samples of {task.Name}, and {EvaluationReport.FileName} beside it counts {task.Count}; one of the two is damaged: evaluate the model again.");
        }
        return new ComparedRun(report.Model, samples);
    }
}
