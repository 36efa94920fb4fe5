using System.Diagnostics;
using System.Text.RegularExpressions;

namespace YiSharp.Docs.Tests;

/// <summary>The README's console blocks, run: a line after <c>$ </c> is a command, the lines below it are what it prints, … stands for anything.</summary>
public sealed class ReadMeTests
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task What_the_tour_prints_is_what_the_README_says()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The tour is written for a Unix shell.");
            return;
        }
        (string Command, string Expected)[] steps = [.. Steps(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken))];
        Assert.True(steps.Length >= 8, $"{steps.Length} commands found.");

        string folder = Directory.CreateTempSubdirectory("yisharp-tour-").FullName;
        try
        {
            string yi = Path.Combine(folder, "yi");
            await File.WriteAllTextAsync(yi, $"#!/bin/sh\nexec \"{Path.Combine(Repository.Root, "yi")}\" \"$@\"\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(yi, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateSymbolicLink(Path.Combine(folder, "runs"), Path.Combine(Repository.Root, "runs"));
            foreach ((string command, string expected) in steps) await RunStep(folder, command, expected);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunStep(string folder, string command, string expected)
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
        Assert.True(Regex.IsMatch((await output).TrimEnd(), pattern), $"$ {command}\nprinted\n{await output}\nand the README says\n{expected}");
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
