using System.Security.Cryptography;

namespace YiSharp.Evaluation;

/// <summary>From a suite's files to its questions.</summary>
internal sealed class SuiteReader(BenchmarkSuite suite, SuiteFiles files)
{
    private const string SubjectColumn = "subject";

    private readonly List<BenchmarkFile> _read = [];
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
        return new BenchmarkContent(found, _read, files.Folder, files.IsSample);
    }

    private IReadOnlyList<BenchmarkItem> Items(string subject, string split)
    {
        IReadOnlyList<string> own = files.Of(subject, split);
        if (own.Count > 0) return [.. Rows(subject, split, own).Select((row, item) => suite.Parse(item, row))];
        if (!_all.TryGetValue(split, out ILookup<string, BenchmarkItem>? all)) _all[split] = all = OfAll(split);
        return [.. all[subject].Select((question, item) => question with { Item = item })];
    }

    /// <summary>The questions of files that hold all subjects, by subject.</summary>
    private ILookup<string, BenchmarkItem> OfAll(string split) => Rows(SuiteFiles.AllSubjects, split, files.Of(SuiteFiles.AllSubjects, split))
        .Select(row => (Subject: row.Text(SubjectColumn), Item: suite.Parse(0, row))).ToLookup(row => row.Subject, row => row.Item);

    private List<TableRow> Rows(string subject, string split, IReadOnlyList<string> paths)
    {
        var rows = new List<TableRow>();
        foreach (string path in paths)
        {
            byte[] bytes = TableFile.Bytes(path);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            int before = rows.Count;
            rows.AddRange(TableFile.Read(path, bytes, BenchmarkRows.ChoiceColumns));
            int count = rows.Count - before;
            if (count == 0) throw new InvalidDataException($"{path} holds no question; expected some of {subject}.");
            _read.Add(new BenchmarkFile(suite.Name, subject, split, path, count, sha256, BenchmarkManifest.Known(sha256)?.Rows == count));
        }
        return rows;
    }
}
