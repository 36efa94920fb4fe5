using System.Security.Cryptography;
using YiSharp.Reports;

namespace YiSharp.Evaluation;

/// <summary>From a suite's files to its questions.</summary>
internal sealed class SuiteReader(BenchmarkSuite suite, SuiteFiles files)
{
    private const string SubjectColumn = "subject";

    private readonly List<BenchmarkFile> _read = [];
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, ILookup<string, BenchmarkItem>> _all = [];

    /// <summary>Reads subjects, or all that are there.</summary>
    /// <exception cref="InvalidDataException">A subject is missing or unknown, or a file is damaged.</exception>
    public BenchmarkContent Read(IReadOnlyList<string>? subjects)
    {
        BenchmarkData.RequireSubjects(suite, subjects ?? []);
        var found = new List<BenchmarkSubject>();
        foreach (string name in suite.Subjects.Names)
        {
            if (subjects?.Contains(name) == false) continue;
            IReadOnlyList<BenchmarkItem> items = Items(name, suite.Evaluated);
            if (items.Count > 0) found.Add(new BenchmarkSubject(name, suite.Subjects[name].Title, suite.Subjects[name].Category, items, suite.Exemplars is { } split ? Items(name, split) : []));
            else if (subjects is not null) throw new InvalidDataException($"{files.Folder} has no {suite.Evaluated} split of {name}; {suite.HowToGet}, and see `yi eval data`.");
        }
        return new BenchmarkContent(found, _read, files.Folder, files.IsSample, _warnings);
    }

    private IReadOnlyList<BenchmarkItem> Items(string subject, string split)
    {
        IReadOnlyList<string> own = files.Of(subject, split);
        if (own.Count > 0) return [.. Questions(subject, split, own).Select(row => row.Item)];
        if (!_all.TryGetValue(split, out ILookup<string, BenchmarkItem>? all)) _all[split] = all = OfAll(split);
        return [.. all[subject].Select((question, item) => question with { Item = item })];
    }

    /// <summary>The questions of files that hold all subjects, by subject.</summary>
    private ILookup<string, BenchmarkItem> OfAll(string split) =>
        Questions(SuiteFiles.AllSubjects, split, files.Of(SuiteFiles.AllSubjects, split)).ToLookup(row => row.Row.Text(SubjectColumn), row => row.Item);

    private List<(TableRow Row, BenchmarkItem Item)> Questions(string subject, string split, IReadOnlyList<string> paths)
    {
        var questions = new List<(TableRow Row, BenchmarkItem Item)>();
        foreach (string path in paths)
        {
            byte[] bytes = TableFile.Bytes(path);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            int before = questions.Count;
            foreach (TableRow row in TableFile.Read(path, bytes, suite.Columns)) questions.Add((row, suite.Parse(questions.Count, row)));
            int count = questions.Count - before;
            if (count == 0) throw new InvalidDataException($"{path} holds no question; expected some of {subject}.");
            bool isKnown = BenchmarkManifest.Known(sha256)?.Rows == count;
            if (!isKnown) WarnOfRepeats(questions.Skip(before));
            _read.Add(new BenchmarkFile(suite.Name, subject, split, path, count, sha256, isKnown));
        }
        return questions;
    }

    /// <summary>Published files hold some questions twice, so it is no error; a file that was put together wrongly shows by it too.</summary>
    private void WarnOfRepeats(IEnumerable<(TableRow Row, BenchmarkItem Item)> questions)
    {
        TableRow[][] repeats = [.. questions.GroupBy(row => string.Join('\0', row.Item.Choices.Prepend(row.Item.Question)), row => row.Row).Where(same => same.Count() > 1).Select(same => same.ToArray())];
        if (repeats.Length > 0) _warnings.Add($"{repeats[0][1].Place} repeats the question of {repeats[0][0].Place} and {Sizes.Of(repeats.Sum(same => same.Length - 1), "of the file's questions stands", "of the file's questions stand")} twice; each counts.");
    }
}
