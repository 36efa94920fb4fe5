using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The files of one suite in a folder, by subject and split, whichever of the published layouts they are in.</summary>
/// <remarks>
/// Read from a file's name and the folders above it: <c>test/astronomy_test.csv</c>, <c>test/astronomy.csv</c>, <c>astronomy/test-00000-of-00001.parquet</c>,
/// <c>astronomy/test/0000.parquet</c>, <c>test.jsonl</c>, and where a benchmark has one split, <c>bbh/word_sorting.json</c> and <c>TruthfulQA.csv</c>.
/// </remarks>
internal sealed partial class SuiteFiles
{
    /// <summary>The subject of files that hold all subjects, each row with its own in a column <c>subject</c>.</summary>
    public const string AllSubjects = "all";

    /// <summary>Folders below a suite's that are looked into: a hub's cache has the most, <c>snapshots/COMMIT/SUBJECT/SPLIT</c>.</summary>
    private const int MaxDepth = 5;

    /// <summary>Files that are looked at; a suite has a few hundred.</summary>
    private const int MaxFiles = 20_000;

    private static readonly Dictionary<string, string> _splits = new(StringComparer.OrdinalIgnoreCase)
    {
        ["test"] = "test", ["dev"] = "dev", ["train"] = "train", ["val"] = "val", ["valid"] = "val", ["validation"] = "val",
    };

    private readonly BenchmarkSuite _suite;
    private readonly Dictionary<(string Subject, string Split), List<string>> _files = [];
    private readonly bool _holdsOthers;

    private SuiteFiles(string folder, bool isSample, BenchmarkSuite suite)
    {
        Folder = folder;
        IsSample = isSample;
        _suite = suite;
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, IgnoreInaccessible = true };
        foreach (string path in Directory.EnumerateFiles(folder, "*", options).Take(MaxFiles).Order(StringComparer.Ordinal))
        {
            if (!TableFile.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)) continue;
            if (KeyOf(Path.GetRelativePath(folder, path)) is not { } key)
            {
                _holdsOthers = true;
                continue;
            }
            if (!_files.TryGetValue(key, out List<string>? same)) _files[key] = same = [];
            same.Add(path);
        }
    }

    /// <summary>The suite's folder.</summary>
    public string Folder { get; }

    /// <summary>Whether it is called a sample.</summary>
    public bool IsSample { get; }

    /// <summary>
    /// Looks for a suite in a folder, which may hold it under one of its names, or be the suite's own: by its name, or because all of the suite's subjects or nothing else is in it.
    /// </summary>
    /// <returns>What was found; null where there is no question of the suite.</returns>
    public static SuiteFiles? Find(string folder, BenchmarkSuite suite)
    {
        string own = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        (string Folder, bool IsSample)[] places = [.. suite.FolderNames.Select(name => (Path.Combine(folder, name), false)), (Path.Combine(folder, suite.SampleFolder), true)];
        if (suite.FolderNames.Append(suite.SampleFolder).Contains(own, StringComparer.OrdinalIgnoreCase)) places = [(folder, own == suite.SampleFolder), .. places];
        SuiteFiles? named = places.Where(place => Directory.Exists(place.Folder)).Select(place => new SuiteFiles(place.Folder, place.IsSample, suite)).FirstOrDefault(files => files.HasQuestions);
        bool isNamed = BenchmarkSuite.All.SelectMany(any => any.FolderNames).Any(name => name.Equals(own, StringComparison.OrdinalIgnoreCase) || Directory.Exists(Path.Combine(folder, name)));
        if (named is not null || isNamed) return named;
        return new SuiteFiles(folder, isSample: false, suite) is { HasQuestions: true } unnamed && (!unnamed._holdsOthers || unnamed.HasAllSubjects) ? unnamed : null;
    }

    /// <summary>The files of a subject's split, in the order of their parts; none where it is missing.</summary>
    /// <exception cref="InvalidDataException">Two files are not parts of one, so that it is unclear which counts.</exception>
    public IReadOnlyList<string> Of(string subject, string split)
    {
        IReadOnlyList<string> files = _files.GetValueOrDefault((subject, split)) ?? [];
        bool areParts = files.All(file => IsPart(Path.GetFileNameWithoutExtension(file))) && files.Select(Path.GetDirectoryName).Distinct(StringComparer.Ordinal).Count() == 1;
        return files.Count < 2 || areParts ? files : throw new InvalidDataException($"{Folder} holds the {split} split of {subject} twice, in {Path.GetRelativePath(Folder, files[0])} and {Path.GetRelativePath(Folder, files[1])}; keep one of them.");
    }

    private bool HasAllSubjects => _suite.Subjects.Names.All(subject => _files.ContainsKey((subject, _suite.Evaluated)));

    private bool HasQuestions => _files.Keys.Any(key => key.Split == _suite.Evaluated);

    private (string Subject, string Split)? KeyOf(string relative)
    {
        string[] parts = relative.Split(Path.DirectorySeparatorChar);
        string name = Path.GetFileNameWithoutExtension(parts[^1]);
        string stem = Part().Replace(name, "");
        string parent = parts.Length > 1 ? parts[^2] : "";
        (string Subject, string Split)? found =
            _splits.TryGetValue(stem, out string? split) ? (parent, split)
            : !_splits.TryGetValue(parent, out split) ? Suffixed(stem) ?? (stem, _suite.Evaluated)
            : IsPart(name) ? (parts.Length > 2 ? parts[^3] : "", split)
            : (Suffixed(stem) is { } suffixed && suffixed.Split == split ? suffixed.Subject : stem, split);
        if (found is not { } key) return null;
        string? subject = key.Subject == AllSubjects ? AllSubjects : _suite.Subjects.Named(key.Subject);
        return subject is null ? null : (subject, key.Split);
    }

    /// <summary>Subject and split of a name such as <c>astronomy_test</c>.</summary>
    private static (string Subject, string Split)? Suffixed(string stem)
    {
        int end = stem.LastIndexOf('_');
        return end > 0 && _splits.TryGetValue(stem[(end + 1)..], out string? split) ? (stem[..end], split) : null;
    }

    private static bool IsPart(string name) => name.All(char.IsAsciiDigit) || Part().IsMatch(name);

    /// <summary>What is behind a split's name where it comes in several files: <c>test-00000-of-00002</c>.</summary>
    [GeneratedRegex(@"-\d{5}-of-\d{5}$", RegexOptions.None, 1000)]
    private static partial Regex Part();
}
