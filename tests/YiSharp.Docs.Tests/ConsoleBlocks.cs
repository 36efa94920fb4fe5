using System.Diagnostics;
using System.Text.RegularExpressions;

namespace YiSharp.Docs.Tests;

/// <summary>A document's console blocks, run in a folder of their own: a line after <c>$ </c> is a command, the lines below it are what it prints, … stands for anything.</summary>
internal static class ConsoleBlocks
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(3);

    /// <summary>Runs every block of a document, and holds what is printed to what it says.</summary>
    /// <param name="document">Its path in the repository.</param>
    /// <param name="leastSteps">Commands that it has at least.</param>
    /// <param name="linked">Folders of the repository that the commands read.</param>
    public static async Task RunAsync(string document, int leastSteps, params string[] linked)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The commands are written for a Unix shell.");
            return;
        }
        (string Command, string Expected)[] steps = [.. Steps(await File.ReadAllTextAsync(Path.Combine(Repository.Root, document), TestContext.Current.CancellationToken))];
        Assert.True(steps.Length >= leastSteps, $"{steps.Length} commands found in {document}.");

        string folder = Directory.CreateTempSubdirectory("yisharp-tour-").FullName;
        try
        {
            string yi = Path.Combine(folder, "yi");
            await File.WriteAllTextAsync(yi, $"#!/bin/sh\nexec \"{Path.Combine(Repository.Root, "yi")}\" \"$@\"\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(yi, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (string name in linked) Directory.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(Repository.Root, name));
            foreach ((string command, string expected) in steps) await RunStep(document, folder, command, expected);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunStep(string document, string folder, string command, string expected)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(CommandLimit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"$ {command}\nexit code {process.ExitCode}\n{await output}\n{await errors}");
        string pattern = "^" + Regex.Escape(expected).Replace("…", "[\\s\\S]*", StringComparison.Ordinal) + "$";
        Assert.True(Regex.IsMatch((await output).TrimEnd(), pattern), $"$ {command}\nprinted\n{await output}\nand {document} says\n{expected}");
    }

    private static IEnumerable<(string Command, string Expected)> Steps(string markdown)
    {
        foreach (Match block in Regex.Matches(markdown, "^```console\\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline))
        {
            foreach (string step in Regex.Split(block.Groups[1].Value, "^\\$ ", RegexOptions.Multiline).Where(s => s.Length > 0))
            {
                int end = step.IndexOf('\n', StringComparison.Ordinal);
                yield return (step[..end], step[(end + 1)..].TrimEnd());
            }
        }
    }
}
