namespace YiSharp.Evaluation;

/// <summary>A folder of results, ours or another program's.</summary>
public static class RunFolder
{
    private const string Known = $"{EvaluationReport.FileName} and {Sample.FileName}, results_*.json and samples_*.jsonl of lm-evaluation-harness, or predictions/ and results/ of OpenCompass";

    /// <summary>Reads what a folder holds to compare: our evaluation, or the models of another program's results.</summary>
    /// <exception cref="InvalidDataException">It holds no results, or damaged ones.</exception>
    public static IReadOnlyList<ComparedRun> Read(string folder) => File.Exists(Path.Combine(folder, EvaluationReport.FileName)) || EvaluationReport.IsUnfinished(folder) ? [ComparedRun.Read(folder)]
        : [.. Import(folder).Select(run => ComparedRun.Of(run.Report, run.Samples, folder))];

    /// <summary>Reads results of lm-evaluation-harness or OpenCompass, a run for each model.</summary>
    /// <param name="folder">A model's folder of lm-evaluation-harness, one with several of them, or an experiment's of OpenCompass.</param>
    /// <param name="filter">Of lm-evaluation-harness: the filter to take; null for the usual one.</param>
    /// <exception cref="InvalidDataException">It holds no results, or damaged ones.</exception>
    /// <exception cref="NotSupportedException">The results do not say which answers were right.</exception>
    public static IReadOnlyList<ImportedRun> Import(string folder, string? filter = null)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder} is no folder; expected one with an evaluation ({EvaluationReport.FileName}).");
        if (File.Exists(Path.Combine(folder, EvaluationReport.FileName)))
            throw new InvalidDataException($"{folder} holds an evaluation of ours already, which needs no import; yi eval report, yi eval audit and yi compare read it as it is.");
        if (LmEvalFolder.IsAt(folder)) return [LmEvalImport.Read(folder, filter)];
        string[] models = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Where(LmEvalFolder.IsAt)];
        if (models.Length > 0) return [.. models.Select(model => LmEvalImport.Read(model, filter))];
        if (OpenCompassImport.Find(folder) is not { } run) throw new InvalidDataException($"{folder} holds no results; expected {Known}.");
        if (filter is not null) throw new InvalidDataException($"--filter is '{filter}', and {folder} holds results of OpenCompass, whose answers are read by no filters; leave it out.");
        return OpenCompassImport.ReadAll(run);
    }
}
