using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Evaluation;
using YiSharp.Inference;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval</c>: asks a model the questions of benchmarks and evaluation sets and judges its answers.</summary>
internal static class EvalVerb
{
    private const string DefaultFolder = "evaluations";

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new ModelOptions();
        var suites = new SuiteOptions();
        var gsm8k = new Option<string?>("--gsm8k") { Description = "Questions of GSM8K, JSON lines, asked as the recipe's quickstart does.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = $"Where evaluation.json and samples.jsonl go; an evaluation that was interrupted there goes on. {DefaultFolder}/ and a name of its own for each run when not given.", HelpName = "FOLDER" };
        var maxNewTokens = new Option<int?>("--max-new-tokens") { Description = "Most tokens of an answer; the protocol's own when not given (128 for evaluation sets of your own).", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "Print evaluation.json instead of a table." };
        var verb = new Verb("eval", "Ask a model every question of benchmarks and evaluation sets, greedy; scores with intervals and extraction failures, and every answer kept. Started again, it goes on where it was.",
            "yi eval --suite mmlu,gsm8k,bbh --limit 50",
            "yi eval --suite mmlu --subjects astronomy,marketing --protocol lm-eval-0.4 --data path/to/benchmarks",
            "yi eval --data runs/quickstart/labels.eval.jsonl --out out/base",
            "yi eval --adapter runs/labels/adapter --data runs/quickstart/labels.eval.jsonl --gsm8k runs/quickstart/gsm8k.jsonl --out out/labels")
        {
            gsm8k, output, maxNewTokens, json,
        };
        suites.AddTo(verb);
        model.AddTo(verb);
        verb.Add(EvalExtractVerb.Create(terminal, interrupts));
        verb.Add(EvalAuditVerb.Create(terminal));
        verb.Add(EvalImportVerb.Create(terminal));
        verb.Add(EvalExportVerb.Create(terminal));
        verb.Add(EvalDataVerb.Create(terminal));
        verb.SetAction(parse =>
        {
            int? limit = parse.GetValue(maxNewTokens);
            if (limit < 1) throw new UsageException($"--max-new-tokens is {limit}; 1 or more was expected.");
            List<IEvaluationTask> tasks = suites.Tasks(parse, limit);
            if (parse.GetValue(gsm8k) is { } questions) tasks.Add(Gsm8kTask.Read(questions));
            if (tasks.Count == 0) throw new UsageException("There is nothing to ask; give --suite NAME,NAME, --data FILE or --gsm8k FILE.");
            EvaluationProtocol protocol = suites.Protocol(parse) with { MaxNewTokens = limit ?? new EvaluationProtocol().MaxNewTokens };

            using LanguageModel loaded = model.Load(parse, terminal, interrupts.Token);
            using var responder = new LocalResponder(loaded);
            EvaluatedModel evaluated = Describe(loaded, model.Describe(parse), model.Fingerprint(parse));
            var evaluator = new Evaluator(evaluated, () => responder, protocol);
            string folder = parse.GetValue(output) ?? Path.Combine(DefaultFolder, $"{Path.GetFileNameWithoutExtension(evaluated.Name)}-{protocol.Name}-{evaluator.FingerprintOf(tasks)[..12]}");
            RequireSameModel(folder, evaluated);
            int total = tasks.Sum(t => t.Examples.Count);
            EvaluationReport report = ProgressDisplay.Run(terminal, show => evaluator.Run(folder, tasks,
                progress => show(new WorkProgress($"evaluate {progress.Task}", (double)(tasks.TakeWhile(t => t.Name != progress.Task).Sum(t => t.Examples.Count) + progress.Done) / total, EvalTable.Running(progress))), interrupts.Token));
            if (parse.GetValue(json)) terminal.Out.Write(File.ReadAllText(Path.Combine(folder, EvaluationReport.FileName)));
            else EvalTable.Write(report, folder, terminal.Out);
            return ExitCode.Done;
        });
        return verb;
    }

    private static EvaluatedModel Describe(LanguageModel model, string name, string fingerprint) => new(name, fingerprint)
    {
        TemplateSha256 = model.Checkpoint.ChatTemplate is { } template ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template))) : null,
        StopIds = [.. model.StopIds],
    };

    /// <summary>A finished evaluation of another model is not written over.</summary>
    private static void RequireSameModel(string folder, EvaluatedModel model)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        if (!File.Exists(path)) return;
        EvaluationReport earlier = EvaluationReport.Read(path);
        if (earlier.ModelFingerprint != model.Fingerprint) throw new UsageException($"--out {folder} holds the evaluation of another model ({earlier.Model}); give another folder, or delete it.");
    }
}
