using System.CommandLine;
using YiSharp.Checkpoints;
using YiSharp.Inference;

namespace YiSharp.Cli.Verbs;

/// <summary><c>yi chat</c>: a conversation in the terminal, or one question from a pipe.</summary>
internal static class ChatVerb
{
    /// <summary>Longest answer unless asked otherwise, tokens.</summary>
    private const int MaxNewTokens = 1024;

    /// <summary>Where the checkpoint does not say how it wants to be sampled: lively, but not wild.</summary>
    private const double Temperature = 0.6, TopP = 0.9;

    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var verb = new Verb("chat", "Talk to a model. A piped text is one message, answered once.",
            "yi chat",
            "yi chat --model releases/quickstart/4bits",
            "yi chat --system \"Answer in one sentence.\" --temperature 0",
            "echo \"What is the capital of France?\" | yi chat",
            "yi chat --adapter runs/NAME/adapter");
        var model = new ModelOptions();
        var system = new Option<string?>("--system", "-s") { Description = "What the model is told before the conversation.", HelpName = "TEXT" };
        var sampling = new SamplingOptionSet();
        var speculation = new SpeculationOptionSet();
        model.AddTo(verb);
        verb.Add(system);
        sampling.AddTo(verb);
        speculation.AddTo(verb);

        verb.SetAction(parse =>
        {
            Speculation guesses = speculation.Read(parse);
            sampling.Read(parse, new GenerationOptions()); // wrong values are told before the model is loaded
            string? piped = terminal.IsInputPiped ? terminal.ReadToEnd(interrupts.Token).TrimEnd('\r', '\n') : null;
            if (piped is not null && string.IsNullOrWhiteSpace(piped)) throw new UsageException("Nothing came on standard input; a piped text is the message to answer.");

            using LanguageModel loaded = model.Load(parse, terminal, interrupts.Token);
            speculation.LoadDraft(parse, model, loaded);
            GenerationOptions defaults = piped is null ? DefaultsOf(loaded.Checkpoint.Generation) : Greedy;
            using var session = new ChatSession(loaded, sampling.Read(parse, defaults with { Speculation = guesses })) { System = parse.GetValue(system) };
            return piped is null ? new ChatConsole(terminal, interrupts, session, loaded).Run() : AnswerOnce(terminal, session, piped, interrupts.Token);
        });
        return verb;
    }

    /// <summary>A pipe is a script's: the same question gets the same answer.</summary>
    private static GenerationOptions Greedy => new() { MaxNewTokens = MaxNewTokens, Sampling = SamplingOptions.Greedy };

    /// <summary>As the checkpoint's makers generate; where they do not say, this verb's own values.</summary>
    private static GenerationOptions DefaultsOf(GenerationConfig generation)
    {
        bool saysNothing = generation.DoSample is null && generation.Temperature is null && generation.TopP is null && generation.TopK is null;
        SamplingOptions sampling = saysNothing
            ? new SamplingOptions { Temperature = Temperature, TopP = TopP }
            : new SamplingOptions
            {
                Temperature = generation.DoSample == false ? 0 : generation.Temperature ?? 1,
                TopP = generation.TopP is > 0 and double topP ? topP : 1,
                TopK = generation.TopK ?? 0,
            };
        return new GenerationOptions { MaxNewTokens = MaxNewTokens, Sampling = sampling with { RepetitionPenalty = generation.RepetitionPenalty ?? 1 } };
    }

    private static int AnswerOnce(Terminal terminal, ChatSession session, string message, CancellationToken cancellation)
    {
        session.Ask(message, terminal.Out.Write, cancellation);
        terminal.Out.WriteLine();
        cancellation.ThrowIfCancellationRequested();
        return ExitCode.Done;
    }
}
