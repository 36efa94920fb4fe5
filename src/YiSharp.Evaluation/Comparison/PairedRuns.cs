namespace YiSharp.Evaluation;

/// <summary>Several models' answers to the same questions, each question at the same place.</summary>
public sealed class PairedRuns
{
    private PairedRuns(IReadOnlyList<ComparedRun> runs, IReadOnlyList<Sample[]> samples, int leftOut) => (Names, Models, Samples, LeftOut) = ([.. runs.Select(r => r.Name)], [.. runs.Select(r => r.Model)], samples, leftOut);

    /// <summary>The runs' names in tables, [runs]; the first is the baseline.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The models as the runs name them, [runs].</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>The model that all runs are of, where their names do not say it; null else.</summary>
    public string? OnlyModel => RunLabels.ModelOf(Models[0]) is var model && Models.All(other => RunLabels.ModelOf(other) == model) && !Names.Contains(model) ? model : null;

    /// <summary>Their answers, [runs][items], in the order of the baseline.</summary>
    public IReadOnlyList<Sample[]> Samples { get; }

    /// <summary>Questions that some model was asked and another was not; they are not compared.</summary>
    public int LeftOut { get; }

    /// <summary>The tasks, in the order of the baseline.</summary>
    public IEnumerable<string> Tasks => Samples[0].Select(s => s.Task).Distinct(StringComparer.Ordinal);

    /// <summary>Finds each question in every run, by task, subject and item, and holds it to be the same: prompt and answer are equal.</summary>
    /// <param name="runs">The runs, the baseline first; at least one.</param>
    /// <param name="commonOnly">Leave out what not all were asked, instead of refusing it.</param>
    /// <param name="anyPrompt">Take prompts that differ for the same question, as long as the right answer is.</param>
    /// <exception cref="InvalidDataException">The runs were not asked the same questions, or one holds an item twice.</exception>
    public static PairedRuns Align(IReadOnlyList<ComparedRun> runs, bool commonOnly = false, bool anyPrompt = false)
    {
        Dictionary<(string, string?, int), Sample>[] indices = [.. runs.Select(Index)];
        HashSet<(string, string?, int)> common = [.. indices[0].Keys], all = [.. indices[0].Keys];
        foreach (Dictionary<(string, string?, int), Sample> index in indices[1..])
        {
            common.IntersectWith(index.Keys);
            all.UnionWith(index.Keys);
        }
        if (!commonOnly && all.Count > common.Count) throw Unpaired(runs, indices, all.First(key => !common.Contains(key)), all.Count - common.Count);
        if (common.Count == 0) throw new InvalidDataException($"{string.Join(" and ", runs.Select(r => r.Name))} share no question; compare evaluations of the same tasks.");

        Sample[] baseline = [.. runs[0].Samples.Where(s => common.Contains(s.Key))];
        foreach (Sample sample in baseline)
        {
            for (int run = 1; run < runs.Count; run++)
            {
                if (WhatDiffers(sample, indices[run][sample.Key], anyPrompt) is { } what)
                    throw new InvalidDataException($"Item {sample.Item} of {Named(sample.Task, sample.Subject)} is not the same question for {runs[0].Name} and {runs[run].Name} (another {what}); evaluate both with the same data and protocol{(what == "prompt" ? ", or compare them all the same (--any-prompt)" : "")}.");
            }
        }
        return new PairedRuns(runs, [.. indices.Select(index => baseline.Select(s => index[s.Key]).ToArray())], all.Count - common.Count);
    }

    private static InvalidDataException Unpaired(IReadOnlyList<ComparedRun> runs, Dictionary<(string, string?, int), Sample>[] indices, (string Task, string? Subject, int Item) key, int count)
    {
        string Those(bool asked) => string.Join(" and ", runs.Where((_, run) => indices[run].ContainsKey(key) == asked).Select(r => r.Name));
        string others = count == 1 ? "" : $" (as {count - 1} others were not asked of all)";
        return new InvalidDataException($"Item {key.Item} of {Named(key.Task, key.Subject)} was answered by {Those(true)} alone and not by {Those(false)}{others}; " +
            "a paired comparison needs all models to be asked the same questions: evaluate them with the same tasks, or compare what is common (--common).");
    }

    private static string? WhatDiffers(Sample a, Sample b, bool anyPrompt)
    {
        if (Final(a.Answer) != Final(b.Answer)) return "right answer";
        bool same = anyPrompt || a.Prompt == b.Prompt && a.Messages.SequenceEqual(b.Messages);
        return same || (a.Prompt ?? Only(a)) is { } text && text == (b.Prompt ?? Only(b)) ? null : "prompt";
    }

    /// <summary>What a solution ends with: answers of GSM8K come as the number alone, or with the way to it.</summary>
    public static string Final(string answer) => answer[(answer.LastIndexOf("####", StringComparison.Ordinal) is var mark and >= 0 ? mark + 4 : 0)..].Trim();

    private static string? Only(Sample sample) => sample.Messages.Count == 1 ? sample.Messages[0].Content : null;

    internal static string Named(string task, string? subject) => subject is null ? task : $"{task}, {subject}";

    private static Dictionary<(string, string?, int), Sample> Index(ComparedRun run)
    {
        var index = new Dictionary<(string, string?, int), Sample>(run.Samples.Count);
        foreach (Sample sample in run.Samples)
        {
            if (!index.TryAdd(sample.Key, sample))
                throw new InvalidDataException($"The samples of {run.Name} hold item {sample.Item} of {Named(sample.Task, sample.Subject)} twice; evaluate the model again.");
        }
        return index;
    }
}
