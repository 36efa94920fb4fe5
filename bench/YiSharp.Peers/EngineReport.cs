using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Cli;
using YiSharp.Tensors;

namespace YiSharp.Peers;

/// <summary>A work on both engines.</summary>
/// <param name="Own">Ours.</param>
/// <param name="Peer">LLamaSharp's, held against the same bytes and operations.</param>
/// <param name="LeastRatio">Least of the ratios of runs that followed each other.</param>
/// <param name="MostRatio">The highest of them.</param>
internal sealed record EngineRow(BenchRow Own, BenchRow Peer, double LeastRatio, double MostRatio)
{
    /// <summary>How many times as fast ours is, by the medians.</summary>
    public double Ratio => Own.Median / Peer.Median;
}

/// <summary>What the two engines did; stored as <c>engines-MODEL-FORMAT.json</c> and <c>.md</c>.</summary>
internal sealed record EngineReport(MachineDescription Machine, MachineLimits Limits, string Model, string Format, int Repeats, bool InTurn, IReadOnlyList<EngineRow> Rows)
{
    private static string Date => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private string Order => InTurn ? "in turn" : "one after the other, for memory does not hold both";

    /// <summary>The fields of the JSON object: those of <c>yi bench</c>, and in each row the peer's speeds and the ratio.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteText("model", Model);
        writer.WriteText("format", Format);
        BenchReport.Write(writer, Machine);
        writer.WriteStartObject("peer");
        writer.WriteText("name", "LLamaSharp");
        writer.WriteText("version", LlamaCppEngine.Version);
        writer.WriteText("build", LlamaCppEngine.Build);
        writer.WriteEndObject();
        writer.WriteText("date", Date);
        writer.WriteNumber("repeats", Repeats);
        writer.WriteText("order", Order);
        BenchReport.Write(writer, Limits);
        writer.WriteStartArray("rows");
        foreach (EngineRow row in Rows)
        {
            writer.WriteStartObject();
            BenchReport.Write(writer, row.Own);
            writer.WriteStartObject("peer_tokens_per_second");
            BenchReport.WriteNumber(writer, "median", row.Peer.Median);
            BenchReport.WriteNumber(writer, "min", row.Peer.Min);
            BenchReport.WriteNumber(writer, "max", row.Peer.Max);
            writer.WriteEndObject();
            BenchReport.WriteNumber(writer, "ratio", row.Ratio);
            BenchReport.WriteNumber(writer, "ratio_min", row.LeastRatio);
            BenchReport.WriteNumber(writer, "ratio_max", row.MostRatio);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>A table for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Invariant($"{Model}, {Format}; YiSharp {Machine.YiSharp} and LLamaSharp {LlamaCppEngine.Version} {Order}, {Machine.ThreadCount} threads"));
        output.WriteLine(BenchText.Limits(Limits));
        var table = new TextTable("work", ">tokens", ">depth", ">YiSharp", ">%", ">LLamaSharp", ">%", ">ratio", ">least", ">most");
        foreach (EngineRow row in Rows) table.Add(Cells(row));
        BenchText.Write(table, output);
    }

    /// <summary>Writes both files.</summary>
    public void Store(string folder)
    {
        Directory.CreateDirectory(folder);
        string model = Model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? Model[..^".gguf".Length] : Model;
        string name = Path.Combine(folder, $"engines-{model}-{Format}{(Vector512.IsHardwareAccelerated ? "" : "-avx2")}");
        AtomicFile.WriteAllBytes(name + ".json", JsonOutput.Line(Write));
        AtomicFile.WriteAllText(name + ".md", Page());
    }

    private string Page()
    {
        var page = new StringBuilder();
        void Line(FormattableString line) => page.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"# {Model}, {Format}: YiSharp and LLamaSharp");
        Line($"");
        Line($"- date: {Date}");
        Line($"- machine: {Machine.Processor}, {Machine.CoreCount} cores, {Machine.ThreadCount} threads, {Machine.InstructionSet}, {Machine.OperatingSystem}");
        Line($"- versions: .NET {Machine.DotNet}, YiSharp {Machine.YiSharp}, LLamaSharp {LlamaCppEngine.Version} ({LlamaCppEngine.Build})");
        Line($"- {BenchText.Limits(Limits)}");
        Line($"");
        Line($"Tokens a second, medians of {Repeats} runs {Order}, on the same file and ids; % of the limit that binds the work (prefill: int8 or f32 arithmetic, decode: memory read), from");
        Line($"the same bytes and operations for both. Ratio of the medians, and the least and highest of runs that followed each other.");
        Line($"");
        Line($"| work | tokens | depth | YiSharp | % | LLamaSharp | % | ratio | least | most |");
        Line($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (EngineRow row in Rows) Line($"| {string.Join(" | ", Cells(row))} |");
        return page.ToString();
    }

    private static string[] Cells(EngineRow row) =>
    [
        row.Own.Work.Name, Invariant($"{row.Own.Work.Tokens}"), Invariant($"{row.Own.Work.Depth}"), BenchText.Speed(row.Own.Median), Invariant($"{100 * row.Own.Fraction:0}"),
        BenchText.Speed(row.Peer.Median), Invariant($"{100 * row.Peer.Fraction:0}"), Invariant($"{row.Ratio:0.00}"), Invariant($"{row.LeastRatio:0.00}"), Invariant($"{row.MostRatio:0.00}"),
    ];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
