using System.Text;

namespace YiSharp.Cli;

/// <summary>Where the program reads and writes, always in UTF-8, and what it knows about the other side.</summary>
internal sealed class Terminal
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Streams that stand for a terminal's or a pipe's.</summary>
    public Terminal(Stream input, Stream output, TextWriter error)
    {
        Input = input;
        Output = output;
        Out = new StreamWriter(output, Utf8, bufferSize: 4096, leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        Error = error;
    }

    /// <summary>Bytes in.</summary>
    public Stream Input { get; }

    /// <summary>Bytes out. <see cref="Out"/> holds nothing back, so both may be used in turn.</summary>
    public Stream Output { get; }

    /// <summary>Text out.</summary>
    public TextWriter Out { get; }

    /// <summary>Where errors and progress go.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether input comes from a file or another program.</summary>
    public bool IsInputPiped { get; init; } = true;

    /// <summary>Whether output goes to a file or another program.</summary>
    public bool IsOutputPiped { get; init; } = true;

    /// <summary>Whether errors and progress go to a file or another program.</summary>
    public bool IsErrorPiped { get; init; } = true;

    /// <summary>Whether output may be coloured.</summary>
    public bool HasColours { get; init; }

    /// <summary>Characters in a line.</summary>
    public int Width { get; init; } = 100;

    /// <summary>Reads one line that somebody types; null at the end.</summary>
    public Func<string?>? ReadLine { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool isOutputPiped = Console.IsOutputRedirected;
        if (!Console.IsInputRedirected) Console.InputEncoding = Utf8;
        var error = new StreamWriter(Console.OpenStandardError(), Utf8) { AutoFlush = true, NewLine = "\n" };
        return new Terminal(Console.OpenStandardInput(), Console.OpenStandardOutput(), error)
        {
            IsInputPiped = Console.IsInputRedirected,
            IsOutputPiped = isOutputPiped,
            IsErrorPiped = Console.IsErrorRedirected,
            HasColours = !isOutputPiped && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Width = isOutputPiped ? 100 : Math.Max(40, Console.WindowWidth),
            ReadLine = Console.ReadLine,
        };
    }

    /// <summary>Everything from the input as text; bytes that are no UTF-8 become U+FFFD, and a byte-order mark is left out.</summary>
    public string ReadToEnd(CancellationToken cancellation)
    {
        // A blocked read cannot be interrupted; whoever waits for it can.
        Task<string> reading = Task.Run(() => new StreamReader(Input, Utf8).ReadToEnd(), CancellationToken.None);
        reading.Wait(cancellation);
        return reading.Result;
    }
}
