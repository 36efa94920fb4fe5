using System.Diagnostics;
using System.Text.Json;

namespace YiSharp.Tests.Cli;

/// <summary>The program as a process of its own: what only that can show.</summary>
public sealed class ProcessTests
{
    private static Process Start(params string[] args) => ProgramProcess.Start(args);

    [Fact]
    public void The_version_needs_no_other_assembly()
    {
        using Process process = Start("--version");
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void Output_is_utf8_whatever_the_locale()
    {
        using Process process = Start("tokenize", "--decode", "15107 235 229");
        using var bytes = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        process.WaitForExit();
        Assert.Equal(" 👋\n"u8.ToArray(), bytes.ToArray());
    }

    [Theory]
    [InlineData("generate", "--ignore-eos", "--max-new-tokens", "8000", "Once")]
    [InlineData("generate", "--jsonl")]
    [InlineData("bench", "--shape", "toy", "--prefill", "none", "--decode", "1000", "--depth", "0", "--repeats", "100000")]
    public void An_interrupt_ends_with_130(params string[] args)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Sends a POSIX signal.");
        using Process process = Start(args);
        if (args.Contains("--jsonl"))
        {
            process.StandardInput.WriteLine("{\"ids\": [1], \"max_new_tokens\": 1}");
            process.StandardInput.Flush();
            Assert.NotNull(process.StandardOutput.ReadLine()); // from here on it waits for input
        }
        else if (args.Contains("bench"))
        {
            while (process.StandardError.ReadLine() is { } line && !line.Contains("decode", StringComparison.Ordinal)) { } // until it is measuring
        }
        else
        {
            Assert.True(process.StandardOutput.Read() >= 0); // it is generating
        }
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) kill.WaitForExit();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("yi: interrupted.", process.StandardError.ReadToEnd().Trim());
    }

    [Fact]
    public void A_client_that_writes_a_line_and_waits_gets_its_answer()
    {
        using Process process = Start("generate", "--jsonl");
        for (int i = 1; i <= 3; i++)
        {
            process.StandardInput.WriteLine($"{{\"ids\": [504, {i}], \"max_new_tokens\": {i}, \"ignore_eos\": true}}");
            process.StandardInput.Flush();
            string answer = process.StandardOutput.ReadLine()!;
            Assert.Equal(i, JsonDocument.Parse(answer).RootElement.GetProperty("ids").GetArrayLength());
        }
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
