using System.CommandLine;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval report</c>: a finished evaluation as a table, or as a page.</summary>
internal static class EvalReportVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of an evaluation." };
        var json = new Option<bool>("--json") { Description = "Print evaluation.json." };
        var markdown = new Option<bool>("--markdown") { Description = "Print a Markdown table." };
        var latex = new Option<bool>("--latex") { Description = "Print a LaTeX table (booktabs)." };
        var html = new Option<string?>("--html") { Description = "Write the page that a run leaves in its folder: scores, subjects, the hardest questions, answers in which nothing was found, what the run was. It loads nothing.", HelpName = "FILE" };
        var verb = new Verb("report", "Print the scores of a finished evaluation, or write its page.",
            "yi eval report out/base",
            "yi eval report out/base --latex   # for a paper",
            "yi eval report out/theirs --html theirs.html   # of a run that yi eval import read") { run, json, markdown, latex, html };
        verb.SetAction(parse =>
        {
            new ReportOutput(terminal, parse.GetValue(json), parse.GetValue(markdown), parse.GetValue(latex), parse.GetValue(html)).Write(parse.GetRequiredValue(run));
            return ExitCode.Done;
        });
        return verb;
    }
}
