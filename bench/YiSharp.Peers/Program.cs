using System.CommandLine;
using YiSharp.Cli;
using YiSharp.Peers;

// Ours beside others' on the same inputs in the same run. Results stand in bench/results.
if (args is ["engines", ..])
{
    using var interrupts = new Interrupts();
    var terminal = Terminal.OfProcess();
    return Application.Run(args, new RootCommand("Ours beside others'.") { EngineBench.Create(terminal, interrupts) }, terminal);
}
if (args is not ["tokenizers", ..])
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/YiSharp.Peers -- tokenizers [--repeats 5] [--megabytes 2] [--only NAME] [--no-lengths]");
    Console.Error.WriteLine("       bench/compare --help");
    return 2;
}

int Number(string option, int absent) => Array.IndexOf(args, option) is >= 0 and var at ? int.Parse(args[at + 1], System.Globalization.CultureInfo.InvariantCulture) : absent;

TokenizerBench.Run(new TokenizerBenchOptions
{
    Repeats = Number("--repeats", 5),
    Megabytes = Number("--megabytes", 2),
    Only = Array.IndexOf(args, "--only") is >= 0 and var only ? args[only + 1] : null,
    Lengths = !args.Contains("--no-lengths"),
});
return 0;
