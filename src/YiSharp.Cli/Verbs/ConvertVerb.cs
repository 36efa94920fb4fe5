using System.CommandLine;
using System.Globalization;
using YiSharp.Checkpoints;
using YiSharp.Reports;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi convert</c>: one model from one kind of file to another.</summary>
internal static class ConvertVerb
{
    private static readonly WeightTypes Types = new(WeightFormat.All.Where(format => format.CanQuantize));

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var input = new Argument<string>("IN") { Description = "A model folder, a .gguf file, or the name of a model in models/." };
        var output = new Argument<string>("OUT") { Description = "A file that ends in .gguf or .safetensors (the tensors alone), else a Hugging Face folder; what is there is replaced." };
        var type = new Option<string?>("--type") { Description = $"The matrices' type: {Types}. Without it nothing is rounded: each as it is stored, in a folder f32 for those that are in blocks.", HelpName = "TYPE" };
        var shard = new Option<string>("--max-shard-size") { Description = "Most bytes of weights in a file of a folder, such as 5GB or 500MB.", HelpName = "SIZE", DefaultValueFactory = _ => $"{HuggingFaceOptions.DefaultMaxShardBytes / 1_000_000_000}GB" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end." };
        var verb = new Verb("convert", "Write a model as another kind of file: Hugging Face folder, safetensors, GGUF.",
            "yi convert models/yi-6b-chat yi-6b-chat.gguf --type q8_0",
            "yi convert yi-6b-chat.gguf models/yi-6b-chat --type bf16 --max-shard-size 2GB",
            "yi convert smollm2-135m-instruct smollm2.safetensors")
        {
            input, output, type, shard, json,
        };
        verb.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(output);
            WeightFormat? format = parse.GetValue(type) is { } name ? Types.Parse(name) : null;
            long shardBytes = ParseSize(parse.GetRequiredValue(shard));
            using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(parse.GetRequiredValue(input), "IN"));
            ConversionReport report = ProgressDisplay.Run(terminal, show => ModelConverter.Convert(checkpoint, path, new ConversionOptions
            {
                Format = format,
                MaxShardBytes = shardBytes,
                EosTokenIds = EndsOf(checkpoint),
                Progress = (done, all) =>
                {
                    interrupts.Token.ThrowIfCancellationRequested();
                    show(new WorkProgress($"convert to {path}", all == 0 ? 1 : (double)done / all, $"{Sizes.Bytes(done)} of {Sizes.Bytes(all)}"));
                },
            }));
            if (parse.GetValue(json)) WriteJson(terminal, report);
            else WriteText(terminal, report);
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>What ends an answer as the chat template has it; null where there is no tokenizer that can be read, so that the files alone say it.</summary>
    private static int[]? EndsOf(Checkpoint checkpoint)
    {
        try
        {
            return Tokenizer.IsAt(checkpoint.Path) ? StopIds.ByWeight(checkpoint, Tokenizer.Load(checkpoint)) : null;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static void WriteText(Terminal terminal, ConversionReport report)
    {
        double bits = 8.0 * report.WeightBytes / report.Parameters;
        string formats = string.Join(", ", report.Formats.Select(f => $"{f.Tensors} × {f.Format}"));
        terminal.Out.WriteLine(FormattableString.Invariant($"{report.Parameters:N0} weights at {bits:0.00} bits, {Sizes.Bytes(report.WeightBytes)} ({formats}), {(report.IsExact ? "equal to the source's" : "rounded")}: {report.Path}"));
        if (report.Target != ModelTarget.Safetensors) terminal.Out.WriteLine($"Answers end at {(report.EosTokenIds.Count == 0 ? "no id: the model names none" : $"id {string.Join(", ", report.EosTokenIds)}")}.");
        foreach (IGrouping<(WeightFormat Format, string Reason), string> group in report.Exceptions.GroupBy(e => (e.Format, e.Reason), e => e.Name))
        {
            terminal.Out.WriteLine($"Stored in {group.Key.Format} instead: {string.Join(", ", group.Take(3))}{(group.Count() > 3 ? $" and {group.Count() - 3} more" : "")}; {group.Key.Reason}.");
        }
    }

    private static void WriteJson(Terminal terminal, ConversionReport report) => new JsonOutput(terminal.Output).Write(writer =>
    {
        writer.WriteString("path", report.Path);
        writer.WriteString("kind", report.Target switch { ModelTarget.Folder => "folder", ModelTarget.Safetensors => "safetensors", _ => "gguf" });
        writer.WriteNumber("parameters", report.Parameters);
        writer.WriteNumber("weight_bytes", report.WeightBytes);
        writer.WriteNumber("bits_per_weight", 8.0 * report.WeightBytes / report.Parameters);
        writer.WriteBoolean("exact", report.IsExact);
        writer.WriteStartObject("tensors");
        foreach ((WeightFormat format, int count) in report.Formats) writer.WriteNumber(format.Name, count);
        writer.WriteEndObject();
        writer.WriteIds("eos_token_ids", [.. report.EosTokenIds]);
        writer.WriteStartArray("exceptions");
        foreach ((string name, WeightFormat format, string reason) in report.Exceptions)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("format", format.Name);
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    /// <summary>Bytes of a size such as 5GB, 500MB or 1000000.</summary>
    private static long ParseSize(string text)
    {
        string number = text.Trim().ToUpperInvariant();
        double unit = 1;
        foreach ((string suffix, double bytes) in ((string, double)[])[("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("B", 1)])
        {
            if (!number.EndsWith(suffix, StringComparison.Ordinal)) continue;
            (number, unit) = (number[..^suffix.Length].TrimEnd(), bytes);
            break;
        }
        bool isNumber = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        return isNumber && value * unit is >= 1 and < 1e18 ? (long)(value * unit) : throw new UsageException($"--max-shard-size is '{text}'; a size such as 5GB, 500MB or 100KB was expected.");
    }
}
