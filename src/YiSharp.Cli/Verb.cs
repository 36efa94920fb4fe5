using System.CommandLine;

namespace YiSharp.Cli;

/// <summary>A verb of the command line with examples for its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines that work, each with what it does after a <c>#</c>.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Whether the same command, given again, goes on with what was interrupted; the last words of one that was say so.</summary>
    public bool GoesOn { get; private set; }

    /// <summary>Says of the verb, in its help too, that it goes on with what was interrupted.</summary>
    public void MarkGoingOn()
    {
        GoesOn = true;
        Description += " Started again, it goes on where it was.";
    }
}
