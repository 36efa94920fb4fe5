using System.CommandLine;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi inspect</c>: what a model, adapter, tokenizer or release is, and what it takes to run it.</summary>
internal static class InspectVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var path = new Argument<string>("path") { Description = "A model folder, .gguf, .safetensors, adapter folder, tokenizer.json, tokenizer.model or release, or the name of a model in models/.", HelpName = "PATH", DefaultValueFactory = _ => ModelLocator.Embedded };
        var context = new Option<int?>("--context") { Description = "Tokens of context that memory is counted for; at most 4096 of the model's own when not given.", HelpName = "N" };
        var tensors = new Option<bool>("--tensors") { Description = "List every tensor: shape, type, bytes, offset and file." };
        var check = new Option<bool>("--check") { Description = "Read all weights through for numbers that are not finite; up to 256 MB are read unasked." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object with everything, tensors included." };
        var verb = new Verb("inspect", "Show what a file or folder is: shapes, types, tokenizer, template, stop ids, licence, and the memory it takes. It opens what cannot be run too, and says why not.",
            "yi inspect smollm2-135m-instruct",
            "yi inspect models/Yi-34B-Chat --context 16384",
            "yi inspect model.gguf --tensors",
            "yi inspect model.gguf --json | jq .stop_ids")
        {
            path, context, tensors, check, json,
        };
        verb.SetAction(parse =>
        {
            if (parse.GetValue(context) is { } tokens and < 1) throw new UsageException($"--context is {tokens}; 1 or more was expected.");
            var inspector = new Inspector(parse.GetValue(context), parse.GetValue(check), MachineMemory.AvailableBytes(), interrupts.Token);
            Inspection found = inspector.Inspect(ModelLocator.FindAny(parse.GetRequiredValue(path), "PATH"));
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => InspectionJson.Write(writer, found));
            else new InspectionText(found, terminal.Out).Write(parse.GetValue(tensors));
            return ExitCode.Done;
        });
        return verb;
    }
}
