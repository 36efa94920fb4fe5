using System.CommandLine;
using YiSharp.Evaluation;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi compare</c>: says which of several models are better, and where the data cannot tell.</summary>
internal static class CompareVerb
{
    /// <summary>What is compared.</summary>
    [Flags]
    private enum CompareMode
    {
        Evaluations = 1,
        Published = 2,
        Showcase = 4,
    }

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var runs = new Argument<string[]>("RUN") { Description = $"With --prompts: models, each as {ShowcaseModels.Forms}. Else folders of evaluations, the baseline first; ours, or results of lm-evaluation-harness or OpenCompass.", Arity = ArgumentArity.ZeroOrMore };
        var allPairs = new Option<bool>("--all-pairs") { Description = "Compare each with each, not only with the first." };
        var common = new Option<bool>("--common") { Description = "Leave out items that not all models were asked, instead of refusing them." };
        var anyPrompt = new Option<bool>("--any-prompt") { Description = "Compare items though their prompts differ, as those of two protocols do." };
        var margin = new Option<double?>("--margin") { Description = "Test besides that each loses less than P points (non-inferiority, score test).", HelpName = "P", CustomParser = RealNumber.ParseOptional };
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
            "yi compare --prompts runs/showcase.yaml smollm2-135m-instruct out/chat --blind                # vote without knowing whose they are",
            "yi compare --prompts runs/showcase.yaml smollm2-135m-instruct+out/labels/adapter my-model@http://127.0.0.1:8000/v1 --api-key-env MY_KEY")
        {
            runs, allPairs, common, anyPrompt, margin, published, models, json, markdown, latex, html,
        };
        var showcase = new ShowcaseComparison();
        showcase.AddTo(verb);
        (Option Option, CompareMode Modes)[] modes =
        [
            (allPairs, CompareMode.Evaluations), (common, CompareMode.Evaluations), (anyPrompt, CompareMode.Evaluations), (margin, CompareMode.Evaluations), (models, CompareMode.Published), (published, CompareMode.Published),
            (json, CompareMode.Evaluations | CompareMode.Published), (markdown, CompareMode.Evaluations | CompareMode.Published), (latex, CompareMode.Evaluations | CompareMode.Published),
            .. showcase.Options.Select(option => (option, CompareMode.Showcase)),
        ];
        verb.SetAction(parse =>
        {
            CompareMode mode = parse.GetValue(published) ? CompareMode.Published : showcase.IsAskedFor(parse) ? CompareMode.Showcase : CompareMode.Evaluations;
            RefuseOthers(parse, modes, mode);
            var output = new ReportOutput(terminal, parse.GetValue(json), parse.GetValue(markdown), parse.GetValue(latex), parse.GetValue(html));
            string[] folders = parse.GetRequiredValue(runs), names = parse.GetRequiredValue(models);
            if (mode == CompareMode.Published)
            {
                if (folders.Length > 0) throw new UsageException("--published compares rows of the published table; name them with --models, without folders.");
                output.Write(PublishedComparison.Compare(names));
                return ExitCode.Done;
            }
            if (mode == CompareMode.Showcase)
            {
                showcase.Run(parse, folders, parse.GetValue(html), terminal, interrupts);
                return ExitCode.Done;
            }
            if (folders.Length < 2) throw new UsageException("yi compare needs the folders of two evaluations or more, such as yi compare out/base out/labels.");
            if (parse.GetValue(margin) is { } points && points is not (> 0 and < 100)) throw new UsageException($"--margin is {points}; more than 0 and less than 100 points were expected.");

            ComparedRun[] read = [.. folders.SelectMany(RunFolder.Read)];
            RefuseTwice(folders);
            PairedRuns paired = PairedRuns.Align(RunLabels.Distinct(read), parse.GetValue(common), parse.GetValue(anyPrompt));
            output.Write(paired, ComparisonTable.Of(paired, parse.GetValue(allPairs), parse.GetValue(margin) / 100));
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>What one way of comparing does not know is refused, not passed over.</summary>
    private static void RefuseOthers(ParseResult parse, (Option Option, CompareMode Modes)[] modes, CompareMode mode)
    {
        (Option Option, CompareMode Modes)[] strangers = [.. modes.Where(o => !o.Modes.HasFlag(mode) && parse.GetResult(o.Option) is { Implicit: false })];
        if (strangers.Length == 0) return;
        string names = string.Join(" and ", strangers.Select(s => s.Option.Name));
        bool isOne = strangers.Length == 1;
        throw new UsageException(mode == CompareMode.Evaluations
            ? $"{names} {(isOne ? "belongs" : "belong")} to {string.Join(" and ", strangers.Select(s => Asking(s.Modes)).Distinct())}, which {(strangers.Select(s => s.Modes).Distinct().Count() == 1 ? "is" : "are")} not given; add it, or leave {(isOne ? "it" : "them")} out."
            : $"{names} {(isOne ? "has" : "have")} no meaning with {Asking(mode)}; leave {(isOne ? "it" : "them")} out.");
    }

    private static string Asking(CompareMode mode) => mode.HasFlag(CompareMode.Published) ? "--published" : "--prompts";

    private static void RefuseTwice(string[] folders)
    {
        string? twice = folders.GroupBy(Place, StringComparer.Ordinal).FirstOrDefault(place => place.Count() > 1)?.Last();
        if (twice is not null) throw new UsageException($"{twice} is given twice, and a run does not differ from itself; give another folder, or leave it out.");
    }

    /// <summary>Where a folder really is, however it was written.</summary>
    private static string Place(string folder)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Directory.Exists(path) ? Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
    }
}
