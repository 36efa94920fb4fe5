using System.CommandLine;
using YiSharp.Cli;
using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Peers;

/// <summary>Our engine beside LLamaSharp: the same file, the same ids, the same threads, in turn.</summary>
internal static class EngineBench
{
    /// <summary>Of what memory holds at once: two packed models and the file between them.</summary>
    private const double CopiesInTurn = 2.5;

    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new Option<string?>("--model") { Description = "A .gguf file, or a folder or name in models/ that holds one; the embedded model when neither it nor --shape is given.", HelpName = "PATH" };
        var work = new BenchOptions();
        var backend = new ModelOptions();
        var folder = new Option<string>("--folder") { Description = "Where the file of a shape is written; the caller removes it.", HelpName = "PATH", DefaultValueFactory = _ => Path.GetTempPath() };
        var results = new Option<string>("--results") { Description = "Where the results are stored, or none.", HelpName = "PATH", DefaultValueFactory = _ => Path.Combine(Repository.Root, "bench", "results") };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Verb("engines", "Our engine and LLamaSharp in turn on the same file.",
            "bench/compare",
            "bench/compare --shape yi-6b --format q4_0 --prefill 512 --depth 0,2048 --repeats 3",
            "bench/compare --model model.gguf --threads 2 --json")
        {
            model,
        };
        work.AddTo(command);
        backend.AddBackendTo(command);
        command.Add(folder);
        command.Add(results);
        command.Add(json);

        command.SetAction(parse =>
        {
            BenchPlan plan = work.PlanOf(parse);
            using BenchSource named = work.SourceOf(parse, parse.GetValue(model), "--model", interrupts.Token);
            plan = plan.Within(work.ContextOf(parse) ?? named.Config.ContextLength, out IReadOnlyList<string> skipped);
            foreach (string sentence in skipped) terminal.Error.WriteLine(sentence);
            named.RequireFits(plan.MaxTokens, MachineMemory.AvailableBytes());
            using CpuBackend cpu = backend.CreateBackend(parse);
            EngineReport report = ProgressDisplay.Run(terminal, show => Measure(named, plan, cpu, parse.GetRequiredValue(folder), show, interrupts.Token));
            if (parse.GetRequiredValue(results) is var place and not "none") report.Store(place);
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(report.Write);
            else report.Write(terminal.Out);
            return 0;
        });
        return command;
    }

    private static EngineReport Measure(BenchSource named, BenchPlan plan, CpuBackend cpu, string folder, Action<WorkProgress> report, CancellationToken cancellation)
    {
        report(new WorkProgress("the machine's limits", 0));
        MachineLimits limits = MachineLimits.Measure(cpu.Parallelism, cancellation: cancellation);
        string path = named.Gguf(folder, (done, whole) => report(new WorkProgress("writing random weights", (double)done / whole)), cancellation);
        using BenchSource source = BenchSource.OfModel(path, null, "--model");
        using var backend = new TimingBackend(cpu, cancellation);

        ModelCost? cost = null;
        OwnEngine Own()
        {
            report(new WorkProgress("loading YiSharp", 0));
            LlamaModel loaded = source.Load(backend, Precision.Default);
            var engine = new OwnEngine(loaded, backend, plan.MaxTokens);
            cost = ModelCost.Of(loaded, engine.TokenBytes);
            return engine;
        }
        LlamaCppEngine Peer()
        {
            report(new WorkProgress("loading LLamaSharp", 0));
            return new LlamaCppEngine(path, cpu.Parallelism.ThreadCount, plan.MaxTokens, cancellation);
        }
        var runner = new BenchRunner(plan, source.Config.VocabSize, report, cancellation);
        bool inTurn = MachineMemory.AvailableBytes() is not { } available || CopiesInTurn * new FileInfo(path).Length < available;
        double[][][] seconds;
        if (inTurn)
        {
            using OwnEngine own = Own();
            using LlamaCppEngine peer = Peer();
            seconds = runner.Run([own, peer]);
        }
        else
        {
            double[][][] ours;
            using (OwnEngine own = Own()) ours = runner.Run([own]);
            GC.Collect(); // the weights go back to the system before the other's come
            GC.WaitForPendingFinalizers();
            using LlamaCppEngine peer = Peer();
            seconds = [.. ours.Zip(runner.Run([peer]), (a, b) => (double[][])[a[0], b[0]])];
        }
        report(new WorkProgress("the machine's limits", 1));
        limits = limits.Until(MachineLimits.Measure(cpu.Parallelism, cancellation: cancellation));

        bool isInt8 = source.Format.IsQuantized && cpu.Options.Precision == Precision.Default;
        EngineRow RowOf(BenchWork work, double[][] times)
        {
            BenchLimit limit = BenchLimit.For(work.Kind, isInt8);
            double[] ratios = [.. times[0].Zip(times[1], (ours, theirs) => theirs / ours).Order()];
            return new EngineRow(BenchRow.Of(work, times[0], cost!, limit, limits), BenchRow.Of(work, times[1], cost!, limit, limits), ratios[0], ratios[^1]);
        }
        return new EngineReport(MachineDescription.Here(cpu.Parallelism.ThreadCount), limits, named.Name, source.Format.Name.ToLowerInvariant(), plan.Repeats, inTurn, [.. plan.Works.Select((work, i) => RowOf(work, seconds[i]))]);
    }
}
