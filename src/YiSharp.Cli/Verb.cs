using System.CommandLine;

namespace YiSharp.Cli;

/// <summary>A verb of the command line with examples for its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines that work, each with what it does after a <c>#</c>.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
