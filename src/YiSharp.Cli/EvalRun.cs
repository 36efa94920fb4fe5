using YiSharp.Endpoints;
using YiSharp.Evaluation;

namespace YiSharp.Cli;

/// <summary>An evaluation from the command line: where it goes, and what is seen of it.</summary>
/// <param name="tasks">What is asked.</param>
/// <param name="protocol">How.</param>
/// <param name="judge">Who judges answers; null where nobody does.</param>
/// <param name="output">Where the files go; null for a folder of the run's own.</param>
/// <param name="terminal">Where progress is shown.</param>
/// <param name="cancellation">Ends it early.</param>
internal sealed class EvalRun(IReadOnlyList<IEvaluationTask> tasks, EvaluationProtocol protocol, JudgeChoice? judge, string? output, Terminal terminal, CancellationToken cancellation)
{
    /// <summary>Holds the folders of runs that were not given one.</summary>
    public const string DefaultFolder = "evaluations";

    /// <summary>Whether questions without an answer are asked again.</summary>
    public bool RetriesFailed { get; init; }

    /// <summary>Asks a model everything.</summary>
    /// <param name="model">Who answers.</param>
    /// <param name="open">Gives the one that answers, for a run in a folder.</param>
    /// <exception cref="UsageException">The folder holds an evaluation of another model.</exception>
    public (EvaluationReport Report, string Folder) Ask(EvaluatedModel model, Func<string, IResponder> open)
    {
        string folder = output ?? "";
        IResponder? judging = null;
        var evaluator = new Evaluator(model, () => open(folder), protocol)
        {
            RetriesFailed = RetriesFailed,
            Judge = judge is null ? null : new EvaluationJudge(judge.Model, () => judging = judge.Open(folder)),
            OnBatch = batch => batch.Append(folder),
        };
        if (output is null) folder = Path.Combine(DefaultFolder, $"{NameOf(model)}-{protocol.Name}-{evaluator.FingerprintOf(tasks)[..12]}");
        RequireSameModel(folder, model);
        int total = tasks.Sum(t => t.Examples.Count);
        EvaluationReport report;
        try
        {
            report = ProgressDisplay.Run(terminal, show => evaluator.Run(folder, tasks,
                progress => show(new WorkProgress($"evaluate {progress.Task}", (double)(tasks.TakeWhile(t => t.Name != progress.Task).Sum(t => t.Examples.Count) + progress.Done) / total, RunningScore.Text(progress))), cancellation));
        }
        finally
        {
            (judging as IDisposable)?.Dispose();
        }
        if (RequestLog.Read(folder, RequestLog.JudgeFileName) is { Count: > 0 } requests) Say($"judge: {EndpointTotals.Of(requests, judge?.Prices)}");
        return (report, folder);
    }

    /// <summary>A sentence beside the table, on standard error.</summary>
    public void Say(string sentence) => terminal.Error.WriteLine(sentence);

    /// <summary>The model's name as part of a folder's.</summary>
    private static string NameOf(EvaluatedModel model) => string.Concat(model.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '-'));

    /// <summary>A finished evaluation of another model is not written over.</summary>
    private static void RequireSameModel(string folder, EvaluatedModel model)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        if (!File.Exists(path)) return;
        EvaluationReport earlier = EvaluationReport.Read(path);
        if (earlier.ModelFingerprint != model.Fingerprint) throw new UsageException($"--out {folder} holds the evaluation of another model ({earlier.Model}); give another folder, or delete it.");
    }
}
