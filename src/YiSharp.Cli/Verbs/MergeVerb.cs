using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Reports;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi merge</c>: adds an adapter into the weights and writes a Hugging Face folder.</summary>
internal static class MergeVerb
{
    private static readonly WeightTypes Types = new([WeightFormat.F16, WeightFormat.BF16, WeightFormat.F32]);

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var model = new Option<string>("--model", "-m") { Description = "The base model: a folder, a .gguf file, or the name of a model in models/.", HelpName = "PATH", DefaultValueFactory = _ => ModelLocator.Embedded };
        var adapter = new Option<string>("--adapter") { Description = "A LoRA adapter's folder, as PEFT writes it.", HelpName = "PATH", Required = true };
        var output = new Option<string>("--out") { Description = "The folder to write; what is there is replaced.", HelpName = "FOLDER", Required = true };
        var type = new Option<string>("--type") { Description = $"The weights' type: {Types}.", HelpName = "TYPE", DefaultValueFactory = _ => "f16" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end." };
        var verb = new Verb("merge", "Add a LoRA adapter into the weights; writes a Hugging Face folder that needs no adapter.",
            "yi merge --adapter runs/labels/adapter --out models/labels")
        {
            model, adapter, output, type, json,
        };
        verb.SetAction(parse =>
        {
            WeightFormat format = Types.Parse(parse.GetRequiredValue(type));
            string folder = parse.GetRequiredValue(output);
            using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(parse.GetRequiredValue(model)));
            LoraAdapter lora = LoraAdapter.Open(parse.GetRequiredValue(adapter));
            lora.RequireFits(checkpoint.Config);
            if (Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) == Path.GetFullPath(parse.GetRequiredValue(adapter)).TrimEnd(Path.DirectorySeparatorChar))
            {
                throw new UsageException($"--out {folder} is the adapter that is read; give another folder.");
            }
            Merge.Write(folder, checkpoint, lora, format, cancellation: interrupts.Token);
            using Checkpoint written = Checkpoint.Open(folder);
            if (parse.GetValue(json))
            {
                new JsonOutput(terminal.Output).Write(writer =>
                {
                    writer.WriteString("path", folder);
                    writer.WriteNumber("parameters", written.ParameterCount);
                    writer.WriteNumber("bytes", written.WeightBytes);
                });
            }
            else
            {
                terminal.Out.WriteLine(FormattableString.Invariant($"{written.ParameterCount:N0} weights, {Sizes.Bytes(written.WeightBytes)}: {folder}"));
            }
            return ExitCode.Done;
        });
        return verb;
    }
}
