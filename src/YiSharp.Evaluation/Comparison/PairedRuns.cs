using System.Globalization;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>Several models' outcomes on the same questions, each question at the same place. Samples are read one after another and not kept: memory grows with the items, not with their texts.</summary>
public sealed class PairedRuns
{
    private readonly IReadOnlyList<ComparedRun> _runs;

    private PairedRuns(IReadOnlyList<ComparedRun> runs, IReadOnlyList<SampleOutcome[]> outcomes, int leftOut) => (_runs, Names, Models, Outcomes, LeftOut) = (runs, [.. runs.Select(r => r.Name)], [.. runs.Select(r => r.Model)], outcomes, leftOut);

    /// <summary>The runs' names in tables, [runs]; the first is the baseline.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The models as the runs name them, [runs].</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>The model that all runs are of, where their names do not say it; null else.</summary>
    public string? OnlyModel => RunLabels.ModelOf(Models[0]) is var model && Models.All(other => RunLabels.ModelOf(other) == model) && !Names.Contains(model) ? model : null;

    /// <summary>How they did, [runs][items], in the order of the baseline.</summary>
    internal IReadOnlyList<SampleOutcome[]> Outcomes { get; }

    /// <summary>Questions that all were asked.</summary>
    public int Count => Outcomes[0].Length;

    /// <summary>Questions that some model was asked and another was not; they are not compared.</summary>
    public int LeftOut { get; }

    /// <summary>The tasks, in the order of the baseline.</summary>
    public IEnumerable<string> Tasks => Outcomes[0].Select(o => o.Task).Distinct(StringComparer.Ordinal);

    /// <summary>The tasks whose answers were not read by the same version of our rules in all runs, or by them in some alone; where a run compared options, nothing was read.</summary>
    public IReadOnlyList<string> ReadDifferently => [.. Tasks.Where(task => _runs.Select(run => VersionOf(run, task)).Distinct().Count() > 1 && !Outcomes.Any(outcomes => outcomes.First(o => o.Task == task).IsByOptions))];

    /// <summary>The same in a sentence, with the versions; null where there are none.</summary>
    public string? RulesRemark
    {
        get
        {
            IReadOnlyList<string> tasks = ReadDifferently;
            if (tasks.Count == 0) return null;
            string Versions(ComparedRun run) => string.Join(" and ", tasks.Select(task => VersionOf(run, task) is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version} of ours") : "rules that its files do not name").Distinct());
            return $"Answers to {string.Join(", ", tasks)} were not read by the same rules ({string.Join("; ", _runs.Select(run => $"{run.Name}: {Versions(run)}"))}), so a difference may be one of reading; evaluate again what was read by older rules.";
        }
    }

    /// <summary>Finds each question in every run, by task, subject and item, and holds it to be the same: prompt and answer are equal.</summary>
    /// <param name="runs">The runs, the baseline first; at least one.</param>
    /// <param name="commonOnly">Leave out what not all were asked, instead of refusing it.</param>
    /// <param name="anyPrompt">Take prompts that differ for the same question, as long as the right answer is.</param>
    /// <exception cref="InvalidDataException">The runs were not asked the same questions, or one holds an item twice.</exception>
    public static PairedRuns Align(IReadOnlyList<ComparedRun> runs, bool commonOnly = false, bool anyPrompt = false)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Dictionary<(string, string?, int), Asked>[] indices = [.. runs.Select(run => Index(run, names))];
        HashSet<(string, string?, int)> common = [.. indices[0].Keys], all = [.. indices[0].Keys];
        foreach (Dictionary<(string, string?, int), Asked> index in indices[1..])
        {
            common.IntersectWith(index.Keys);
            all.UnionWith(index.Keys);
        }
        if (!commonOnly && all.Count > common.Count) throw Unpaired(runs, indices, all.First(key => !common.Contains(key)), all.Count - common.Count);
        if (common.Count == 0) throw new InvalidDataException($"{string.Join(" and ", runs.Select(r => r.Name))} share no question; compare evaluations of the same tasks.");

        Asked[] baseline = [.. indices[0].Values.Where(asked => common.Contains(asked.Outcome.Key))];
        foreach (Asked asked in baseline)
        {
            for (int run = 1; run < runs.Count; run++)
            {
                if (asked.Question.WhatDiffers(indices[run][asked.Outcome.Key].Question, anyPrompt) is { } what)
                    throw new InvalidDataException($"Item {asked.Outcome.Item} of {Named(asked.Outcome.Task, asked.Outcome.Subject)} is not the same question for {runs[0].Name} and {runs[run].Name} (another {what}); evaluate both with the same data and protocol{(what == "prompt" ? ", or compare them all the same (--any-prompt)" : "")}.");
            }
        }
        return new PairedRuns(runs, [.. indices.Select(index => baseline.Select(asked => index[asked.Outcome.Key].Outcome).ToArray())], all.Count - common.Count);
    }

