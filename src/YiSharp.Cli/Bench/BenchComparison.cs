using System.Text.Json;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>A work here and in a stored result.</summary>
/// <param name="Work">The work.</param>
/// <param name="Median">Tokens a second here.</param>
/// <param name="StoredMedian">Tokens a second there.</param>
/// <param name="Scaled">The ratio that the speeds would have if both machines had had the same limit.</param>
internal sealed record ComparedRow(BenchWork Work, double Median, double StoredMedian, double Scaled)
{
    /// <summary>How many times as fast this is.</summary>
    public double Ratio => Median / StoredMedian;
}

/// <summary>Rows beside those of the same work in a stored result of <c>yi bench --json</c>.</summary>
/// <param name="File">The stored result.</param>
/// <param name="Model">What it measured.</param>
/// <param name="Rows">The works that both have.</param>
internal sealed record BenchComparison(string File, string Model, IReadOnlyList<ComparedRow> Rows)
{
    /// <summary>A stored result: its limits and its speeds.</summary>
    /// <param name="File">Where it lies.</param>
    /// <param name="Model">What it measured, with the format.</param>
    /// <param name="Limits">Of its machine.</param>
    /// <param name="Medians">Tokens a second of each work.</param>
    internal sealed record Stored(string File, string Model, MachineLimits Limits, IReadOnlyDictionary<BenchWork, double> Medians);

    /// <summary>Reads a stored result.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static Stored Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(file));
            JsonElement root = document.RootElement, limits = root.GetProperty("limits");
            string Text(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
            return new Stored(file, $"{Text("model")} {Text("format")}".Trim(),
                new MachineLimits(Positive(limits, "read_gb_s"), Positive(limits, "int8_gop_s"), Positive(limits, "f32_gflop_s")),
                root.GetProperty("rows").EnumerateArray().ToDictionary(WorkOf, row => Positive(row.GetProperty("tokens_per_second"), "median")));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{file} is no result of yi bench --json: {e.Sentence()} It must hold limits and rows; store one with 'yi bench --json > FILE'.", e);
        }
    }

    /// <summary>Holds rows against a stored result.</summary>
    /// <exception cref="UsageException">They have no work in common.</exception>
    public static BenchComparison Of(Stored stored, IReadOnlyList<BenchRow> rows, MachineLimits limits)
    {
        ComparedRow[] compared =
        [
            .. rows.Where(row => stored.Medians.ContainsKey(row.Work)).Select(row =>
            {
                double other = stored.Medians[row.Work];
                return new ComparedRow(row.Work, row.Median, other, row.Median / row.Limit.Of(limits) / (other / row.Limit.Of(stored.Limits)));
            }),
        ];
        if (compared.Length > 0) return new BenchComparison(stored.File, stored.Model, compared);
        throw new UsageException($"{stored.File} has none of the works measured here; it has {string.Join(", ", stored.Medians.Keys)}. Give --prefill, --depth and --decode as they were given for it.");
    }

    /// <summary>The field <c>compared</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("compared");
        writer.WriteText("file", File);
        writer.WriteText("model", Model);
        writer.WriteStartArray("rows");
        foreach (ComparedRow row in Rows)
        {
            writer.WriteStartObject();
            BenchReport.Write(writer, row.Work);
            BenchReport.WriteNumber(writer, "ratio", row.Ratio);
            BenchReport.WriteNumber(writer, "scaled_ratio", row.Scaled);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static BenchWork WorkOf(JsonElement row) => new(row.GetProperty("work").GetString() switch
    {
        "prefill" => WorkKind.Prefill,
        "decode" => WorkKind.Decode,
        string other => throw new FormatException($"A row's work is '{other}'; prefill or decode was expected."),
        null => throw new FormatException("A row's work is null; prefill or decode was expected."),
    }, row.GetProperty("tokens").GetInt32(), row.GetProperty("depth").GetInt32());

    private static double Positive(JsonElement parent, string name)
    {
        double number = parent.GetProperty(name).GetDouble();
        return number > 0 ? number : throw new FormatException($"Field \"{name}\" is {number}; a number above 0 was expected.");
    }
}
