using System.CommandLine;
using YiSharp.Evaluation;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi compare</c>: says which of several models are better, and where the data cannot tell.</summary>
internal static class CompareVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var runs = new Argument<string[]>("RUN") { Description = "With --prompts: models. Else folders of evaluations, the baseline first; ours, or results of lm-evaluation-harness or OpenCompass.", Arity = ArgumentArity.ZeroOrMore };
        var allPairs = new Option<bool>("--all-pairs") { Description = "Compare each with each, not only with the first." };
        var common = new Option<bool>("--common") { Description = "Leave out items that not all models were asked, instead of refusing them." };
        var anyPrompt = new Option<bool>("--any-prompt") { Description = "Compare items though their prompts differ, as those of two protocols do." };
        var margin = new Option<double?>("--margin") { Description = "Test besides that each loses less than P points (non-inferiority, score test).", HelpName = "P" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var markdown = new Option<bool>("--markdown") { Description = "Print Markdown tables." };
        var latex = new Option<bool>("--latex") { Description = "Print LaTeX tables." };
        var html = new Option<string?>("--html") { Description = "Write a page that loads nothing: tables, plots, subjects, the hardest items, failures.", HelpName = "FILE" };
        var published = new Option<bool>("--published") { Description = "Read the published table of the Yi chat models again: which differences are larger than chance, by its totals alone." };
        var models = new Option<string[]>("--models") { Description = "With --published: rows of the table, the first the one compared with; each quantized model with its 16-bit one when not given.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var verb = new Verb("compare", "Compare evaluations item by item: differences with intervals, exact tests adjusted for the whole table, and in words what cannot be told apart.",
            "yi compare out/base out/labels",
            "yi compare out/base out/8-bit out/4-bit --margin 3 --html compare.html   # does quantizing lose less than 3 points?",
            "yi compare --published   # which differences of the release's own table are real?",
            "yi compare --prompts runs/showcase.yaml smollm2-135m-instruct out/chat --html showcase.html   # answers side by side",
            "yi compare --prompts runs/showcase.yaml smollm2-135m-instruct out/chat --blind                # vote without knowing whose they are")
        {
            runs, allPairs, common, anyPrompt, margin, published, models, json, markdown, latex, html,
        };
        var showcase = new ShowcaseComparison();
        showcase.AddTo(verb);
        verb.SetAction(parse =>
        {
            var output = new ReportOutput(terminal, parse.GetValue(json), parse.GetValue(markdown), parse.GetValue(latex), parse.GetValue(html));
            string[] folders = parse.GetRequiredValue(runs), names = parse.GetRequiredValue(models);
            if (parse.GetValue(published))
            {
                if (folders.Length > 0) throw new UsageException("--published compares rows of the published table; name them with --models, without folders.");
                output.Write(PublishedComparison.Compare(names));
                return ExitCode.Done;
            }
            if (showcase.IsAskedFor(parse))
            {
                showcase.Run(parse, folders, parse.GetValue(html), terminal, interrupts);
                return ExitCode.Done;
            }
            if (names.Length > 0) throw new UsageException("--models names rows of the published table; give --published, too.");
            if (folders.Length < 2) throw new UsageException("yi compare needs the folders of two evaluations or more, such as yi compare out/base out/labels.");
            if (parse.GetValue(margin) is { } points && points is not (> 0 and < 100)) throw new UsageException($"--margin is {points}; more than 0 and less than 100 points were expected.");

            (string, ComparedRun)[] read = [.. folders.SelectMany(folder => RunFolder.Read(folder).Select(run => (folder, run)))];
            PairedRuns paired = PairedRuns.Align(Distinct(read), parse.GetValue(common), parse.GetValue(anyPrompt));
            output.Write(paired, ComparisonTable.Of(paired, parse.GetValue(allPairs), parse.GetValue(margin) / 100));
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>Runs of one name are told apart by their folders.</summary>
    private static ComparedRun[] Distinct((string Folder, ComparedRun Run)[] runs) =>
        [.. runs.Select(r => runs.Count(other => other.Run.Name == r.Run.Name) == 1 ? r.Run : r.Run with { Name = $"{r.Run.Name} ({r.Folder})" })];
}
