using System.CommandLine;
using YiSharp.Recipes;
using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi release</c>: the whole way from a recipe to a folder with models, cards and a report.</summary>
internal static class ReleaseVerb
{
    /// <summary>The verb.</summary>
    public static Verb Create(Terminal terminal, Interrupts interrupts)
    {
        var recipe = new Argument<string>("RECIPE") { Description = "A recipe file, such as runs/quickstart.yaml." };
        var output = new Option<string?>("--out") { Description = "Where the release goes; releases/NAME when not given.", HelpName = "FOLDER" };
        var fresh = new Option<bool>("--fresh") { Description = "Delete what an earlier start left there, and begin anew." };
        var json = new Option<bool>("--json") { Description = "Print release.json instead of a table." };
        var threads = new Option<int>("--threads") { Description = "Threads to compute with; results do not depend on it.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };

        var verb = new Verb("release", "The whole way: validate, measure the base, train, measure, merge, quantize, measure, report.",
            "yi release runs/quickstart.yaml                # minutes on two cores, on the embedded model",
            "yi release my.yaml --out /models/mine --fresh  # begin anew, elsewhere")
        {
            recipe, output, fresh, json, threads,
        };
        verb.MarkGoingOn();
        verb.SetAction(parse => Run(parse.GetRequiredValue(recipe), parse.GetValue(output), parse.GetValue(fresh), parse.GetValue(json), parse.GetRequiredValue(threads), terminal, interrupts));
        return verb;
    }

    private static int Run(string recipeFile, string? output, bool fresh, bool json, int threads, Terminal terminal, Interrupts interrupts)
    {
        Recipe recipe = Recipe.Read(recipeFile);
        string folder = output ?? Path.Combine("releases", recipe.Name);
        if (threads is < 1 or > 1024) throw new UsageException($"--threads is {threads}; 1 to 1024 was expected.");
        var backends = new ReleaseBackends(
            () => new CpuBackend(new CpuOptions { Threads = threads }),
            () => new CpuBackend(new CpuOptions { Threads = threads, Precision = Precision.F32 }));
        var release = new Release(recipe, ModelLocator.Find(recipe.Model, "The recipe's model"), folder, backends, fresh);
        ReleaseSummary summary = ProgressDisplay.Run(terminal, show => release.Run(
            progress => show(new WorkProgress($"[{progress.StageNumber}/{progress.StageCount}] {progress.Stage}", progress.Done, progress.Detail)), interrupts.Token));
        if (json) terminal.Out.Write(summary.ToJson());
        else Print(summary, folder, terminal.Out);
        return ExitCode.Done;
    }

    private static void Print(ReleaseSummary summary, string folder, TextWriter output)
    {
        string[] tasks = [.. summary.Models[0].Scores.Select(s => s.Name)];
        int width = summary.Models.Max(m => m.Title.Length);
        output.WriteLine($"{"".PadRight(width)}  {string.Join("  ", tasks.Select(t => t.PadLeft(Math.Max(t.Length, 22))))}  {"size",9}");
        foreach (ReleasedModel model in summary.Models)
        {
            IEnumerable<string> cells = model.Scores.Select(s => FormattableString.Invariant($"{100 * s.Accuracy:0.0} % ({100 * s.Interval.Low:0.0}–{100 * s.Interval.High:0.0})").PadLeft(Math.Max(s.Name.Length, 22)));
            output.WriteLine($"{model.Title.PadRight(width)}  {string.Join("  ", cells)}  {Sizes.Bytes(model.Bytes),9}");
        }
        output.WriteLine();
        output.WriteLine(summary.Verdict);
        if (summary.Caution is not null) output.WriteLine(summary.Caution);
        output.WriteLine();
        output.WriteLine($"Report:  {Path.Combine(folder, "report.html")}");
        foreach (ReleasedModel model in summary.Models.Where(m => m.Folder is not null)) output.WriteLine($"Talk to it:  ./yi chat --model {Path.Combine(folder, model.Folder!)}");
    }
}
