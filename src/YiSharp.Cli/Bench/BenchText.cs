using YiSharp.Reports;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>What was found, for people.</summary>
internal static class BenchText
{
    /// <summary>Writes it.</summary>
    public static void Write(BenchReport report, TextWriter output)
    {
        MachineDescription machine = report.Machine;
        output.WriteLine(Sentences.Printable(Invariant($"{report.Model}, {report.Format}: {Sizes.Count(report.ParameterCount)} weights, of which a token reads {Sizes.Bytes(report.WeightBytes)}")));
        output.WriteLine(Sentences.Printable(Invariant($"{machine.Processor}, {Sizes.Of(machine.CoreCount, "core", "cores")}, {Sizes.Of(machine.ThreadCount, "thread", "threads")}, {machine.InstructionSet}; .NET {machine.DotNet}, YiSharp {machine.YiSharp}")));
        output.WriteLine(Limits(report.Limits));
        var table = new TextTable("work", ">tokens", ">depth", ">tokens/s", ">least", ">most", ">reached", "limit", ">%");
        foreach (BenchRow row in report.Rows)
        {
            table.Add(row.Work.Name, Invariant($"{row.Work.Tokens}"), Invariant($"{row.Work.Depth}"), Speed(row.Median), Speed(row.Min), Speed(row.Max),
                Invariant($"{row.Reached:0.0} {row.Limit.Unit}"), Invariant($"{row.Limit.Name} {row.LimitSpeed:0.0} {row.Limit.Unit}"), Invariant($"{100 * row.Fraction:0}"));
        }
        Write(table, output);
        foreach ((BenchWork work, OperationTimes times) in report.Breakdown) Write(work, times, output);
        if (report.Comparison is { } comparison) Write(comparison, output);
    }

    /// <summary>A machine's limits on a line.</summary>
    public static string Limits(MachineLimits limits) =>
        Invariant($"limits measured: reads {limits.ReadGigabytesPerSecond:0.0} GB/s, int8 {limits.Int8GigaoperationsPerSecond:0} GOP/s, f32 {limits.F32GigaoperationsPerSecond:0} GFLOP/s");

    /// <summary>Tokens a second.</summary>
    public static string Speed(double tokensPerSecond) => tokensPerSecond >= 100 ? Invariant($"{tokensPerSecond:0}") : tokensPerSecond >= 10 ? Invariant($"{tokensPerSecond:0.0}") : Invariant($"{tokensPerSecond:0.00}");

    /// <summary>A table below an empty line.</summary>
    public static void Write(TextTable table, TextWriter output)
    {
        output.WriteLine();
        foreach (string line in table.Lines()) output.WriteLine(line);
    }

    private static void Write(BenchWork work, OperationTimes times, TextWriter output)
    {
        double whole = times.All.Sum(time => time.Seconds);
        var table = new TextTable(work.ToString(), ">ms/token", ">share", ">GOP/s", ">GB/s");
        foreach (OperationTime time in times.All.OrderByDescending(time => time.Seconds))
        {
            bool isLinear = time.Operations > 0;
            table.Add(time.Name, Invariant($"{1000 * time.Seconds / work.Tokens:0.000}"), Invariant($"{100 * time.Seconds / whole:0.0} %"),
                isLinear ? Invariant($"{time.Operations / time.Seconds / 1e9:0.0}") : "", isLinear ? Invariant($"{time.WeightBytes / time.Seconds / 1e9:0.0}") : "");
        }
        table.Add("together", Invariant($"{1000 * whole / work.Tokens:0.000}"), "100 %", "", "");
        Write(table, output);
    }

    private static void Write(BenchComparison comparison, TextWriter output)
    {
        var table = new TextTable("work", ">tokens", ">depth", ">tokens/s", ">stored", ">ratio", ">at equal limits");
        foreach (ComparedRow row in comparison.Rows)
        {
            table.Add(row.Work.Name, Invariant($"{row.Work.Tokens}"), Invariant($"{row.Work.Depth}"), Speed(row.Median), Speed(row.StoredMedian), Invariant($"{row.Ratio:0.00}"), Invariant($"{row.Scaled:0.00}"));
        }
        output.WriteLine();
        output.WriteLine(Sentences.Printable($"beside {comparison.File}{(comparison.Model.Length > 0 ? $" ({comparison.Model})" : "")}"));
        foreach (string line in table.Lines()) output.WriteLine(line);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
