namespace YiSharp.Evaluation;

/// <summary>A model's answers, to be held against those of others.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Samples">Its answers; enumerated more than once, and each time the same.</param>
public sealed record ComparedRun(string Name, IEnumerable<Sample> Samples)
{
    /// <summary>The model, with its adapter's folder where it has one.</summary>
    /// <value>Its name in tables.</value>
    public string Model { get; init; } = Name;

    /// <summary>How it was asked.</summary>
    public EvaluationProtocol Protocol { get; init; } = new();

    /// <summary>How the model computed; null where it is not known.</summary>
    public Arithmetic? Arithmetic { get; init; }

    /// <summary>Of each task whose answers our own rules read, their version (<see cref="ReadingRules"/>).</summary>
    public IReadOnlyDictionary<string, int> RulesVersions { get; init; } = new Dictionary<string, int>();

    /// <summary>Where the run lies, as it was asked for; empty where it lies nowhere.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The run of a finished evaluation's folder; samples are read whenever they are enumerated, and not kept.</summary>
    /// <param name="folder">Holds <c>evaluation.json</c> and <c>samples.jsonl</c>.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged; of samples, while they are enumerated.</exception>
    public static ComparedRun Read(string folder)
    {
        EvaluationReport report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName));
        return Of(report, Sample.Stream(folder, report), folder);
    }

    /// <summary>The run of a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="samples">Its answers.</param>
    /// <param name="folder">Where it lies.</param>
    internal static ComparedRun Of(EvaluationReport report, IEnumerable<Sample> samples, string folder) => new(report.Model, samples)
    {
        Protocol = report.Protocol,
        Arithmetic = report.Arithmetic,
        Folder = folder,
        RulesVersions = report.Tasks.Where(task => task.RulesVersion is not null).ToDictionary(task => task.Name, task => task.RulesVersion!.Value, StringComparer.Ordinal),
    };
}
