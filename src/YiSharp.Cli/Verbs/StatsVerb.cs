using System.CommandLine;
using YiSharp.Data;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi stats</c>: the statistics of evaluations, for scripts.</summary>
internal static class StatsVerb
{
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var verb = new Verb("stats", "Statistics of evaluations: intervals, tests, agreement, ratings, curves.",
            "yi stats                                       # the names, and what each computes",
            "yi stats mcnemar                               # its fields, and a line that works",
            "echo '{\"b\": 25, \"c\": 10}' | yi stats mcnemar --jsonl",
            "echo '{\"successes\": 945, \"n\": 1319, \"level\": 0.9}' | yi stats binomial --jsonl",
            "yi stats non_inferiority --jsonl < gates.jsonl");
        var name = new Argument<string?>("NAME") { Description = "What to compute; without it, the names are listed.", Arity = ArgumentArity.ZeroOrOne };
        var jsonl = new Option<bool>("--jsonl") { Description = "One JSON object a line on standard input, one a line on standard output." };
        verb.Add(name);
        verb.Add(jsonl);
        verb.SetAction(parse =>
        {
            Statistic? statistic = parse.GetValue(name) is { } given ? Find(given) : null;
            if (!parse.GetValue(jsonl)) Describe(terminal, statistic);
            else if (statistic is null) throw new UsageException($"--jsonl needs a name, such as 'yi stats {Statistic.All[0].Name} --jsonl'; 'yi stats' lists them.");
            else return new LineProtocol(terminal, statistic.Fields, interrupts.Token).AnswerEach(statistic.Answer);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Statistic Find(string name)
    {
        if (Statistic.All.FirstOrDefault(statistic => statistic.Name == name) is { } found) return found;
        string hint = NearestName.Of(name, Statistic.All.Select(statistic => statistic.Name)) is { } nearest ? $"did you mean '{nearest}'?" : "'yi stats' lists all that are.";
        throw new UsageException($"'{name}' is not known to yi stats; {hint}");
    }

    private static void Describe(Terminal terminal, Statistic? statistic)
    {
        if (statistic is null)
        {
            int width = Statistic.All.Max(one => one.Name.Length);
            foreach (Statistic one in Statistic.All) terminal.Out.WriteLine($"{one.Name.PadRight(width)}  {one.What}");
            return;
        }
        terminal.Out.WriteLine(statistic.What);
        terminal.Out.WriteLine($"Fields: {string.Join(", ", statistic.Fields)}");
        terminal.Out.WriteLine($"echo '{statistic.Example}' | yi stats {statistic.Name} --jsonl");
    }
}
