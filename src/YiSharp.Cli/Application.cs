using System.CommandLine;
using System.CommandLine.Help;
using YiSharp.Cli.Verbs;

namespace YiSharp.Cli;

/// <summary>Command line to verb, and every failure to one sentence and an exit code.</summary>
internal static class Application
{
    private static readonly string[] RootExamples =
    [
        "yi chat                                        # talk to the embedded model",
        "yi generate --chat \"Name three primary colours.\"",
        "yi score \"The capital of France is Paris.\"      # how likely is each token?",
        "yi tokenize \"Hello, world!\" --json",
        "yi release runs/quickstart.yaml                # the whole way: train, measure, quantize, release",
    ];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Terminal terminal, Interrupts interrupts) => Run(args, CreateRoot(terminal, interrupts), terminal);

    /// <summary>The same with the verbs of another program.</summary>
    public static int Run(string[] args, RootCommand root, Terminal terminal)
    {
        AddCommonOptions(root);
        bool isVerbose = args.TakeWhile(a => a != "--").Contains("--verbose");
        ParseResult? parse = null;
        try
        {
            if (args.Length == 0) args = ["--help"];
            parse = root.Parse(args);
            CommandLineErrors.Throw(parse, args);
            return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Out, Error = terminal.Error, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            Exception cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            (int code, string sentence) = Failure.Describe(cause);
            bool goesOn = code == ExitCode.Interrupted && parse?.CommandResult.Command is Verb { GoesOn: true };
            terminal.Error.WriteLine($"yi: {sentence}{(goesOn ? " What is finished is kept; the same command goes on from there." : "")}");
            if (isVerbose) terminal.Error.WriteLine(cause);
            return code;
        }
    }

    private static RootCommand CreateRoot(Terminal terminal, Interrupts interrupts) =>
        new("YiSharp: fine-tune, measure, quantize and run Llama-architecture chat models, in C# alone.")
        {
            InspectVerb.Create(terminal, interrupts),
            ChatVerb.Create(terminal, interrupts),
            GenerateVerb.Create(terminal, interrupts),
            ScoreVerb.Create(terminal, interrupts),
            TokenizeVerb.Create(terminal, interrupts),
            TemplateVerb.Create(terminal, interrupts),
            TrainVerb.Create(terminal, interrupts),
            MergeVerb.Create(terminal, interrupts),
            EvalVerb.Create(terminal, interrupts),
            CompareVerb.Create(terminal, interrupts),
            ConvertVerb.Create(terminal, interrupts),
            QuantizeVerb.Create(terminal, interrupts),
            ReleaseVerb.Create(terminal, interrupts),
            BenchVerb.Create(terminal, interrupts),
            CacheVerb.Create(terminal, interrupts),
            StatsVerb.Create(terminal, interrupts),
        };

    private static void AddCommonOptions(RootCommand root)
    {
        root.Add(new Option<bool>("--verbose") { Description = "With an error, show where in the program it arose.", Recursive = true });
        foreach (Option option in root.Options)
        {
            if (option is HelpOption help)
            {
                help.Aliases.Clear();
                help.Aliases.Add("-h");
                help.Description = "Show help and examples.";
                help.Action = new HelpWithExamples((HelpAction)help.Action!, RootExamples);
            }
            else if (option is VersionOption version)
            {
                version.Description = "Show the version.";
                version.Action = new VersionAction();
            }
        }
    }

    private sealed class VersionAction : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Text);
            return ExitCode.Done;
        }
    }
}