    /// <summary>Reads some questions' samples again: [items][runs].</summary>
    /// <param name="items">Places among the questions.</param>
    /// <exception cref="InvalidDataException">A run was changed since it was read.</exception>
    public IReadOnlyDictionary<int, Sample[]> Read(IEnumerable<int> items)
    {
        Dictionary<(string, string?, int), int> places = items.Distinct().ToDictionary(item => Outcomes[0][item].Key);
        Dictionary<int, Sample[]> read = places.Values.ToDictionary(item => item, _ => new Sample[_runs.Count]);
        for (int run = 0; run < _runs.Count; run++)
        {
            foreach (Sample sample in _runs[run].Samples)
                if (places.TryGetValue(sample.Key, out int item)) read[item][run] = sample;
            if (read.Values.Any(samples => samples[run] is null)) throw new InvalidDataException($"The samples of {_runs[run].Name} were changed while they were compared; compare them again.");
        }
        return read;
    }

    /// <summary>A run's outcomes by question, in its order.</summary>
    /// <param name="run">The run.</param>
    /// <param name="names">Names of tasks and subjects met so far, each kept once.</param>
    private static Dictionary<(string, string?, int), Asked> Index(ComparedRun run, HashSet<string> names)
    {
        string Once(string name)
        {
            if (names.TryGetValue(name, out string? known)) return known;
            names.Add(name);
            return name;
        }
        var index = new Dictionary<(string, string?, int), Asked>();
        foreach (Sample sample in run.Samples)
        {
            SampleOutcome outcome = SampleOutcome.Of(sample) with { Task = Once(sample.Task), Subject = sample.Subject is { } subject ? Once(subject) : null };
            if (!index.TryAdd(outcome.Key, new Asked(outcome, AskedQuestion.Of(sample))))
                throw new InvalidDataException($"The samples of {run.Name} hold item {sample.Item} of {Named(sample.Task, sample.Subject)} twice; evaluate the model again.");
        }
        return index;
    }

    private static InvalidDataException Unpaired(IReadOnlyList<ComparedRun> runs, Dictionary<(string, string?, int), Asked>[] indices, (string Task, string? Subject, int Item) key, int count)
    {
        string Those(bool asked) => string.Join(" and ", runs.Where((_, run) => indices[run].ContainsKey(key) == asked).Select(r => r.Name));
        string others = count == 1 ? "" : $", and {Sizes.Of(count - 1, "other item was", "other items were")} not asked of all either";
        return new InvalidDataException($"Item {key.Item} of {Named(key.Task, key.Subject)} was answered by {Those(true)} alone and not by {Those(false)}{others}; " +
            "a paired comparison needs all models to be asked the same questions: evaluate them with the same tasks, or compare what is common (--common).");
    }

    /// <summary>What a solution ends with: answers of GSM8K come as the number alone, or with the way to it.</summary>
    public static string Final(string answer) => answer[(answer.LastIndexOf("####", StringComparison.Ordinal) is var mark and >= 0 ? mark + 4 : 0)..].Trim();

    private static int? VersionOf(ComparedRun run, string task) => run.RulesVersions.TryGetValue(task, out int version) ? version : null;

    internal static string Named(string task, string? subject) => subject is null ? task : $"{task}, {subject}";

    private readonly record struct Asked(SampleOutcome Outcome, AskedQuestion Question);
}
