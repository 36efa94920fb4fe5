using System.Text;
using System.Text.Json;
using YiSharp.Cli;

namespace YiSharp.Tests.Cli;

/// <summary>What a run of the program left.</summary>
internal sealed record YiResult(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonElement[] Objects => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];
}

/// <summary>The program, called in this process with streams for its input and output.</summary>
internal static class Yi
{
    public static YiResult Run(params string[] args) => RunWith([], args);

    public static YiResult RunLines(string[] lines, params string[] args) => RunWith(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), args);

    public static YiResult RunWith(byte[] input, params string[] args)
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        using var interrupts = new Interrupts();
        int code = Application.Run(args, new Terminal(new MemoryStream(input), output, error), interrupts);
        return new YiResult(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
