using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Quantization;
using YiSharp.Reports;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi quantize</c>: fewer bits a weight.</summary>
internal static class QuantizeVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new Option<string>("--model", "-m") { Description = "A model folder, a .gguf file, or the name of a model in models/.", HelpName = "PATH", DefaultValueFactory = _ => ModelLocator.Embedded };
        var bits = new Option<int>("--bits") { Description = "8 (Q8_0) or 4 (Q4_0, with embeddings in Q8_0).", HelpName = "8|4", Required = true };
        var output = new Option<string>("--out") { Description = "A folder, or a file that ends in .gguf; what is there is replaced.", HelpName = "PATH", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end." };
        var verb = new Verb("quantize", "Round a model's weights to 8 or 4 bits; writes one GGUF and, in a folder, a report of the error of each matrix.",
            "yi quantize --model models/labels --bits 4 --out models/labels-4bits",
            "yi quantize --bits 8 --out smollm2.q8_0.gguf")
        {
            model, bits, output, json,
        };
        verb.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(output);
            using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(parse.GetRequiredValue(model)));
            QuantizationReport report = ProgressDisplay.Run(terminal, show => RoundToNearest.Quantize(checkpoint, path, new QuantizationOptions
            {
                Bits = parse.GetValue(bits),
                Progress = (done, count) =>
                {
                    interrupts.Token.ThrowIfCancellationRequested();
                    show(new WorkProgress($"quantize {path}", (double)done / count, $"matrix {done}/{count}"));
                },
            }));
            if (parse.GetValue(json))
            {
                new JsonOutput(terminal.Output).Write(writer =>
                {
                    writer.WriteString("path", path);
                    writer.WriteNumber("bits", report.Bits);
                    writer.WriteNumber("bytes", report.FileBytes);
                    writer.WriteNumber("bits_per_weight", report.BitsPerWeight);
                    writer.WriteNumber("normalized_squared_error", report.NormalizedSquaredError);
                });
            }
            else
            {
                terminal.Out.WriteLine(FormattableString.Invariant($"{report.Parameters:N0} weights at {report.BitsPerWeight:0.00} bits, {Sizes.Bytes(report.FileBytes)}, normalized squared error {report.NormalizedSquaredError:0.0e+0}: {path}"));
            }
            return ExitCode.Done;
        });
        return verb;
    }
}
