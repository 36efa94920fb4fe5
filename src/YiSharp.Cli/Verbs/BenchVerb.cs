using System.CommandLine;
using System.Globalization;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi bench</c>: how fast a model computes, beside what the machine reaches at most.</summary>
internal static class BenchVerb
{
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new Argument<string?>("model") { Description = "A model folder, a .gguf file, or the name of a model in models/; the embedded one when not given.", HelpName = "MODEL", Arity = ArgumentArity.ZeroOrOne };
        var work = new BenchOptions();
        var backend = new ModelOptions();
        var breakdown = new Option<bool>("--breakdown") { Description = "Time every kind of operation too, in one more run of each work." };
        var compare = new Option<string?>("--compare") { Description = "Show the ratios to a stored result of --json, as measured and at equal limits of both machines.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var verb = new Verb("bench", "Time a model, or a shape with random weights, beside the machine's own limits: memory read, int8 and f32 arithmetic.",
            "yi bench                                          # the embedded model",
            "yi bench models/Yi-6B-Chat --prefill 512 --depth 0",
            "yi bench --shape yi-6b --format q4 --breakdown    # nothing is downloaded or written",
            "yi bench --json > before.json",
            "yi bench --compare before.json")
        {
            model,
        };
        work.AddTo(verb);
        backend.AddBackendTo(verb);
        verb.Add(breakdown);
        verb.Add(compare);
        verb.Add(json);

        verb.SetAction(parse =>
        {
            BenchPlan plan = work.PlanOf(parse);
            BenchComparison.Stored? stored = parse.GetValue(compare) is { } file ? BenchComparison.Read(file) : null;
            using BenchSource source = work.SourceOf(parse, parse.GetValue(model), "MODEL", interrupts.Token);
            plan = plan.Within(work.ContextOf(parse) ?? source.Config.ContextLength, out IReadOnlyList<string> skipped);
            foreach (string sentence in skipped) terminal.Error.WriteLine(sentence);
            source.RequireFits(plan.MaxTokens, MachineMemory.AvailableBytes());

            using CpuBackend cpu = backend.CreateBackend(parse);
            BenchReport report = ProgressDisplay.Run(terminal, show => Measure(source, plan, cpu, parse.GetValue(breakdown), show, interrupts.Token));
            if (stored is not null) report = report with { Comparison = BenchComparison.Of(stored, report.Rows, report.Limits) };
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(report.Write);
            else BenchText.Write(report, terminal.Out);
            return ExitCode.Done;
        });
        return verb;
    }

    private static BenchReport Measure(BenchSource source, BenchPlan plan, CpuBackend cpu, bool withBreakdown, Action<WorkProgress> report, CancellationToken cancellation)
    {
        report(new WorkProgress("the machine's limits", 0));
        MachineLimits limits = MachineLimits.Measure(cpu.Parallelism, cancellation: cancellation);
        report(new WorkProgress("weights", 0));
        using var backend = new TimingBackend(cpu, cancellation);
        LlamaModel model = source.Load(backend, cpu.Options.Precision);
        using var engine = new OwnEngine(model, backend, plan.MaxTokens);
        using var meter = new ReadMeter(cpu.Parallelism);
        var runner = new BenchRunner(plan, model.Config.VocabSize, report, cancellation, () => meter.GigabytesPerSecond());
        double[][][] seconds = runner.Run([engine]);
        List<(BenchWork, OperationTimes)> breakdown = withBreakdown ? [.. plan.Works.Select(work => (work, runner.Break(engine, backend, work)))] : [];
        report(new WorkProgress("the machine's limits", 1));
        limits = limits.Until(MachineLimits.Measure(cpu.Parallelism, cancellation: cancellation));
        // What memory gives may double or halve within seconds: what it gave around the answers is what they are held against.
        double[] reads = [.. Enumerable.Range(0, plan.Works.Count).SelectMany(work => runner.ReadSpeedsOf(work) ?? []).Order()];
        if (reads.Length > 0) limits = limits with { ReadGigabytesPerSecond = BenchRow.MedianOf(reads) };

        var cost = ModelCost.Of(model, engine.TokenBytes);
        bool isInt8 = source.Format.IsQuantized && cpu.Options.Precision == Precision.Default;
        return new BenchReport(MachineDescription.Here(cpu.Parallelism.ThreadCount), limits, source.Name, source.Format.Name.ToLower(CultureInfo.InvariantCulture), source.ParameterCount, cost.WeightBytes,
            [.. plan.Works.Select((work, index) => BenchRow.Of(work, seconds[index][0], cost, BenchLimit.For(work.Kind, isInt8), limits, runner.ReadSpeedsOf(index)))])
        {
            Breakdown = breakdown,
        };
    }
}
