using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi eval audit</c>: answers that a person should look at before trusting a score.</summary>
internal static class EvalAuditVerb
{
    private const int MostCharacters = 600; // of an answer, at each side of what was read out of it

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of an evaluation." };
        var count = new Option<int>("--count") { Description = "Most answers of a kind.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var seed = new Option<int>("--seed") { Description = "What chooses them.", HelpName = "S", DefaultValueFactory = _ => 0 };
        var html = new Option<string?>("--html") { Description = "Write a page that loads nothing.", HelpName = "FILE" };
        var verb = new Verb("audit", "Show how often each rule found an answer, and some of the answers in which nothing was found, that were cut off, that never came, or that a rule had to guess.",
            "yi eval audit out/base --count 10", "yi eval audit out/base --html audit.html") { run, count, seed, html };
        verb.SetAction(parse =>
        {
            int most = parse.GetValue(count);
            if (most < 1) throw new UsageException($"--count is {most}; 1 or more was expected.");
            string folder = parse.GetRequiredValue(run);
            EvaluationReport report = EvaluationReport.Read(Path.Combine(folder, EvaluationReport.FileName));
            RunAudit audit = RunAudit.Of(Sample.Stream(folder, report), most, parse.GetValue(seed));
            if (parse.GetValue(html) is { } file) AtomicFile.WriteAllText(file, AuditPage.Create(report.Model, audit, $"yi {ProductVersion.Text} eval audit, seed {parse.GetValue(seed)}").ToHtml());
            terminal.Out.Write(TextTable.Render(AuditPage.Rules(audit)));
            foreach (AuditFinding finding in audit.Findings) Print(finding, terminal);
            return ExitCode.Done;
        });
        return verb;
    }

    private static void Print(AuditFinding finding, Terminal terminal)
    {
        terminal.Out.WriteLine($"\n{finding.Title}: {Sizes.Whole(finding.Count)}{(finding.Samples.Count < finding.Count ? $", {Sizes.Whole(finding.Samples.Count)} of them" : "")}");
        foreach (Sample sample in finding.Samples)
        {
            string read = sample.Prediction is { Extracted: { } extracted, Rule: var rule } ? $"; {(sample.Judgement is null ? "read" : "the judge's verdict is")} {extracted} by {rule}" : "";
            terminal.Out.WriteLine($"\n  {Sentences.OneLine($"{sample.Place}: {(sample.Prediction.Correct ? "right" : "wrong")}, expected {PairedRuns.Final(sample.Answer)}{read}")}");
            foreach (string line in QuestionEnd.LinesOf(sample)) terminal.Out.WriteLine($"  > {Sentences.Printable(line)}");
            WriteLines(sample.Response, MarkedOutput.Of(sample), terminal);
            if (sample.Judgement is not { } judgement) continue;
            terminal.Out.WriteLine("  judge:");
            WriteLines(judgement.Response, MarkedOutput.Of(judgement.Response, judgement.Span), terminal);
        }
    }

    private static void WriteLines(Response response, MarkedOutput marked, Terminal terminal)
    {
        foreach (string line in (response.Failure is { } failure ? Printable(failure) : Marked(marked, terminal.HasColours)).Split('\n')) terminal.Out.WriteLine($"  | {line}");
    }

    private static string Marked(MarkedOutput marked, bool hasColours)
    {
        // Where no place is known the end is what matters: there the answer should have been.
        string before = Shorten(marked.Before, fromStart: false), answer = Printable(marked.Answer), after = Shorten(marked.After, fromStart: true);
        return answer.Length == 0 ? before : hasColours ? $"{before}\u001b[7m{answer}\u001b[0m{after}" : $"{before}»{answer}«{after}";
    }

    private static string Shorten(string text, bool fromStart) => Printable(text.Length <= MostCharacters ? text : fromStart ? text[..MostCharacters] + " …" : "… " + text[^MostCharacters..]);

    private static string Printable(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Sentences.Printable));
}
