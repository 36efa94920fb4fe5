using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace YiSharp.Peers;

/// <summary>Writes <c>bench/results/tokenizers*.md</c> and <c>.json</c>.</summary>
internal static class TokenizerReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(TokenizerBenchOptions options, Field[] fields, List<SpeedRow> speeds, List<LengthRow> lengths)
    {
        string name = "tokenizers" + (Vector512.IsHardwareAccelerated ? "" : "-avx2") + (options.Only is null ? "" : "-" + options.Only.ToLowerInvariant());
        var facts = new Dictionary<string, string>
        {
            ["date"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["command"] = (Vector512.IsHardwareAccelerated ? "" : "DOTNET_EnableAVX512=0 ") + "dotnet run -c Release --project bench/YiSharp.Peers -- " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
            ["machine"] = $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, vectors of {(Vector512.IsHardwareAccelerated ? 512 : 256)} bits",
            ["versions"] = $".NET {Environment.Version}, Tokenizers.DotNet {VersionOf(typeof(Tokenizers.DotNet.Tokenizer))}, Microsoft.ML.Tokenizers {VersionOf(typeof(Microsoft.ML.Tokenizers.Tokenizer))}",
        };
        string folder = Path.Combine(Repository.Root, "bench", "results");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(new { facts, speeds, lengths }, Json) + "\n");

        StringBuilder page = new();
        page.AppendLine("# Tokenizers: ours and others'").AppendLine();
        foreach ((string what, string fact) in facts) page.AppendLine(Line($"- {what}: {fact}"));
        page.AppendLine().AppendLine(Line($"""
            Megabytes (10⁶ bytes of UTF-8) a second of processor time, in documents of about 4 KB, one after another; medians of {options.Repeats} turns in which all take part. *cold*: a tokenizer
            just loaded, nothing in its caches. *warm*: the same text a second time. *equal*: documents whose ids equal ours.
            """));
        string[] contestants = [.. speeds.Select(row => row.Contestant).Distinct()];
        page.AppendLine().AppendLine("| vocabulary | text | MB | " + string.Join(" | ", contestants.SelectMany(c => c == Contestant.Ours ? new[] { c + " cold", "warm" } : [c + " cold", "warm", "equal"])) + " |");
        page.AppendLine("|---|---" + string.Concat(Enumerable.Repeat("|---:", 3 * contestants.Length)) + "|");
        foreach (IGrouping<(string, string, long), SpeedRow> text in speeds.GroupBy(row => (row.Vocabulary, row.Text, row.Bytes)))
        {
            page.Append(Line($"| {text.Key.Item1} | {text.Key.Item2} | {text.Key.Item3 / 1e6:f1} |"));
            foreach (string contestant in contestants) page.Append(Cells(text.FirstOrDefault(row => row.Contestant == contestant), contestant == Contestant.Ours));
            page.AppendLine();
        }
        page.AppendLine();
        foreach (Field field in fields) page.AppendLine($"- {field.Name}: {field.Note}.");
        if (lengths.Count > 0) WriteLengths(page, lengths, contestants);
        File.WriteAllText(Path.Combine(folder, name + ".md"), page.ToString());
        Console.WriteLine(page);
    }

    private static string Cells(SpeedRow? row, bool ours) => row is null ? " – | – | – |"
        : Line($" {row.ColdMegabytes:f1} | {row.WarmMegabytes:f1} |") + (ours ? "" : row.DocumentsEqual == 1 ? " all |" : Line($" {row.DocumentsEqual:p1} |"));

    private static void WriteLengths(StringBuilder page, List<LengthRow> lengths, string[] contestants)
    {
        page.AppendLine().AppendLine("One character many times over, in one text: seconds of processor time. –: by the growth of the shorter ones too long to try.").AppendLine();
        page.AppendLine($"| vocabulary | character | times | {string.Join(" | ", contestants)} |").AppendLine("|---|---|---:" + string.Concat(Enumerable.Repeat("|---:", contestants.Length)) + "|");
        foreach (IGrouping<(string, string, int), LengthRow> rows in lengths.GroupBy(row => (row.Vocabulary, row.Unit, row.Length)))
        {
            page.Append(Line($"| {rows.Key.Item1} | {rows.Key.Item2} | 10{"⁴⁵⁶⁷"[(int)Math.Log10(rows.Key.Item3) - 4]} |"));
            foreach (string contestant in contestants) page.Append(rows.FirstOrDefault(row => row.Contestant == contestant)?.Seconds is { } seconds ? Line($" {seconds:f3} |") : " – |");
            page.AppendLine();
        }
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    private static string VersionOf(Type type) => (type.Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false) is
        [System.Reflection.AssemblyInformationalVersionAttribute { InformationalVersion: var version }, ..] ? version : type.Assembly.GetName().Version!.ToString()).Split('+')[0];

    private static string Processor() => !File.Exists("/proc/cpuinfo") ? RuntimeInformation.ProcessArchitecture.ToString()
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
}
