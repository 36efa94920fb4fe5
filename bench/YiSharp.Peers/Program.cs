using YiSharp.Peers;

// Ours beside others' on the same inputs in the same run. Results stand in bench/results.
string[] known = ["tokenizers"];
if (args is not [var verb, ..] || !known.Contains(verb))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project bench/YiSharp.Peers -- {string.Join('|', known)} [--repeats 5] [--megabytes 2] [--only NAME] [--no-lengths]");
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
