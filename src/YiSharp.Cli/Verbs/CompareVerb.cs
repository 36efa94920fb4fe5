using System.CommandLine;
using System.Text;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi compare</c>: says which of several models are better, and where the data cannot tell.</summary>
internal static class CompareVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders of evaluations, the baseline first; ours, or results of lm-evaluation-harness or OpenCompass.", Arity = ArgumentArity.ZeroOrMore };
        var allPairs = new Option<bool>("--all-pairs") { Description = "Compare each with each, not only with the first." };
        var common = new Option<bool>("--common") { Description = "Leave out items that not all models were asked, instead of refusing them." };
        var anyPrompt = new Option<bool>("--any-prompt") { Description = "Compare items though their prompts differ, as those of two protocols do." };
        var margin = new Option<double?>("--margin") { Description = "Test besides that each loses less than P points (non-inferiority, score test).", HelpName = "P" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var markdown = new Option<bool>("--markdown") { Description = "Print Markdown tables." };
        var latex = new Option<bool>("--latex") { Description = "Print LaTeX tables." };
        var html = new Option<string?>("--html") { Description = "Write a page that loads nothing: tables, plots, subjects, the hardest items, failures.", HelpName = "FILE" };
        var verb = new Verb("compare", "Compare evaluations item by item: differences with intervals, exact tests adjusted for the whole table, and in words what cannot be told apart.",
            "yi compare out/base out/labels",
            "yi compare out/base out/8-bit out/4-bit --margin 3 --html compare.html   # does quantizing lose less than 3 points?")
        {
            runs, allPairs, common, anyPrompt, margin, json, markdown, latex, html,
        };
        verb.SetAction(parse =>
        {
            string[] folders = parse.GetRequiredValue(runs);
            if (folders.Length < 2) throw new UsageException("yi compare needs the folders of two evaluations or more, such as yi compare out/base out/labels.");
            bool[] forms = [parse.GetValue(json), parse.GetValue(markdown), parse.GetValue(latex)];
            if (forms.Count(form => form) > 1) throw new UsageException("--json, --markdown and --latex are forms of the same; give one.");
            if (parse.GetValue(margin) is { } points && points is not (> 0 and < 100)) throw new UsageException($"--margin is {points}; more than 0 and less than 100 points were expected.");

            PairedRuns paired = PairedRuns.Align(Distinct([.. folders.SelectMany(folder => RunFolder.Read(folder).Select(run => (folder, run)))]), parse.GetValue(common), parse.GetValue(anyPrompt));
            ComparisonTable comparison = ComparisonTable.Of(paired, parse.GetValue(allPairs), parse.GetValue(margin) / 100);
            terminal.Out.Write(forms[0] ? ComparisonJson.Write(comparison)
                : forms[1] ? Join(comparison, MarkdownTable.Render)
                : forms[2] ? Join(comparison, LatexTable.Render)
                : Join(comparison, Plain) + "\n" + string.Concat(Remarks(comparison).Select(sentence => Sentences.Printable(sentence) + "\n")));
            if (parse.GetValue(html) is { } file) AtomicFile.WriteAllText(file, ComparisonPage.Create(paired, comparison, $"yi {ProductVersion.Text} compare").ToHtml());
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>Runs of one name are told apart by their folders.</summary>
    private static ComparedRun[] Distinct((string Folder, ComparedRun Run)[] runs) =>
        [.. runs.Select(r => runs.Count(other => other.Run.Name == r.Run.Name) == 1 ? r.Run : r.Run with { Name = $"{r.Run.Name} ({r.Folder})" })];

    private static IEnumerable<string> Remarks(ComparisonTable comparison) =>
        comparison.LeftOut == 0 ? comparison.Findings() : [.. comparison.Findings(), $"{comparison.LeftOut} items that not all models were asked are left out."];

    private static string Join(ComparisonTable comparison, Func<Table, string> render) => render(ComparisonTables.Scores(comparison)) + "\n" + render(ComparisonTables.Differences(comparison));

    private static string Plain(Table table)
    {
        var text = new TextTable([.. table.Columns.Select(c => (c.Alignment == Alignment.End ? ">" : "") + c.Header)]);
        foreach (Row row in table.Rows) text.Add([.. row.Cells.Select(cell => Sentences.Printable(cell.Text))]);
        var lines = new StringBuilder();
        foreach (string line in text.Lines()) lines.Append(line).Append('\n');
        return lines.ToString();
    }
}
