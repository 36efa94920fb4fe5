using System.Diagnostics;
using YiSharp.Inference;

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
    private IResponder? _judge;

    /// <summary>Who judges the answers of tasks with a <see cref="IEvaluationTask.Rubric"/>; null where there are none.</summary>
    public EvaluationJudge? Judge { get; init; }

    /// <summary>Whether questions that an earlier start left without an answer, or without a judge's word, are asked again; the others are kept.</summary>
    /// <value>false: a finished run is not touched.</value>
    public bool RetriesFailed { get; init; }

    /// <summary>Told what each batch took, once it is kept; null for nobody. Times differ from run to run, so they stand in no file of the run's results.</summary>
    public Action<BatchTiming>? OnBatch { get; init; }

    /// <summary>Told how many questions an earlier start has finished, before others are asked; null for nobody.</summary>
    public Action<int>? OnEarlier { get; init; }

    /// <summary>Told that the samples of a finished run are damaged, and how many stand before the damage; what is not there is asked again. null for nobody.</summary>
    public Action<int>? OnDamage { get; init; }

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

        if (Judge is null && tasks.FirstOrDefault(t => t.Rubric is not null) is { } judged)
            throw new ArgumentException($"The answers of {judged.Name} are judged by another model, and no judge was given; give one.", nameof(tasks));

        string fingerprint = FingerprintOf(tasks), reportPath = Path.Combine(folder, EvaluationReport.FileName), partialPath = Path.Combine(folder, SampleLedger.FileName);
        Directory.CreateDirectory(folder);
        if (TryReadFinished(folder, fingerprint) is { } finished)
        {
            string samplesPath = Path.Combine(folder, Sample.FileName);
            (int count, bool isWhole, bool isAsReported) = FinishedSamples.Check(samplesPath, tasks, finished);
            SampleLedger.Delete(partialPath);
            if (isWhole && isAsReported && (!RetriesFailed || finished.Tasks.All(task => task.Failures == 0)))
            {
                OnEarlier?.Invoke(count);
                return finished;
            }
            if (!isWhole) OnDamage?.Invoke(count);
            // The report goes only when the ledger has everything, so that whatever ends this start, one of them is whole.
            using SampleLedger restored = SampleLedger.Open(partialPath, fingerprint);
            restored.Restore(FinishedSamples.Read(samplesPath, tasks).Take(WholeBatches(tasks, count)));
        }

        File.Delete(reportPath); // of another run: a report never stands beside samples that are not its own
        var counts = tasks.ToDictionary(t => t.Name, t => new ScoreCount(t.Name), StringComparer.Ordinal);
        using (SampleLedger ledger = SampleLedger.Open(partialPath, fingerprint))
        {
            if (ledger.Count > 0) OnEarlier?.Invoke(ledger.Count);
            if (RetriesFailed) AskAgain(ledger, fingerprint, tasks, onProgress, cancellation);
            Ask(ledger, fingerprint, tasks, onProgress, cancellation);
            ledger.Export(Path.Combine(folder, Sample.FileName), sample => counts[sample.Task].Add(sample));
        }
        var report = new EvaluationReport(model.Name, model.Fingerprint, protocol, fingerprint, [.. tasks.Select(task => Described(counts[task.Name].ToScore(), task))])
        {
            Judge = Judge is not null && tasks.Any(t => t.Rubric is not null) ? JudgeDescription.Of(Judge.Model) : null,
            Arithmetic = model.Arithmetic,
            TemplateSha256 = model.TemplateSha256,
            StopIds = model.StopIds,
        };
        report.Write(reportPath);
        SampleLedger.Delete(partialPath);
        return report;
    }

    /// <summary>A score with what was asked, and how.</summary>
    private TaskScore Described(TaskScore score, IEvaluationTask task)
    {
        IEnumerable<TaskExample> written = task.Examples.Where(example => example.Options.Count == 0); // one after another: prompts are not kept
        int[] limits = [.. written.Select(example => example.MaxNewTokens ?? protocol.MaxNewTokens).Distinct().Take(2)];
        IReadOnlyList<string> stops = written.FirstOrDefault()?.Stops ?? [];
        return score with
        {
            DataSha256 = task.DataSha256,
            RubricSha256 = task.Rubric?.Sha256,
            RulesVersion = task.IsReadByOurRules ? ReadingRules.Version : null,
            MaxNewTokens = limits.Length == 1 ? limits[0] : null,
            Stops = stops.Count > 0 && written.All(example => example.Stops.SequenceEqual(stops)) ? stops : null,
        };
    }

    private void Ask(SampleLedger ledger, string fingerprint, IReadOnlyList<IEvaluationTask> tasks, Action<EvaluationProgress>? onProgress, CancellationToken cancellation)
    {
        int skipped = ledger.Count;
        foreach (IEvaluationTask task in tasks)
        {
            int correct = ledger.CorrectOf(task.Name);
            for (int start = 0; start < task.Examples.Count; start += protocol.BatchSize)
            {
                TaskExample[] batch = [.. Enumerable.Range(start, Math.Min(protocol.BatchSize, task.Examples.Count - start)).Select(i => task.Examples[i])];
                if (skipped >= batch.Length)
                {
                    skipped -= batch.Length; // finished by an earlier start
                    continue;
                }
                cancellation.ThrowIfCancellationRequested();
                int done = start;
                long begun = Stopwatch.GetTimestamp();
                Sample[] samples = AskBatch(task, batch, sample =>
                {
                    done++;
                    if (sample.Prediction.Correct) correct++;
                    onProgress?.Invoke(new EvaluationProgress(task.Name, done, task.Examples.Count, correct));
                }, cancellation);
                ledger.Append(samples);
                OnBatch?.Invoke(BatchTiming.Of(fingerprint, samples, Stopwatch.GetElapsedTime(begun)));
            }
        }
    }

    /// <summary>Samples of the batches that are whole among the first <paramref name="count"/> of a run: only behind such it goes on.</summary>
    private int WholeBatches(IReadOnlyList<IEvaluationTask> tasks, int count)
    {
        int whole = 0;
        foreach (IEvaluationTask task in tasks)
        {
            int left = count - whole, batches = left >= task.Examples.Count ? task.Examples.Count : left / protocol.BatchSize * protocol.BatchSize;
            whole += batches;
            if (batches < task.Examples.Count) break;
        }
        return whole;
    }

    /// <summary>Asks what failed at an earlier start.</summary>
    private void AskAgain(SampleLedger ledger, string fingerprint, IReadOnlyList<IEvaluationTask> tasks, Action<EvaluationProgress>? onProgress, CancellationToken cancellation)
    {
        List<int> failed = ledger.FailedAmong(ledger.Count);
        int first = 0;
        foreach (IEvaluationTask task in tasks)
        {
            int end = first + task.Examples.Count;
            int[] own = [.. failed.Where(ordinal => ordinal >= first && ordinal < end)];
            int done = Math.Min(ledger.Count, end) - first - own.Length, correct = ledger.CorrectOf(task.Name);
            foreach (int[] part in own.Chunk(protocol.BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                long begun = Stopwatch.GetTimestamp();
                Sample[] samples = AskBatch(task, [.. part.Select(ordinal => task.Examples[ordinal - first])], sample =>
                {
                    done++;
                    if (sample.Prediction.Correct) correct++;
                    onProgress?.Invoke(new EvaluationProgress(task.Name, done, task.Examples.Count, correct));
                }, cancellation);
                ledger.Replace(part, samples);
                OnBatch?.Invoke(BatchTiming.Of(fingerprint, samples, Stopwatch.GetElapsedTime(begun)));
            }
            first = end;
        }
    }

    private Sample[] AskBatch(IEvaluationTask task, TaskExample[] batch, Action<Sample> onSample, CancellationToken cancellation)
    {
        var samples = new Sample[batch.Length];
        void Keep(int index, Sample sample)
        {
            samples[index] = sample with { Subject = batch[index].Subject, Prompt = batch[index].Text, Options = sample.LogLikelihoods is null || QuestionText.AreLetters(batch[index].Options) ? null : batch[index].Options };
            if (task.Rubric is null || sample.Failure is not null) onSample(samples[index]);
        }
        _responder ??= openResponder();
        foreach (var part in Enumerable.Range(0, batch.Length).GroupBy(i => batch[i].Options.Count > 0))
        {
            int[] members = [.. part];
            Prompt[] prompts = [.. members.Select(i => PromptOf(batch[i]))];
            if (part.Key) Scorer.Score(prompts, (i, values, reason) => Keep(members[i], Chosen(task, batch[members[i]], values, reason)), cancellation);
            else _responder.Respond(prompts, (i, answer) => Keep(members[i], Answered(task, batch[members[i]], answer.WellFormed())), cancellation);
        }
        RequireAll(model, samples.Count(sample => sample is null), task, cancellation);
        if (task.Rubric is { } rubric) AskJudge(task, rubric, batch, samples, onSample, cancellation);
        return samples;
    }

    private void AskJudge(IEvaluationTask task, Rubric rubric, TaskExample[] batch, Sample[] samples, Action<Sample> onSample, CancellationToken cancellation)
    {
        int[] members = [.. Enumerable.Range(0, batch.Length).Where(i => samples[i].Failure is null)];
        if (members.Length == 0) return;
        Prompt[] prompts = [.. members.Select(i => rubric.PromptFor(batch[i], samples[i].Response.Text))];
        _judge ??= Judge!.Open();
        int missing = members.Length;
        _judge.Respond(prompts, (i, words) =>
        {
            missing--;
            samples[members[i]] = Judged(samples[members[i]], rubric, prompts[i].Messages[^1].Content, words.WellFormed());
            onSample(samples[members[i]]);
        }, cancellation);
        RequireAll(Judge!.Model, missing, task, cancellation);
    }

    private static void RequireAll(EvaluatedModel who, int missing, IEvaluationTask task, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested(); // a responder may end early without saying so
        if (missing > 0) throw new InvalidOperationException($"{who.Name} left {missing} questions of {task.Name} without an answer.");
    }

    private IOptionScorer Scorer => _responder as IOptionScorer
        ?? throw new NotSupportedException($"{model.Name} gives no log-likelihoods of options, which the protocol {protocol.Name} compares; give a protocol whose answers are written, such as {ProtocolPack.Default}, or leave the suite out.");

    private Prompt PromptOf(TaskExample example) => new(example.Messages, example.MaxNewTokens ?? protocol.MaxNewTokens) { Text = example.Text, Stops = example.Stops, Options = example.Options };

    private static Sample Answered(IEvaluationTask task, TaskExample example, Response response)
    {
        Prediction prediction = response.Failure is null && task.Rubric is null ? task.Predict(example, response.Text) : Prediction.NothingFound;
        // What the limit of tokens ended is perhaps no answer: a list of options that goes on, a sum that is not done.
        bool mayGoOn = response.FinishReason == FinishReason.Length && prediction.Span is { To: var to } && response.Text.AsSpan(to).IndexOfAnyExcept(" \n.)*") < 0;
        return new(task.Name, example.Item, example.Messages, example.Answer, response, mayGoOn ? prediction with { IsLowConfidence = true } : prediction);
    }

    private static Sample Judged(Sample sample, Rubric rubric, string prompt, Response words)
    {
        (Prediction verdict, double score) = words.Failure is null ? rubric.Read(words.Text) : (Prediction.NothingFound, 0);
        return sample with { Judgement = new Judgement(prompt, words) { Span = verdict.Span }, Prediction = verdict with { Span = null }, Score = score };
    }

    private static Sample Chosen(IEvaluationTask task, TaskExample example, double[]? values, string? reason)
    {
        var response = new Response("", FinishReason.Stop) { Failure = reason };
        if (values is null) return new Sample(task.Name, example.Item, example.Messages, example.Answer, response, Prediction.NothingFound);
        (Prediction prediction, double score) = task.Choose(example, values);
        return new Sample(task.Name, example.Item, example.Messages, example.Answer, response, prediction) { LogLikelihoods = values, Score = score, Metrics = task.FurtherMetrics(example, values) };
    }

    /// <summary>Hash of model, protocol and all questions: what makes two runs the same.</summary>
    public string FingerprintOf(IReadOnlyList<IEvaluationTask> tasks)
    {
        using var fingerprint = new Fingerprint();
        fingerprint.Add(model).Add(protocol).Add(tasks.Count);
        foreach (IEvaluationTask task in tasks)
        {
            fingerprint.Add(task.Name).Add(task.Examples.Count);
            if (task.Rubric is { } rubric) fingerprint.Add(rubric, Judge);
            if (task.IsReadByOurRules) fingerprint.Add(ReadingRules.Version);
            foreach (TaskExample example in task.Examples)
            {
                fingerprint.Add(example.Item).Add(example.Messages).Add(example.Answer).Add(example.Check).Add(example.Subject ?? "").Add(example.Text ?? "");
                fingerprint.Add(example.Options).Add(example.Stops).Add(example.MaxNewTokens ?? 0);
            }
        }
        return fingerprint.ToString();
    }

    /// <summary>The fingerprint of the run that was interrupted in a folder; null where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="orBegun">Also of one in which no batch is finished, since answers of it are kept elsewhere.</param>
    public static string? UnfinishedFingerprint(string folder, bool orBegun = false) => SampleLedger.FingerprintOf(Path.Combine(folder, SampleLedger.FileName), holdsSamples: !orBegun);

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
