using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>
/// An evaluation as lm-evaluation-harness 0.4 would have written it with <c>--log_samples</c>: its field names, file names, hashes of prompts and targets, and standard errors (sample
/// deviation / √n; of a group, the pooled variance). What only its own task definitions hold (documents, configurations) is given as far as we know it.
/// </summary>
public static class LmEvalExport
{
    private static readonly JsonSerializerOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As lm-evaluation-harness writes results, and hashes documents.</summary>
    internal static readonly JsonSerializerOptions Indented = new(Lines) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes a model's folder.</summary>
    /// <param name="run">Folder of an evaluation of ours.</param>
    /// <param name="output">Where the model's folder goes; created if absent.</param>
    /// <returns>Path of the results file.</returns>
    /// <exception cref="InvalidDataException">The evaluation is missing or damaged.</exception>
    public static string Write(string run, string output)
    {
        string reportPath = Path.Combine(run, EvaluationReport.FileName);
        EvaluationReport report = EvaluationReport.Read(reportPath);
        Sample[] samples = [.. Sample.Stream(run, report)];
        // The evaluation's own time, so that one run is always exported as the same files.
        string date = File.GetLastWriteTimeUtc(reportPath).ToString("yyyy-MM-dd'T'HH-mm-ss.ffffff", CultureInfo.InvariantCulture);
        ExportedTask[] tasks = [.. samples.GroupBy(s => (s.Task, s.Subject)).Select(group => ExportedTask.Of(group.Key.Task, group.Key.Subject, [.. group]))];
        RequireOwnFiles(tasks);

        string folder = Path.Combine(output, FileNameOf(report.Model));
        Directory.CreateDirectory(folder);
        foreach (ExportedTask task in tasks)
        {
            var generation = GenerationArguments.Of(report[task.Group], report.Protocol);
            IEnumerable<string> rows = task.Samples.Select(sample => LmEvalRowWriter.ToJson(sample, task, generation).ToJsonString(Lines) + "\n");
            AtomicFile.WriteAllText(Path.Combine(folder, $"samples_{FileNameOf(task.Name)}_{date}.jsonl"), string.Concat(rows));
        }
        string path = Path.Combine(folder, $"results_{date}.json");
        AtomicFile.WriteAllText(path, LmEvalResults.Of(run, report, tasks, new DateTimeOffset(File.GetLastWriteTimeUtc(reportPath))).ToJsonString(Indented) + "\n");
        return path;
    }

    /// <summary>A model's name as a folder's, as lm-evaluation-harness does it: what is neither letter, digit, nor one of <c>-_.</c> becomes two lines.</summary>
    public static string FileNameOf(string model)
    {
        string name = string.Concat(model.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c.ToString() : "__"));
        return name.Trim('.').Length == 0 ? "model" : name;
    }

    /// <exception cref="InvalidDataException">Two tasks would be one of lm-evaluation-harness.</exception>
    private static void RequireOwnFiles(ExportedTask[] tasks)
    {
        IGrouping<string, ExportedTask>? same = tasks.GroupBy(task => FileNameOf(task.Name), StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (same?.ToArray() is not [var one, var other, ..]) return;
        string names = $"{PairedRuns.Named(one.Group, one.Subject)} and {PairedRuns.Named(other.Group, other.Subject)}";
        throw new InvalidDataException($"{names} would both be exported as {FileNameOf(one.Name)}; evaluate one of them under another name.");
    }

    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
