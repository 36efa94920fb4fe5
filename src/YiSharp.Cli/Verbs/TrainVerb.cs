using System.CommandLine;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Data;
using YiSharp.Reports;
using YiSharp.Tensors;
using YiSharp.Training;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi train</c>: fine-tunes a model on instruction rows.</summary>
internal static class TrainVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var defaults = new TrainOptions();
        var model = new ModelOptions();
        var data = new Option<string[]>("--data") { Description = "Instruction rows, JSON lines of messages; several files are taken after each other.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Required = true };
        var output = new Option<string>("--out") { Description = "The run's folder; a run that was interrupted there goes on.", HelpName = "FOLDER", Required = true };
        var method = new Option<string>("--method") { Description = "lora (an adapter beside the weights, quantized or not) or full (all weights).", HelpName = "lora|full", DefaultValueFactory = _ => "lora" };
        var rank = Number("--rank", "Rank of the LoRA.", defaults.Rank);
        var alpha = Real("--alpha", "Its scale is alpha / rank.", defaults.Alpha);
        var rate = Real("--learning-rate", "Rate after the warm-up.", defaults.LearningRate);
        var schedule = new Option<string>("--schedule") { Description = "constant, linear or cosine.", HelpName = "NAME", DefaultValueFactory = _ => "constant" };
        var warmup = Number("--warmup-steps", "Updates over which the rate rises from 0.", defaults.WarmupSteps);
        var batch = Number("--batch-size", "Examples of an update.", defaults.BatchSize);
        var epochs = Number("--epochs", "Passes over the data.", defaults.Epochs);
        var maxTokens = Number("--max-tokens", "Where an example is cut.", 512);
        var decay = Real("--weight-decay", "Decoupled weight decay.", defaults.WeightDecay);
        var neftune = Real("--neftune-alpha", "Noise on the embeddings; 0 for none.", defaults.NeftuneAlpha);
        var seed = Number<ulong>("--seed", "Decides everything random.", 0);
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end." };

        var verb = new Verb("train", "Fine-tune a model on instruction rows; loss on the assistant's tokens alone.",
            "yi train --data runs/quickstart/labels.jsonl --out runs/labels",
            "yi train --model models/Yi-6B --data a.jsonl b.jsonl --out runs/mine --rank 32 --epochs 2",
            "yi chat --adapter runs/labels/adapter              # talk to the result")
        {
            data, output, method, rank, alpha, rate, schedule, warmup, batch, epochs, maxTokens, decay, neftune, seed, json,
        };
        verb.MarkGoingOn();
        model.AddTo(verb, isTraining: true);
        verb.SetAction(parse =>
        {
            var options = new TrainOptions
            {
                Method = Choose(parse.GetRequiredValue(method), "--method", ("lora", TrainMethod.Lora), ("full", TrainMethod.Full)),
                Rank = parse.GetValue(rank), Alpha = parse.GetValue(alpha), LearningRate = parse.GetValue(rate),
                Schedule = Choose(parse.GetRequiredValue(schedule), "--schedule", ("constant", ScheduleShape.Constant), ("linear", ScheduleShape.Linear), ("cosine", ScheduleShape.Cosine)),
                WarmupSteps = parse.GetValue(warmup), BatchSize = parse.GetValue(batch), Epochs = parse.GetValue(epochs),
                WeightDecay = parse.GetValue(decay), NeftuneAlpha = parse.GetValue(neftune), Seed = parse.GetValue(seed),
            };
            int tokens = parse.GetValue(maxTokens);
            if (tokens < 2) throw new UsageException($"--max-tokens is {tokens}; 2 or more was expected.");
            options.Validate();

            using Checkpoint checkpoint = Checkpoint.Open(model.PathOf(parse));
            ExampleEncoder encoder = ExampleEncoder.Of(checkpoint, tokens);
            EncodedExample[] examples = [.. parse.GetRequiredValue(data).SelectMany(file => encoder.Encode(InstructionFile.Read(file), file))];
            using CpuBackend backend = model.CreateBackend(parse, Precision.F32);
            string folder = parse.GetRequiredValue(output);
            TrainReport report = ProgressDisplay.Run(terminal, show => Trainer.Run(checkpoint, examples, options, folder, backend,
                step => show(new WorkProgress($"train {folder}", (double)step.Number / step.Count, FormattableString.Invariant($"update {step.Number}/{step.Count}, loss {step.Loss:0.000}, {step.TokensPerSecond:0} tokens/s"))),
                interrupts.Token));
            if (parse.GetValue(json)) new JsonOutput(terminal.Output).Write(writer => Write(writer, report));
            else terminal.Out.WriteLine(FormattableString.Invariant($"{Sizes.Of(report.ExampleCount, "example", "examples")}, {Sizes.Of(report.Steps.Count, "update", "updates")}, loss {report.Steps[0].Loss:0.000} → {report.Steps[^1].Loss:0.000}: {Path.GetRelativePath(Environment.CurrentDirectory, report.OutputPath)}"));
            return ExitCode.Done;
        });
        return verb;
    }

    private static void Write(Utf8JsonWriter writer, TrainReport report)
    {
        writer.WriteString("path", report.OutputPath);
        writer.WriteNumber("examples", report.ExampleCount);
        writer.WriteNumber("skipped", report.SkippedCount);
        writer.WriteNumber("trained_weights", report.TrainedCount);
        writer.WriteNumber("steps", report.Steps.Count);
        writer.WriteNumber("first_loss", report.Steps[0].Loss);
        writer.WriteNumber("last_loss", report.Steps[^1].Loss);
    }

    private static Option<double> Real(string name, string description, double value) => new(name) { Description = description, HelpName = "X", DefaultValueFactory = _ => value, CustomParser = RealNumber.Parse };

    private static Option<T> Number<T>(string name, string description, T value) => new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };

    private static T Choose<T>(string given, string option, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        foreach ((string name, T value) in choices)
        {
            if (name == given) return value;
        }
        throw new UsageException($"{option} is '{given}'; {string.Join(", ", choices.ToArray().Select(c => c.Name))} were expected.");
    }
}
