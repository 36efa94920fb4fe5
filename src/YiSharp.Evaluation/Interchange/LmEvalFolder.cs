using System.Globalization;
using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>One model's folder of lm-evaluation-harness: its newest <c>results_DATE.json</c>, and where the samples of each of its tasks are.</summary>
internal sealed class LmEvalFolder
{
    private const string ResultsPrefix = "results_", SamplesPrefix = "samples_";
    private const string ResultsName = "results", CountsName = "n-samples", GroupsName = "groups", SubtasksName = "group_subtasks", ConfigsName = "configs";

    private LmEvalFolder(string path, JsonElement content) => (ResultsPath, Content) = (path, content);

    /// <summary>Path of the results.</summary>
    public string ResultsPath { get; }

    /// <summary>What they hold.</summary>
    public JsonElement Content { get; }

    /// <summary>The tasks that have answers, in the order of the results.</summary>
    public IReadOnlyList<LmEvalTask> Tasks { get; private init; } = [];

    /// <summary>Results in the folder that are not the newest.</summary>
    public int Older { get; private init; }

    /// <summary>Whether a folder is one model's results.</summary>
    public static bool IsAt(string folder) => Directory.EnumerateFiles(folder, ResultsPrefix + "*.json").Any();

    /// <summary>Opens the newest results of a folder.</summary>
    /// <exception cref="InvalidDataException">They are damaged, a task's samples are missing, or there are samples of a task that they do not name.</exception>
    public static LmEvalFolder Open(string folder)
    {
        string[] all = [.. Directory.EnumerateFiles(folder, ResultsPrefix + "*.json").Order(StringComparer.Ordinal)];
        string path = all[^1], ending = $"_{Path.GetFileNameWithoutExtension(path)[ResultsPrefix.Length..]}.jsonl";
        JsonElement content = ForeignJson.ReadObject(path);
        if (content.Field(ResultsName) is not { ValueKind: JsonValueKind.Object } results || !results.EnumerateObject().Any())
            throw new InvalidDataException($"{path} has no \"{ResultsName}\"; expected an object with an entry for each task. Get the file again.");

        Dictionary<string, string> files = Directory.EnumerateFiles(folder, SamplesPrefix + "*" + ending).ToDictionary(file => Path.GetFileName(file)[SamplesPrefix.Length..^ending.Length], StringComparer.Ordinal);
        if (files.Count == 0) throw new InvalidDataException($"{folder} has no {SamplesPrefix}*{ending} beside {Path.GetFileName(path)}; single answers are needed, which lm-evaluation-harness writes with --log_samples.");
        LmEvalTask[] tasks = [.. NamesOf(content, results).Select(name => new LmEvalTask(name, Take(files, name) ?? "", content.Field(CountsName)?.Field(name), results.Field(name), content.Field(ConfigsName)?.Field(name)))];
        string[] missing = [.. tasks.Where(task => task.SamplesPath.Length == 0).Select(task => task.Name)];
        if (missing.Length > 0)
        {
            string others = missing.Length == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (nor those of {missing.Length - 1} other tasks, such as {missing[1]})");
            throw new InvalidDataException($"{path} has the task {missing[0]}, and beside it there is no {SamplesPrefix}{missing[0]}{ending} with its answers{others}; get what is missing, which lm-evaluation-harness writes with --log_samples.");
        }
        if (files.Values.Order(StringComparer.Ordinal).FirstOrDefault() is { } stray) throw new InvalidDataException($"{stray} holds answers to a task of which {Path.GetFileName(path)} beside it says nothing; both must come from one run of lm-evaluation-harness.");
        return new LmEvalFolder(path, content) { Tasks = tasks, Older = all.Length - 1 };
    }

    /// <summary>Tasks that were asked: those whose questions are counted, and those with scores that are no group's. A group's line sums up its tasks' and has no answers of its own.</summary>
    private static IEnumerable<string> NamesOf(JsonElement content, JsonElement results)
    {
        string[] counted = content.Field(CountsName) is { ValueKind: JsonValueKind.Object } counts ? [.. counts.EnumerateObject().Select(p => p.Name)] : [];
        bool IsGroup(string name) => content.Field(GroupsName)?.Field(name) is not null || content.Field(SubtasksName)?.Field(name).Items().Any() == true;
        bool IsScored(JsonProperty row) => row.Value.ValueKind == JsonValueKind.Object && row.Value.EnumerateObject().Any(p => p.Name.Contains(',', StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.Number);
        IEnumerable<string> scored = results.EnumerateObject().Where(row => counted.Contains(row.Name) || IsScored(row) && !IsGroup(row.Name)).Select(row => row.Name);
        return scored.Union(counted, StringComparer.Ordinal).Where(name => content.Field(CountsName)?.Field(name)?.Field(LmEvalTask.EffectiveName) is not { ValueKind: JsonValueKind.Number } asked || asked.GetDouble() != 0);
    }

    /// <summary>Takes a task's file out of those that there are: under its name, or under that as a file's.</summary>
    private static string? Take(Dictionary<string, string> files, string name) => files.Remove(name, out string? path) || files.Remove(LmEvalExport.FileNameOf(name), out path) ? path : null;
}
