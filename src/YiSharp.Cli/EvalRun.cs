using System.Globalization;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Reports;

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
        int total = tasks.Sum(t => t.Examples.Count);
        IResponder? judging = null;
        var evaluator = new Evaluator(model, () => open(folder), protocol)
        {
            RetriesFailed = RetriesFailed,
            Judge = judge is null ? null : new EvaluationJudge(judge.Model, () => judging = judge.Open(folder)),
            OnBatch = batch => batch.Append(folder),
            OnEarlier = count => Say(count == total ? $"{Sizes.Of(total, "question was", "questions were")} answered by an earlier start: nothing is left to ask."
                : string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {Sizes.Of(total, "question was", "questions were")} answered by an earlier start; the others are asked now.")),
            OnDamage = count => Say(string.Create(CultureInfo.InvariantCulture, $"{Path.Combine(folder, Sample.FileName)} is damaged or cut off behind line {count}; what is missing is asked again.")),
        };
        if (output is null) folder = Path.Combine(DefaultFolder, $"{NameOf(model)}-{protocol.Name}-{evaluator.FingerprintOf(tasks)[..12]}");
        else
        {
            RequireFolder(folder);
            RequireSameRun(folder, model, evaluator.FingerprintOf(tasks));
        }
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
        if (EndpointTotals.Of(RequestLog.Read(folder, RequestLog.JudgeFileName), judge?.Prices) is { Questions: > 0 } judged) Say($"judge: {judged}");
        return (report, folder);
    }

    /// <summary>Says how many questions have no answer, and why the first of them has none.</summary>
    /// <param name="report">The run's scores.</param>
    /// <param name="folder">Where its samples are.</param>
    /// <param name="mayChange">Whether asking again may help: an endpoint can recover, a question stays too long.</param>
    public void SayMissing(EvaluationReport report, string folder, bool mayChange)
    {
        int missing = report.Tasks.Sum(task => task.Failures);
        if (missing == 0) return;
        Sample first = Sample.Stream(folder, report).First(sample => sample.Failure is not null);
        string which = missing == 1 ? "it is" : "the first is", again = mayChange ? " The same command with --retry-failed asks them again, and only them." : "";
        Say(string.Create(CultureInfo.InvariantCulture, $"{missing:N0} of {Sizes.Of(report.Tasks.Sum(task => task.Count), "question", "questions")} {(missing == 1 ? "has" : "have")} no answer; {which} {first.Place}: {first.Failure!.TrimEnd('.')}.{again}"));
    }

    /// <summary>A sentence beside the table, on standard error.</summary>
    public void Say(string sentence) => terminal.Error.WriteLine(sentence);

    /// <summary>The model's name as part of a folder's.</summary>
    private static string NameOf(EvaluatedModel model) => string.Concat(model.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '-'));

    private static void RequireFolder(string folder)
    {
        OutputFolder.Require("--out", folder);
        Directory.CreateDirectory(folder);
    }

    /// <summary>What another run left in the folder is not written over, finished or not.</summary>
    private void RequireSameRun(string folder, EvaluatedModel model, string fingerprint)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        if (File.Exists(path))
        {
            EvaluationReport earlier = EvaluationReport.Read(path);
            if (earlier.Fingerprint != fingerprint) throw new UsageException($"--out {folder} holds another evaluation, which is not written over: {Difference(earlier, model)}. Give another folder, or delete this one.");
        }
        bool hasAnswers = RequestLog.Read(folder).Any() || RequestLog.Read(folder, RequestLog.JudgeFileName).Any(); // of an endpoint, which were paid
        if (Evaluator.UnfinishedFingerprint(folder, orBegun: hasAnswers) is { } unfinished && unfinished != fingerprint)
            throw new UsageException($"--out {folder} holds an evaluation that was interrupted, of another model, other options or other questions, which is not written over. Give its own command to go on with it, another folder, or delete this one.");
    }

    private string Difference(EvaluationReport earlier, EvaluatedModel model)
    {
        string[] names = [.. tasks.Select(task => task.Name)], earlierNames = [.. earlier.Tasks.Select(task => task.Name)];
        (string What, object? Earlier, object? Now)[] parts =
        [
            ("the model", earlier.Model, model.Name),
            ("the protocol", $"{earlier.Protocol.Name} {earlier.Protocol.Version}", $"{protocol.Name} {protocol.Version}"),
            ("the version of the rules that read answers", earlier.Tasks.Max(task => task.RulesVersion), tasks.Any(task => task.IsReadByOurRules) ? ReadingRules.Version : null),
            ("--precision", earlier.Arithmetic?.Precision, model.Arithmetic?.Precision),
            ("--kv-cache", earlier.Arithmetic?.KvCache, model.Arithmetic?.KvCache),
            ("the exemplars (--shots)", earlier.Protocol.Shots, protocol.Shots),
            .. names.SequenceEqual(earlierNames) ? new (string, object?, object?)[] { ("--max-new-tokens", earlier.Protocol.MaxNewTokens, protocol.MaxNewTokens) } : [], // else it follows from what is asked
            ("--limit", earlier.Protocol.Limit, protocol.Limit),
            ("--seed", earlier.Protocol.Seed, protocol.Seed),
            ("what is asked", string.Join(",", earlierNames), string.Join(",", names)),
        ];
        string[] differing = [.. parts.Where(part => !Equals(part.Earlier, part.Now)).Select(part => $"{part.What} was {part.Earlier ?? "not given"} and is {part.Now ?? "not given"}")];
        return differing.Length > 0 ? string.Join("; ", differing) : earlier.ModelFingerprint != model.Fingerprint ? "the model of that name has other files, or another address" : "its questions, or who judges them, differ";
    }
}
