using System.Text.Json;

namespace YiSharp.Evaluation;

/// <summary>One model's folder of lm-evaluation-harness: its newest <c>results_DATE.json</c>, and where the samples of each of its tasks are.</summary>
internal sealed class LmEvalFolder
{
    private const string ResultsPrefix = "results_", SamplesPrefix = "samples_";
    private const string ScoresName = "results";
    private const string HowToGet = "which lm-evaluation-harness writes with --log_samples";

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
        if (content.Field(ScoresName).Fields().Count == 0)
            throw new InvalidDataException($"{path} has no \"{ScoresName}\"; expected an object with an entry for each task. Get the file again.");

        Dictionary<string, string> files = Directory.EnumerateFiles(folder, SamplesPrefix + "*" + ending)
            .ToDictionary(file => Path.GetFileName(file)[SamplesPrefix.Length..^ending.Length], StringComparer.Ordinal);
        if (files.Count == 0) throw new InvalidDataException($"{folder} has no {SamplesPrefix}*{ending} beside {Path.GetFileName(path)}; single answers are needed, {HowToGet}.");
        LmEvalTask[] tasks = [.. TasksOf(content).Select(task => task with { SamplesPath = Take(files, task.Name) ?? "" })];
        string[] missing = [.. tasks.Where(task => task.SamplesPath.Length == 0).Select(task => task.Name)];
        if (missing.Length > 0)
        {
            string others = missing.Length == 1 ? "" : $" (nor those of {missing.Length - 1} other tasks, such as {missing[1]})", expected = $"{SamplesPrefix}{missing[0]}{ending}";
            throw new InvalidDataException($"{path} has the task {missing[0]}, and beside it there is no {expected} with its answers{others}; get what is missing, {HowToGet}.");
        }
        if (files.Values.Order(StringComparer.Ordinal).FirstOrDefault() is { } stray)
            throw new InvalidDataException($"{stray} holds answers to a task of which {Path.GetFileName(path)} beside it says nothing; both must come from one run of lm-evaluation-harness.");
        return new LmEvalFolder(path, content) { Tasks = tasks, Older = all.Length - 1 };
    }

    /// <summary>
    /// Tasks that were asked: those whose questions are counted, and those with scores that are no group's, but for those of which no question was asked. A group's line sums up its
    /// tasks' and has no answers of its own.
    /// </summary>
    private static IEnumerable<LmEvalTask> TasksOf(JsonElement content)
    {
        Dictionary<string, JsonElement> scores = content.Field(ScoresName).Fields(), counts = content.Field("n-samples").Fields(), configurations = content.Field("configs").Fields();
        Dictionary<string, JsonElement> groups = content.Field("groups").Fields(), subtasks = content.Field("group_subtasks").Fields();
        static JsonElement? In(Dictionary<string, JsonElement> fields, string name) => fields.TryGetValue(name, out JsonElement field) ? field : null;
        bool IsGroup(string name) => groups.ContainsKey(name) || In(subtasks, name).Items().Any();
        bool IsTask(string name) => counts.ContainsKey(name) || IsScored(scores[name]) && !IsGroup(name);
        return scores.Keys.Where(IsTask).Union(counts.Keys, StringComparer.Ordinal)
            .Select(name => new LmEvalTask(name, "", In(counts, name), In(scores, name), In(configurations, name)))
            .Where(task => task.Effective != 0);
    }

    private static bool IsScored(JsonElement row) =>
        row.ValueKind == JsonValueKind.Object && row.EnumerateObject().Any(field => field.Name.Contains(',', StringComparison.Ordinal) && field.Value.FiniteNumber() is not null);

    /// <summary>Takes a task's file out of those that there are: under its name, or under that as a file's.</summary>
    private static string? Take(Dictionary<string, string> files, string name) =>
        files.Remove(name, out string? path) || files.Remove(LmEvalExport.FileNameOf(name), out path) ? path : null;
}
