using System.Diagnostics;

namespace YiSharp.Tests.Cli;

/// <summary>The program as a process of its own.</summary>
internal static class ProgramProcess
{
    public static Process Start(params string[] args) => Start([], args);

    /// <summary>The same with variables of its environment set.</summary>
    public static Process Start((string Name, string Value)[] environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "yi.dll"), .. args]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
