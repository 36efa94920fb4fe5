namespace YiSharp.Evaluation;

/// <summary>A model's answers, to be held against those of others.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Samples">Its answers.</param>
public sealed record ComparedRun(string Name, IReadOnlyList<Sample> Samples)
{
    /// <summary>The model, with its adapter's folder where it has one.</summary>
    /// <value>Its name in tables.</value>
    public string Model { get; init; } = Name;

    /// <summary>How it was asked.</summary>
    public EvaluationProtocol Protocol { get; init; } = new();

    /// <summary>How the model computed; null where it is not known.</summary>
    public Arithmetic? Arithmetic { get; init; }

    /// <summary>Where the run lies, as it was asked for; empty where it lies nowhere.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Reads the folder of a finished evaluation.</summary>
    /// <param name="folder">Holds <c>evaluation.json</c> and <c>samples.jsonl</c>.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public static ComparedRun Read(string folder)
    {
        EvaluationReport report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName));
        return new ComparedRun(report.Model, [.. Sample.Stream(folder, report)]) { Protocol = report.Protocol, Arithmetic = report.Arithmetic, Folder = folder };
    }
}
