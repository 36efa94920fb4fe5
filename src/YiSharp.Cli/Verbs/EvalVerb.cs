using System.CommandLine;
using YiSharp.Endpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval</c>: asks a model the questions of benchmarks and evaluation sets and judges its answers.</summary>
internal static class EvalVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new ModelOptions();
        var suites = new SuiteOptions();
        var endpoint = new EndpointOptions();
        var judge = new JudgeOptions(model);
        var gsm8k = new Option<string?>("--gsm8k") { Description = "Questions of GSM8K, JSON lines, asked as the recipe's quickstart does.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = $"Where evaluation.json and samples.jsonl go; an evaluation that was interrupted there goes on. {EvalRun.DefaultFolder}/ and a name of its own for each run when not given.", HelpName = "FOLDER" };
        var maxNewTokens = new Option<int?>("--max-new-tokens") { Description = "Most tokens of an answer; the protocol's own when not given (128 for evaluation sets of your own).", HelpName = "N" };
        var retryFailed = new Option<bool>("--retry-failed") { Description = "Ask again what ended without an answer, such as an endpoint's failures; all other answers are kept." };
        var json = new Option<bool>("--json") { Description = "Print evaluation.json instead of a table." };
        var markdown = new Option<bool>("--markdown") { Description = "Print a Markdown table." };
        var latex = new Option<bool>("--latex") { Description = "Print a LaTeX table (booktabs)." };
        var verb = new Verb("eval", "Ask a model every question of benchmarks and evaluation sets, greedy; scores with intervals and extraction failures, and every answer kept.",
            "yi eval --suite mmlu,gsm8k,bbh --limit 50",
            "yi eval --suite mmlu --subjects astronomy,marketing --protocol lm-eval-0.4 --data path/to/benchmarks",
            "yi eval --suite gsm8k --limit 100 --endpoint http://127.0.0.1:8000/v1 --endpoint-model my-model --api-key-env MY_KEY",
            "yi eval --task tasks/explanations/explanations.yaml --judge path/to/judge",
            "yi eval --data runs/quickstart/labels.eval.jsonl --out out/base",
            "yi eval --adapter runs/labels/adapter --data runs/quickstart/labels.eval.jsonl --gsm8k runs/quickstart/gsm8k.jsonl --out out/labels")
        {
            gsm8k, output, maxNewTokens, retryFailed, json, markdown, latex,
        };
        verb.MarkGoingOn();
        suites.AddTo(verb);
        model.AddTo(verb);
        endpoint.AddTo(verb);
        judge.AddTo(verb);
        verb.Add(EvalExtractVerb.Create(terminal, interrupts));
        verb.Add(EvalReportVerb.Create(terminal));
        verb.Add(EvalAuditVerb.Create(terminal));
        verb.Add(EvalImportVerb.Create(terminal));
        verb.Add(EvalExportVerb.Create(terminal));
        verb.Add(EvalDataVerb.Create(terminal));
        verb.SetAction(parse =>
        {
            var printed = new ReportOutput(terminal, parse.GetValue(json), parse.GetValue(markdown), parse.GetValue(latex), html: null);
            int? limit = parse.GetValue(maxNewTokens);
            if (limit < 1) throw new UsageException($"--max-new-tokens is {limit}; 1 or more was expected.");
            OpenAiOptions? address = endpoint.Read(parse);
            if (address is not null) model.RequireNone(parse, "--endpoint", isNobodyLocal: !judge.IsLocal(parse));
            List<IEvaluationTask> tasks = suites.Tasks(parse, limit);
            if (parse.GetValue(gsm8k) is { } questions) tasks.Add(Gsm8kTask.Read(questions));
            if (tasks.Count == 0) throw new UsageException("There is nothing to ask; give --suite NAME,NAME, --task FILE, --data FILE or --gsm8k FILE.");
            EvaluationProtocol protocol = suites.Protocol(parse) with { MaxNewTokens = limit ?? LongestAnswer(tasks) };

            var run = new EvalRun(tasks, protocol, judge.Read(parse, tasks), parse.GetValue(output), terminal, interrupts.Token) { RetriesFailed = parse.GetValue(retryFailed) };
            (EvaluationReport report, string folder) = address is not null ? AskEndpoint(parse, endpoint, address, run) : AskLocally(parse, model, run, terminal, interrupts.Token);
            ReportOutput.WritePage(folder, Path.Combine(folder, RunPage.FileName));
            printed.Write(folder);
            run.Say($"Every answer: {Path.Combine(folder, Sample.FileName)}; the report: {Path.Combine(folder, RunPage.FileName)}");
            run.SayMissing(report, folder, mayChange: address is not null || report.Judge is not null);
            // A score of answers that nobody gave is none.
            return report.Tasks.Any(task => task.Failures == task.Count) ? ExitCode.WorkFailed : ExitCode.Done;
        });
        return verb;
    }

    private static (EvaluationReport Report, string Folder) AskLocally(ParseResult parse, ModelOptions model, EvalRun run, Terminal terminal, CancellationToken cancellation)
    {
        using LanguageModel loaded = model.Load(parse, terminal, cancellation);
        using var responder = new LocalResponder(loaded);
        return run.Ask(model.Evaluated(parse, loaded.Checkpoint) with { StopIds = [.. loaded.StopIds] }, _ => responder);
    }

    private static (EvaluationReport Report, string Folder) AskEndpoint(ParseResult parse, EndpointOptions endpoint, OpenAiOptions address, EvalRun run)
    {
        OpenAiResponder? responder = null;
        try
        {
            (EvaluationReport report, string folder) = run.Ask(address.Describe(), folder =>
            {
                int earlier = RequestLog.Read(folder).Count(record => record.Failure is null);
                if (earlier > 0) run.Say($"{Sizes.Of(earlier, "answer", "answers")} of an earlier start {(earlier == 1 ? "stands" : "stand")} in {RequestLog.FileName} and {(earlier == 1 ? "is" : "are")} not asked for again.");
                return responder = endpoint.Open(parse, address, folder);
            });
            responder?.Dispose(); // what it took stands in a file of its own
            responder = null;
            run.Say(EndpointTotals.Of(RequestLog.Read(folder), address.Prices).ToString());
            return (report, folder);
        }
        finally
        {
            responder?.Dispose();
        }
    }

    /// <summary>What is recorded as the limit of answers: the greatest of the tasks' own where each has one, else that of sets of one's own.</summary>
    private static int LongestAnswer(IReadOnlyList<IEvaluationTask> tasks)
    {
        int?[] limits = [.. tasks.SelectMany(task => task.Examples).Where(example => example.Options.Count == 0).Select(example => example.MaxNewTokens).Distinct()];
        return limits.Length > 0 && limits.All(limit => limit is not null) ? limits.Max()!.Value : new EvaluationProtocol().MaxNewTokens;
    }
}
