using System.CommandLine;
using System.Globalization;
using System.Text;

namespace YiSharp.Cli;

/// <summary>A text from an argument, a file or standard input: the same on every verb that takes one.</summary>
internal sealed class TextInput
{
    private const int MaxBytes = 256 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Argument<string?> _text;
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Read the text from a file (UTF-8).", HelpName = "FILE" };

    public TextInput(string name, string description) =>
        _text = new Argument<string?>(name) { Description = $"{description}; standard input when neither this nor --file is given.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Puts argument and option on a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_text);
        verb.Add(_file);
    }

    /// <summary>Whether an argument or a file was given.</summary>
    public bool IsGiven(ParseResult parse) => parse.GetValue(_text) is not null || parse.GetValue(_file) is not null;

    /// <summary>The text.</summary>
    /// <exception cref="UsageException">Both were given, or the file does not exist.</exception>
    public string Read(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        string? text = parse.GetValue(_text);
        string? file = parse.GetValue(_file);
        if (text is not null && file is not null) throw new UsageException("The text is given twice, as an argument and by --file; give one.");
        if (text is not null) return text;
        if (file is null) return terminal.ReadToEnd(cancellation);
        if (!File.Exists(file)) throw new UsageException($"--file '{file}' does not exist.");
        return ReadFile(file);
    }

    /// <summary>A whole file, or what comes through a pipe, as text without its byte-order mark.</summary>
    /// <exception cref="InvalidDataException">It is longer, or not UTF-8.</exception>
    public static string ReadFile(string path, int maxBytes = MaxBytes)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(path, maxBytes);
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} is not UTF-8 text: byte {e.Index + 1} cannot stand there. Convert it to UTF-8."), e);
        }
    }

    private static byte[] ReadBytes(string path, int maxBytes)
    {
        using FileStream file = File.OpenRead(path);
        using var read = new MemoryStream();
        var buffer = new byte[64 << 10];
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            read.Write(buffer, 0, count);
            if (read.Length > maxBytes) throw new InvalidDataException($"{path} has more than {maxBytes} bytes; a text of at most that many was expected.");
        }
        return read.ToArray();
    }
}
