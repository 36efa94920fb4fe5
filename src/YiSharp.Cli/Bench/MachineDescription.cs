using System.Runtime.InteropServices;
using YiSharp.Tensors;

namespace YiSharp.Cli;

/// <summary>On what something was measured.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="CoreCount">Physical cores that this process may use.</param>
/// <param name="ThreadCount">Threads that computed.</param>
/// <param name="InstructionSet">The widest instructions that are used.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="DotNet">Version of the runtime.</param>
/// <param name="YiSharp">Version of this program.</param>
internal sealed record MachineDescription(string Processor, int CoreCount, int ThreadCount, string InstructionSet, string OperatingSystem, string DotNet, string YiSharp)
{
    /// <summary>This machine.</summary>
    public static MachineDescription Here(int threadCount) => new(
        ProcessorName(), Parallelism.PhysicalCoreCount, threadCount, MachineLimits.Instructions, RuntimeInformation.OSDescription, Environment.Version.ToString(), ProductVersion.Text);

    private static string ProcessorName()
    {
        const string Facts = "/proc/cpuinfo";
        string? line = File.Exists(Facts) ? File.ReadLines(Facts).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
