using System.CommandLine;
using System.Globalization;
using YiSharp.Evaluation;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval</c>: asks a model the questions of evaluation sets and judges its answers.</summary>
internal static class EvalVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new ModelOptions();
        var data = new Option<string[]>("--data") { Description = "Evaluation sets: instruction rows with an answer and a check, JSON lines; a task each, named after its file.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var gsm8k = new Option<string?>("--gsm8k") { Description = "Questions of GSM8K, JSON lines.", HelpName = "FILE" };
        var output = new Option<string>("--out") { Description = "Where evaluation.json and samples.jsonl go; an evaluation that was interrupted there goes on.", HelpName = "FOLDER", Required = true };
        var maxNewTokens = new Option<int>("--max-new-tokens") { Description = "Most tokens of an answer.", HelpName = "N", DefaultValueFactory = _ => 128 };
        var json = new Option<bool>("--json") { Description = "Print evaluation.json instead of a table." };
        var verb = new Verb("eval", "Ask a model every question of evaluation sets, zero-shot and greedy; scores with intervals, and every answer kept. Started again, it goes on where it was.",
            "yi eval --data runs/quickstart/labels.eval.jsonl --out out/base",
            "yi eval --adapter runs/labels/adapter --data runs/quickstart/labels.eval.jsonl --gsm8k runs/quickstart/gsm8k.jsonl --out out/labels")
        {
            data, gsm8k, output, maxNewTokens, json,
        };
        model.AddTo(verb);
        verb.Add(EvalExtractVerb.Create(terminal, interrupts));
        verb.SetAction(parse =>
        {
            int limit = parse.GetValue(maxNewTokens);
            if (limit < 1) throw new UsageException($"--max-new-tokens is {limit}; 1 or more was expected.");
            var tasks = new List<IEvaluationTask>();
            foreach (string file in parse.GetRequiredValue(data)) tasks.Add(AbilityTask.Read(NameOf(file), file));
            if (parse.GetValue(gsm8k) is { } questions) tasks.Add(Gsm8kTask.Read(questions));
            if (tasks.Count == 0) throw new UsageException("There is nothing to ask; give --data FILE or --gsm8k FILE.");

            string folder = parse.GetRequiredValue(output);
            var evaluated = new EvaluatedModel(model.Describe(parse), model.Fingerprint(parse));
            RequireSameModel(folder, evaluated);
            using LocalResponder responder = new(model.Load(parse, terminal, interrupts.Token));
            int total = tasks.Sum(t => t.Examples.Count);
            EvaluationReport report = ProgressDisplay.Run(terminal, show => new Evaluator(evaluated, () => responder, new EvaluationProtocol { MaxNewTokens = limit }).Run(folder, tasks,
                progress => show(new WorkProgress($"evaluate {progress.Task}", (double)(tasks.TakeWhile(t => t.Name != progress.Task).Sum(t => t.Examples.Count) + progress.Done) / total,
                    $"{progress.Done}/{progress.Count}, {progress.Correct} right")), interrupts.Token));
            if (parse.GetValue(json)) terminal.Out.Write(File.ReadAllText(Path.Combine(folder, EvaluationReport.FileName)));
            else Print(report, folder, terminal.Out);
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>A finished evaluation of another model is not written over.</summary>
    private static void RequireSameModel(string folder, EvaluatedModel model)
    {
        string path = Path.Combine(folder, EvaluationReport.FileName);
        if (!File.Exists(path)) return;
        EvaluationReport earlier = EvaluationReport.Read(path);
        if (earlier.ModelFingerprint != model.Fingerprint) throw new UsageException($"--out {folder} holds the evaluation of another model ({earlier.Model}); give another folder, or delete it.");
    }

    /// <summary>A task's name from its file's: <c>labels.eval.jsonl</c> holds <c>labels</c>.</summary>
    private static string NameOf(string file)
    {
        string name = Path.GetFileName(file);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? name[..dot] : name;
    }

    private static void Print(EvaluationReport report, string folder, TextWriter output)
    {
        int width = report.Tasks.Max(t => t.Name.Length);
        foreach (TaskScore task in report.Tasks)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{task.Name.PadRight(width)}  {task.Correct,4}/{task.Count,-4}  {100 * task.Accuracy,5:0.0} % (95 % interval {100 * task.Interval.Low:0.0}–{100 * task.Interval.High:0.0})  nothing found {task.ExtractionFailures}, cut off {task.Truncated}"));
        }
        output.WriteLine($"Every answer: {Path.Combine(folder, Sample.FileName)}");
    }
}
