using System.CommandLine;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval import</c>: another program's results in our form, so that they can be compared with ours.</summary>
internal static class EvalImportVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("SOURCE") { Description = "Results of lm-evaluation-harness (results_*.json with samples_*.jsonl) or of OpenCompass (predictions/ and results/)." };
        var output = new Argument<string>("OUT") { Description = "Where evaluation.json and samples.jsonl go; with several models, a folder for each." };
        var filter = new Option<string?>("--filter") { Description = "Of lm-evaluation-harness: which filter's answers to take, such as strict-match.", HelpName = "NAME" };
        var verb = new Verb("import", "Read results of lm-evaluation-harness or OpenCompass.", "yi eval import lm_eval_output/smollm2 out/theirs", "yi compare out/ours out/theirs") { source, output, filter };
        verb.SetAction(parse =>
        {
            OutputFolder.Require("OUT", parse.GetRequiredValue(output));
            IReadOnlyList<ImportedRun> runs = RunFolder.Import(parse.GetRequiredValue(source), parse.GetValue(filter));
            string folder = parse.GetRequiredValue(output);
            foreach (ImportedRun run in runs)
            {
                string own = runs.Count == 1 ? folder : Path.Combine(folder, LmEvalExport.FileNameOf(run.Report.Model));
                run.Write(own);
                foreach (string remark in run.Remarks) terminal.Out.WriteLine(Sentences.Printable(remark));
                terminal.Out.WriteLine(Sentences.Printable($"{run.Report.Model}: {Sizes.Of(run.Samples.Count, "answer", "answers")} to {string.Join(", ", run.Report.Tasks.Select(t => t.Name))} in {own}"));
            }
            return ExitCode.Done;
        });
        return verb;
    }
}
