namespace YiSharp.Evaluation;

/// <summary>Benchmarks' questions, read from a folder, from this repository, or from a folder beside it.</summary>
public sealed class BenchmarkData
{
    /// <summary>The environment variable that names a folder to look into first.</summary>
    public const string FolderVariable = "YISHARP_BENCHMARKS";

    private const string OwnFolder = "benchmarks";

    private readonly IReadOnlyList<string> _folders;

    private BenchmarkData(IReadOnlyList<string> folders) => _folders = folders;

    /// <summary>The suites there are, in the order of tables.</summary>
    public static IReadOnlyList<string> Suites { get; } = [.. BenchmarkSuite.All.Select(suite => suite.Name)];

    /// <summary>Opens a folder of benchmarks.</summary>
    /// <param name="folder">
    /// A folder with a folder for each suite, or a suite's own; only it counts then. Null: the folder that <see cref="FolderVariable"/> names, <c>benchmarks/</c> of the repository
    /// (looked for from the current folder and from the program upwards), and <c>shared/data/benchmarks</c> beside the repository. Of several the first that holds a suite counts, samples last.
    /// </param>
    /// <exception cref="InvalidDataException">The folder that was asked for does not exist.</exception>
    public static BenchmarkData Open(string? folder)
    {
        if (folder is not null) return Directory.Exists(folder) ? new BenchmarkData([folder]) : throw new InvalidDataException($"{folder} is no folder; expected one with benchmarks in it.");
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(named) && !Directory.Exists(named)) throw new InvalidDataException($"The environment variable {FolderVariable} names {named}, which is no folder; expected one with benchmarks in it.");
        string[] own = [.. Roots().Distinct(StringComparer.Ordinal)];
        string[] folders = [.. own.Select(root => Path.Combine(root, OwnFolder)), .. own.Select(root => Path.GetFullPath(Path.Combine(root, "..", "shared", "data", OwnFolder))).Where(Directory.Exists)];
        return new BenchmarkData(string.IsNullOrEmpty(named) ? folders : [named, .. folders]);
    }

    /// <summary>Reads a suite.</summary>
    /// <param name="suite">One of <see cref="Suites"/>, or <c>truthfulqa</c> for both of its scores, a subject each.</param>
    /// <param name="subjects">Names of subjects; null for all that are there.</param>
    /// <returns>Subjects in alphabetical order of their names.</returns>
    /// <exception cref="InvalidDataException">It is missing, or a file is damaged; one sentence says what, where, and how to get it.</exception>
    public IReadOnlyList<BenchmarkSubject> Read(string suite, IReadOnlyList<string>? subjects = null) => Load(suite, subjects).Subjects;

    /// <summary>Reads a suite, and says from which files.</summary>
    /// <inheritdoc cref="Read"/>
    public BenchmarkContent Load(string suite, IReadOnlyList<string>? subjects = null)
    {
        if (suite == BenchmarkSuite.TruthfulQa) return Both(subjects);
        BenchmarkSuite known = SuiteOf(suite);
        SuiteFiles files = Find(known) ?? throw Missing(known);
        BenchmarkContent content = new SuiteReader(known, files).Read(subjects);
        return known.Name == BenchmarkSuite.BigBenchHard ? content with { Subjects = [.. content.Subjects.Select(subject => subject with { Exemplars = CotPath(subject.Name) is { } path ? CotPrompts.Exemplars(CotPrompts.Text(path)) : [] })] } : content;
    }

    /// <summary>The chain-of-thought prompt of a subject of BIG-Bench Hard: its task in a sentence, and three questions with answers that reason.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string CotPrompt(string subject)
    {
        BenchmarkSuite suite = SuiteOf(BenchmarkSuite.BigBenchHard);
        RequireSubjects(suite, [subject]);
        string path = CotPath(subject)
            ?? throw new InvalidDataException($"There is no {CotName(subject)} in {string.Join(" or ", _folders)}; {suite.HowToGet}, and see `yi eval data`.");
        return CotPrompts.Text(path);
    }

    /// <summary>What BIG-Bench Hard says of a subject's task.</summary>
    /// <inheritdoc cref="CotPrompt"/>
    public string TaskText(string subject) => CotPrompts.Task(CotPrompt(subject));

    private static string CotName(string subject) => Path.Combine("cot-prompts", $"{subject}.txt");

    private string? CotPath(string subject) => _folders.SelectMany(folder => SuiteOf(BenchmarkSuite.BigBenchHard).FolderNames.Select(own => Path.Combine(folder, own, CotName(subject))).Prepend(Path.Combine(folder, CotName(subject)))).FirstOrDefault(File.Exists);

    /// <summary>Reads what is there of a suite, and says what is not.</summary>
    /// <param name="suite">One of <see cref="Suites"/>.</param>
    public BenchmarkState State(string suite)
    {
        BenchmarkSuite known = SuiteOf(suite);
        BenchmarkContent? content = null;
        string? problem = null;
        try
        {
            content = Load(suite);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            problem = e.Message;
        }
        BenchmarkPresence presence = content switch
        {
            null => Find(known) is null ? BenchmarkPresence.Missing : BenchmarkPresence.Damaged,
            { IsSample: true } => BenchmarkPresence.Sample,
            _ => content.Items == known.Items && content.Subjects.Count == known.Subjects.Names.Count ? BenchmarkPresence.Complete : BenchmarkPresence.Partial,
        };
        return new BenchmarkState(suite, presence, known.Items, known.Subjects.Names.Count, known.Licence, known.Source, known.HowToGet, content, problem);
    }

    private static BenchmarkSuite SuiteOf(string name) => BenchmarkSuite.All.FirstOrDefault(suite => suite.Name == name)
        ?? throw new InvalidDataException($"There is no suite '{name}'; there are {string.Join(", ", Suites)}.");

    /// <summary>The files of a suite; null where it is missing.</summary>
    private SuiteFiles? Find(BenchmarkSuite suite)
    {
        SuiteFiles[] found = [.. _folders.Select(folder => SuiteFiles.Find(folder, suite)).OfType<SuiteFiles>()];
        return found.FirstOrDefault(files => !files.IsSample) ?? found.FirstOrDefault();
    }

    /// <summary>Throws where a suite has no such subject.</summary>
    internal static void RequireSubjects(BenchmarkSuite suite, IEnumerable<string> subjects)
    {
        foreach (string subject in subjects)
        {
            if (!suite.Subjects.Names.Contains(subject)) throw new InvalidDataException($"{suite.Name} has no subject '{subject}'; it has {string.Join(", ", suite.Subjects.Names)}.");
        }
    }

    private InvalidDataException Missing(BenchmarkSuite suite) =>
        new($"The questions of {suite.Name} are not in {string.Join(" or ", _folders.DefaultIfEmpty("a folder benchmarks/ of the repository, which was not found"))}; {suite.HowToGet}, give the folder above with --data, and see `yi eval data`.");

    private BenchmarkContent Both(IReadOnlyList<string>? subjects)
    {
        BenchmarkContent[] contents = [.. BenchmarkSuite.All.Where(suite => suite.Folder == BenchmarkSuite.TruthfulQa && subjects?.Contains(suite.Name) != false).Select(suite => Load(suite.Name))];
        if (contents.Length == 0) throw new InvalidDataException($"{BenchmarkSuite.TruthfulQa} has no subject '{subjects![0]}'; it has truthfulqa_mc1 and truthfulqa_mc2.");
        return contents[0] with { Subjects = [.. contents.SelectMany(content => content.Subjects)], Files = [.. contents.SelectMany(content => content.Files)] };
    }

    private static IEnumerable<string> Roots()
    {
        foreach (string start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, OwnFolder, BenchmarkManifest.FileName))) yield return folder;
            }
        }
    }
}
