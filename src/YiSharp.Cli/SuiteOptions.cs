using System.CommandLine;
using YiSharp.Data;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>What is asked, and how.</summary>
internal sealed class SuiteOptions
{
    private const int MostShots = 64;

    private readonly Option<string?> _suites = new("--suite") { Description = $"Benchmarks, with commas between them: {string.Join(", ", BenchmarkData.Suites)}, or truthfulqa for both of its scores. `yi eval data` says what is there.", HelpName = "NAME,NAME" };
    private readonly Option<string?> _subjects = new("--subjects") { Description = "Only these subjects of the benchmarks, with commas between them.", HelpName = "NAME,NAME" };
    private readonly Option<string> _protocol = new("--protocol") { Description = $"Prompts, scoring and extraction: {string.Join(", ", ProtocolPack.Names)}, or a YAML file.", HelpName = "NAME", DefaultValueFactory = _ => ProtocolPack.Default };
    private readonly Option<int?> _shots = new("--shots") { Description = "Exemplars before each question of a benchmark; the protocol's own number when not given.", HelpName = "N" };
    private readonly Option<int?> _limit = new("--limit") { Description = "Questions of each benchmark, chosen by the seed; all when not given.", HelpName = "N" };
    private readonly Option<int> _seed = new("--seed") { Description = "Chooses the questions of --limit.", HelpName = "N", DefaultValueFactory = _ => 0 };
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "A folder of benchmarks; or evaluation sets of your own (instruction rows with an answer and a check, JSON lines), a task each, named after its file.",
        HelpName = "PATH", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _tasks = new("--task") { Description = "Tasks of your own: YAML files that say where the questions are, how they are put and how answers are read (docs/add-a-task.md).", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_suites, _subjects, _protocol, _shots, _limit, _seed, _data, _tasks]) verb.Add(option);
    }

    /// <summary>What is recorded of how a run asks.</summary>
    public EvaluationProtocol Protocol(ParseResult parse)
    {
        int? limit = parse.GetValue(_limit);
        EvaluationProtocol protocol = new() { Limit = limit, Seed = limit is null ? null : parse.GetValue(_seed) };
        if (Suites(parse) is not { } suites) return protocol;
        ProtocolPack pack = ProtocolPack.Open(parse.GetRequiredValue(_protocol));
        return protocol with { Name = pack.Name, Version = pack.Version, Shots = parse.GetValue(_shots) ?? suites.Max(suite => pack[suite].Shots) };
    }

    /// <summary>The tasks, benchmarks first.</summary>
    /// <exception cref="UsageException">An option has no meaning.</exception>
    /// <exception cref="InvalidDataException">Data or a protocol cannot be read.</exception>
    public List<IEvaluationTask> Tasks(ParseResult parse, int? maxNewTokens)
    {
        string[] paths = parse.GetRequiredValue(_data), folders = [.. paths.Where(Directory.Exists)];
        if (folders.Length > 1) throw new UsageException($"--data names {folders.Length} folders; one folder of benchmarks was expected.");
        int? limit = parse.GetValue(_limit), shots = parse.GetValue(_shots);
        if (limit < 1) throw new UsageException($"--limit is {limit}; 1 or more was expected.");
        if (shots is < 0 or > MostShots) throw new UsageException($"--shots is {shots}; 0 to {MostShots} was expected.");

        var tasks = new List<IEvaluationTask>();
        string[]? suites = Suites(parse), subjects = Names(parse.GetValue(_subjects));
        string[] files = parse.GetRequiredValue(_tasks);
        if (suites is null && shots is not null) throw new UsageException("--shots is for benchmarks; give --suite NAME,NAME too.");
        if (suites is null && subjects is not null) throw new UsageException("--subjects is for benchmarks; give --suite NAME,NAME too.");
        if (suites is null && limit is not null && files.Length == 0) throw new UsageException("--limit is for benchmarks and tasks of your own; give --suite NAME,NAME or --task FILE too.");
        if (suites is not null)
        {
            ProtocolPack pack = ProtocolPack.Open(parse.GetRequiredValue(_protocol));
            BenchmarkData data = BenchmarkData.Open(folders.FirstOrDefault());
            foreach (string suite in suites)
            {
                SuiteProtocol protocol = pack[suite];
                protocol = protocol with { Shots = shots ?? protocol.Shots, MaxNewTokens = maxNewTokens ?? protocol.MaxNewTokens };
                BenchmarkContent content = data.Load(suite, subjects);
                tasks.Add(new BenchmarkTask(suite, protocol, content.Subjects, data.TaskText, limit, parse.GetValue(_seed)) { DataSha256 = content.Sha256 });
            }
        }
        foreach (string file in files) tasks.Add(TaskFile.Read(file, limit, parse.GetValue(_seed)));
        foreach (string file in paths.Except(folders, StringComparer.Ordinal)) tasks.Add(AbilityTask.Read(NameOf(file), file));
        return tasks;
    }

    /// <summary>The suites that were named; null where none was.</summary>
    private string[]? Suites(ParseResult parse)
    {
        string[]? named = Names(parse.GetValue(_suites));
        if (named is { Length: 0 }) throw new UsageException($"--suite names nothing; there are {string.Join(", ", BenchmarkData.Suites)}.");
        string[]? suites = named?.SelectMany(name => name == "truthfulqa" ? ["truthfulqa_mc1", "truthfulqa_mc2"] : (string[])[name]).ToArray();
        foreach (string suite in suites ?? []) RequireKnown(suite);
        if (suites?.GroupBy(suite => suite, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new UsageException($"--suite names {twice.Key} {twice.Count()} times; once was expected.");
        return suites;
    }

    private static void RequireKnown(string suite)
    {
        if (BenchmarkData.Suites.Contains(suite, StringComparer.Ordinal)) return;
        string hint = NearestName.Of(suite, BenchmarkData.Suites) is { } nearest ? $" (did you mean {nearest}?)" : "";
        throw new UsageException($"--suite names '{suite}'{hint}; there are {string.Join(", ", BenchmarkData.Suites)}.");
    }

    private static string[]? Names(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A task's name from its file's: <c>labels.eval.jsonl</c> holds <c>labels</c>.</summary>
    private static string NameOf(string file)
    {
        string name = Path.GetFileName(file);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? name[..dot] : name;
    }
}
