using YiSharp.Checkpoints;

namespace YiSharp.Evaluation;

/// <summary>
/// Asks a model every question of every task and writes <c>evaluation.json</c> and <c>samples.jsonl</c> into a folder. Interrupted at any moment and run again, it goes
/// on after the last finished batch and ends with the same bytes. A change of model, protocol or questions makes another run, which starts from nothing.
/// </summary>
/// <param name="model">Who answers.</param>
/// <param name="openResponder">Gives the one that answers; called once, and only if there is something left to ask.</param>
/// <param name="protocol">What is the same for every model.</param>
public sealed class Evaluator(EvaluatedModel model, Func<IResponder> openResponder, EvaluationProtocol protocol)
{
    private IResponder? _responder;

    /// <summary>Runs, or goes on with, an evaluation.</summary>
    /// <param name="folder">Where the files go; created if absent. One run at a time.</param>
    /// <param name="tasks">What is asked, in order; each name once.</param>
    /// <param name="onProgress">Called after every answer; null for none.</param>
    /// <param name="cancellation">Ends it early; what is finished stays.</param>
    /// <exception cref="ArgumentException">Two tasks share a name, or an option is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public EvaluationReport Run(string folder, IReadOnlyList<IEvaluationTask> tasks, Action<EvaluationProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        protocol.Validate();
        if (tasks.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"The task {twice.Key} was given {twice.Count()} times; results are told apart by name, so give each task one of its own.", nameof(tasks));

        string fingerprint = FingerprintOf(tasks), reportPath = Path.Combine(folder, EvaluationReport.FileName), partialPath = Path.Combine(folder, SampleLedger.FileName);
        Directory.CreateDirectory(folder);
        if (TryReadFinished(folder, fingerprint) is { } finished)
        {
            File.Delete(partialPath);
            return finished;
        }

        File.Delete(reportPath); // of another run: a report never stands beside samples that are not its own
        EvaluationReport report;
        using (SampleLedger ledger = SampleLedger.Open(partialPath, fingerprint))
        {
            Ask(ledger, tasks, onProgress, cancellation);
            report = new EvaluationReport(model.Name, model.Fingerprint, protocol, fingerprint,
                [.. tasks.Select(task => TaskScore.Of(task.Name, [.. ledger.Samples.Where(s => s.Task == task.Name)]))]);
            AtomicFile.WriteAllText(Path.Combine(folder, Sample.FileName), string.Concat(ledger.Samples.Select(s => s.ToJson() + "\n")));
        }
        report.Write(reportPath);
        File.Delete(partialPath);
        return report;
    }

    private void Ask(SampleLedger ledger, IReadOnlyList<IEvaluationTask> tasks, Action<EvaluationProgress>? onProgress, CancellationToken cancellation)
    {
        int skipped = ledger.Samples.Count;
        foreach (IEvaluationTask task in tasks)
        {
            int correct = ledger.Samples.Count(s => s.Task == task.Name && s.Prediction.Correct);
            for (int start = 0; start < task.Examples.Count; start += protocol.BatchSize)
            {
                TaskExample[] batch = [.. task.Examples.Skip(start).Take(protocol.BatchSize)];
                if (skipped >= batch.Length)
                {
                    skipped -= batch.Length; // finished by an earlier start
                    continue;
                }
                cancellation.ThrowIfCancellationRequested();
                int done = start;
                Sample[] samples = AskBatch(task, batch, sample =>
                {
                    done++;
                    if (sample.Prediction.Correct) correct++;
                    onProgress?.Invoke(new EvaluationProgress(task.Name, done, task.Examples.Count, correct));
                }, cancellation);
                ledger.Append(samples);
            }
        }
    }

    private Sample[] AskBatch(IEvaluationTask task, TaskExample[] batch, Action<Sample> onSample, CancellationToken cancellation)
    {
        var samples = new Sample[batch.Length];
        _responder ??= openResponder();
        _responder.Respond([.. batch.Select(example => new Prompt(example.Messages, protocol.MaxNewTokens))], (index, answer) =>
        {
            TaskExample example = batch[index];
            Response response = answer.WellFormed();
            samples[index] = new Sample(task.Name, example.Item, example.Messages, example.Answer, response, task.Predict(example, response.Text));
            onSample(samples[index]);
        }, cancellation);
        cancellation.ThrowIfCancellationRequested(); // a responder may end early without saying so
        int missing = samples.Count(sample => sample is null);
        if (missing > 0) throw new InvalidOperationException($"{model.Name} left {missing} of {batch.Length} questions of {task.Name} without an answer.");
        return samples;
    }

    private string FingerprintOf(IReadOnlyList<IEvaluationTask> tasks)
    {
        using var fingerprint = new Fingerprint();
        fingerprint.Add(model).Add(protocol).Add(tasks.Count);
        foreach (IEvaluationTask task in tasks)
        {
            fingerprint.Add(task.Name).Add(task.Examples.Count);
            foreach (TaskExample example in task.Examples) fingerprint.Add(example.Item).Add(example.Messages).Add(example.Answer).Add(example.Check);
        }
        return fingerprint.ToString();
    }

    private static EvaluationReport? TryReadFinished(string folder, string fingerprint)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        if (!File.Exists(path) || !File.Exists(Path.Combine(folder, Sample.FileName))) return null;
        try
        {
            EvaluationReport report = EvaluationReport.Read(path);
            return report.Fingerprint == fingerprint ? report : null;
        }
        catch (InvalidDataException)
        {
            return null; // not one of ours: it is measured again and written over
        }
    }
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Done">Questions of it that are answered.</param>
/// <param name="Count">Its questions.</param>
/// <param name="Correct">Right answers so far.</param>
public readonly record struct EvaluationProgress(string Task, int Done, int Count, int Correct);
