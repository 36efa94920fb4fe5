using System.CommandLine;
using YiSharp.Evaluation;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval export</c>: an evaluation in the layout of lm-evaluation-harness.</summary>
internal static class EvalExportVerb
{
    private const string LmEval = "lm-eval";

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of an evaluation." };
        var output = new Argument<string>("OUT") { Description = "Where the model's folder goes." };
        var format = new Option<string>("--format") { Description = "The layout: lm-eval (results_*.json and samples_*.jsonl).", HelpName = LmEval, DefaultValueFactory = _ => LmEval };
        var verb = new Verb("export", "Write an evaluation in the layout of lm-evaluation-harness.", "yi eval export out/base exported --format lm-eval") { run, output, format };
        verb.SetAction(parse =>
        {
            if (parse.GetRequiredValue(format) is not LmEval and var other) throw new UsageException($"--format is '{other}'; {LmEval} was expected.");
            OutputFolder.Require("OUT", parse.GetRequiredValue(output));
            terminal.Out.WriteLine(Sentences.Printable(LmEvalExport.Write(parse.GetRequiredValue(run), parse.GetRequiredValue(output))));
            return ExitCode.Done;
        });
        return verb;
    }
}
