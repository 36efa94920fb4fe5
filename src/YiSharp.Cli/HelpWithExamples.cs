using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace YiSharp.Cli;

/// <summary>The platform's help, and below it command lines that work.</summary>
internal sealed class HelpWithExamples(HelpAction help, string[] rootExamples) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        IReadOnlyList<string> examples = parseResult.CommandResult.Command is Verb verb ? verb.Examples : rootExamples;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (string example in examples) output.WriteLine($"  {example}");
        return code;
    }
}
