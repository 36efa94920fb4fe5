using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>What a run of <c>yi bench</c> found.</summary>
/// <param name="Machine">On what.</param>
/// <param name="Limits">What that machine reaches.</param>
/// <param name="Model">A model's or a shape's name.</param>
/// <param name="Format">How most of its weights are stored.</param>
/// <param name="ParameterCount">Its weights; a tied head counts once.</param>
/// <param name="WeightBytes">Bytes that a token reads of them.</param>
/// <param name="Rows">The works.</param>
internal sealed record BenchReport(MachineDescription Machine, MachineLimits Limits, string Model, string Format, long ParameterCount, double WeightBytes, IReadOnlyList<BenchRow> Rows)
{
    private const int Digits = 5;

    /// <summary>Times of each work's operations, where they were asked for.</summary>
    public IReadOnlyList<(BenchWork Work, OperationTimes Times)> Breakdown { get; init; } = [];

    /// <summary>The rows beside stored ones, where that was asked for.</summary>
    public BenchComparison? Comparison { get; init; }

    /// <summary>The fields of the JSON object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteText("model", Model);
        writer.WriteText("format", Format);
        Write(writer, Machine);
        Write(writer, Limits);
        writer.WriteStartArray("rows");
        foreach (BenchRow row in Rows)
        {
            writer.WriteStartObject();
            Write(writer, row);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (Breakdown.Count > 0) WriteBreakdown(writer);
        Comparison?.Write(writer);
    }

    /// <summary>The field <c>machine</c>.</summary>
    public static void Write(Utf8JsonWriter writer, MachineDescription machine)
    {
        writer.WriteStartObject("machine");
        writer.WriteText("processor", machine.Processor);
        writer.WriteNumber("cores", machine.CoreCount);
        writer.WriteNumber("threads", machine.ThreadCount);
        writer.WriteText("instruction_set", machine.InstructionSet);
        writer.WriteText("os", machine.OperatingSystem);
        writer.WriteText("dotnet", machine.DotNet);
        writer.WriteText("yisharp", machine.YiSharp);
        writer.WriteEndObject();
    }

    /// <summary>The field <c>limits</c>.</summary>
    public static void Write(Utf8JsonWriter writer, MachineLimits limits)
    {
        writer.WriteStartObject("limits");
        WriteNumber(writer, "read_gb_s", limits.ReadGigabytesPerSecond);
        WriteNumber(writer, "int8_gop_s", limits.Int8GigaoperationsPerSecond);
        WriteNumber(writer, "f32_gflop_s", limits.F32GigaoperationsPerSecond);
        writer.WriteEndObject();
    }

    /// <summary>The fields of a row.</summary>
    public static void Write(Utf8JsonWriter writer, BenchRow row)
    {
        Write(writer, row.Work);
        writer.WriteStartObject("tokens_per_second");
        WriteNumber(writer, "median", row.Median);
        WriteNumber(writer, "min", row.Min);
        WriteNumber(writer, "max", row.Max);
        writer.WriteEndObject();
        writer.WriteString("limit", row.Limit.Name);
        WriteNumber(writer, "limit_g_s", row.LimitSpeed);
        WriteNumber(writer, "reached_g_s", row.Reached);
        WriteNumber(writer, "fraction", row.Fraction);
    }

    /// <summary>The fields that name a work.</summary>
    public static void Write(Utf8JsonWriter writer, BenchWork work)
    {
        writer.WriteString("work", work.Name);
        writer.WriteNumber("tokens", work.Tokens);
        writer.WriteNumber("depth", work.Depth);
    }

    /// <summary>A measured number, with as many digits as mean something.</summary>
    public static void WriteNumber(Utf8JsonWriter writer, string name, double number) =>
        writer.WriteNumber(name, number == 0 || !double.IsFinite(number) ? 0 : Math.Round(number, Math.Clamp(Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(number))), 0, 15)));

    private void WriteBreakdown(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("breakdown");
        foreach ((BenchWork work, OperationTimes times) in Breakdown)
        {
            double whole = times.All.Sum(time => time.Seconds);
            writer.WriteStartObject();
            Write(writer, work);
            writer.WriteStartArray("operations");
            foreach (OperationTime time in times.All)
            {
                writer.WriteStartObject();
                writer.WriteString("operation", time.Name);
                WriteNumber(writer, "ms_per_token", 1000 * time.Seconds / work.Tokens);
                WriteNumber(writer, "share", time.Seconds / whole);
                if (time.Operations > 0)
                {
                    WriteNumber(writer, "gop_s", time.Operations / time.Seconds / 1e9);
                    WriteNumber(writer, "gb_s", time.WeightBytes / time.Seconds / 1e9);
                }
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
