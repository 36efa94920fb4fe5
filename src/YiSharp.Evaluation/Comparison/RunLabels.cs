using System.Globalization;

namespace YiSharp.Evaluation;

/// <summary>Short names that tell runs apart: the model's, and of runs of the same model what differs, else their folders.</summary>
public static class RunLabels
{
    private const string AdapterMark = " + "; // between a model's name and its adapter's folder
    private const string UsualAdapter = "adapter"; // the folder that a training run leaves its adapter in

    /// <summary>The same runs, each with a name that no other has.</summary>
    /// <param name="runs">The runs; folders are those that were asked for.</param>
    public static IReadOnlyList<ComparedRun> Distinct(IReadOnlyList<ComparedRun> runs)
    {
        string[] labels = [.. runs.Select(run => ModelOf(run.Model))];
        IGrouping<string, int>[] groups = [.. Enumerable.Range(0, runs.Count).GroupBy(i => labels[i], StringComparer.Ordinal)];
        foreach (IGrouping<string, int> group in groups.Where(group => group.Count() > 1))
        {
            string[] own = WhatDiffers([.. group.Select(i => runs[i])]);
            foreach ((int place, int run) in group.Index()) labels[run] = groups.Length == 1 ? own[place] : $"{group.Key} ({own[place]})";
        }
        return [.. runs.Select((run, i) => run with { Name = labels[i] })];
    }

    /// <summary>The model without its adapter.</summary>
    internal static string ModelOf(string name) => name.Split(AdapterMark, 2)[0];

    /// <summary>Of runs of one model: all that differs of adapter, protocol and arithmetic, then of what else they were asked with as much as tells them apart; else the folders, else their places.</summary>
    private static string[] WhatDiffers(ComparedRun[] runs)
    {
        string[][] first =
        [
            Adapters(runs),
            [.. runs.Select(run => run.Protocol.Name)],
            .. Arithmetics(runs),
        ];
        string[][] then =
        [
            [.. runs.Select(run => string.Create(CultureInfo.InvariantCulture, $"version {run.Protocol.Version}"))],
            [.. runs.Select(run => string.Create(CultureInfo.InvariantCulture, $"{run.Protocol.Shots}-shot"))],
            [.. runs.Select(run => string.Create(CultureInfo.InvariantCulture, $"{run.Protocol.MaxNewTokens} tokens"))],
        ];
        string[] together = Joined([.. runs.Select(_ => "")], first);
        foreach (string[] kind in then)
        {
            if (AreDistinct(together)) break;
            together = Joined(together, [kind]);
        }
        if (AreDistinct(together)) return together;
        string[] folders = Tails([.. runs.Select(run => run.Folder)]);
        return AreDistinct(folders) ? folders : [.. folders.Select((folder, i) => string.Create(CultureInfo.InvariantCulture, $"{folder} {i + 1}"))];
    }

    /// <summary>How each computed, kind by kind; nothing where one does not say it. Caches that follow from the precisions are not named beside them.</summary>
    private static string[][] Arithmetics(ComparedRun[] runs)
    {
        Arithmetic[] known = [.. runs.Select(run => run.Arithmetic).OfType<Arithmetic>()];
        if (known.Length < runs.Length) return [];
        string[] weights = [.. known.Select(a => a.Weights)], precisions = [.. known.Select(a => $"{a.Precision} precision")];
        return known.All(a => a.HasUsualCache) ? [weights, precisions] : [weights, precisions, [.. known.Select(a => $"{a.KvCache} cache")]];
    }

    /// <summary>Puts behind each label what differs.</summary>
    private static string[] Joined(string[] labels, string[][] kinds)
    {
        foreach (string[] kind in kinds.Where(kind => kind.Distinct(StringComparer.Ordinal).Count() > 1))
            labels = [.. labels.Zip(kind, (before, more) => before.Length == 0 ? more : $"{before}, {more}")];
        return labels;
    }

    private static bool AreDistinct(string[] labels) => labels.Distinct(StringComparer.Ordinal).Count() == labels.Length;

    private static string[] Adapters(ComparedRun[] runs)
    {
        string[] paths = [.. runs.Select(run => run.Model.Split(AdapterMark, 2) is [_, var path] ? path : "")];
        string[] known = [.. paths.Where(path => path.Length > 0)], tails = Tails(known);
        return [.. paths.Select(path => path.Length == 0 ? "no adapter" : tails[Array.IndexOf(known, path)])];
    }

    /// <summary>Of each path as few of its last names as tell it from the others, without the names in which all of them end; equal paths have equal ones.</summary>
    private static string[] Tails(string[] paths)
    {
        string[][] names = [.. paths.Select(path => path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToArray())];
        bool areEqual = names.All(own => own.SequenceEqual(names[0]));
        while (!areEqual && names.All(own => own.Length > 1 && own[^1] == names[0][^1])) names = [.. names.Select(own => own[..^1])];
        if (areEqual && names is [[_, .., UsualAdapter], ..]) names = [.. names.Select(own => own[..^1])];
        return [.. names.Select(own => Enumerable.Range(1, own.Length).Select(count => own[^count..]).FirstOrDefault(IsOfOnePath, own)).Select(tail => string.Join('/', tail))];

        bool IsOfOnePath(string[] tail)
        {
            string[][] with = [.. names.Where(own => own.Length >= tail.Length && own[^tail.Length..].SequenceEqual(tail))];
            return with.All(own => own.SequenceEqual(with[0]));
        }
    }
}
