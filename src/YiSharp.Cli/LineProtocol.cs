using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace YiSharp.Cli;

/// <summary>
/// The protocol of <c>--jsonl</c>: one JSON object a line in, one a line out, in order, each flushed. A line that does not hold is
/// answered by <c>{"error": "…", "line": n}</c> in its place, and the exit code is then 1.
/// </summary>
/// <param name="terminal">Where lines come from and go to.</param>
/// <param name="known">Every field a line may have; null for any.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class LineProtocol(Terminal terminal, IReadOnlyCollection<string>? known, CancellationToken cancellation)
{
    private readonly InputLines _lines = new(terminal.Input);
    private readonly JsonOutput _output = new(terminal.Output);
    private readonly SortedDictionary<int, byte[]> _early = [];
    private readonly Dictionary<int, byte[]> _ids = [];
    private int _nextNumber = 1;
    private bool _anyBad;

    /// <summary>The field by which whoever asks tells lines apart: of any kind, it goes along, first in the answer or error; null for none.</summary>
    public string? IdField { get; init; }

    /// <summary>What a line that does not hold is answered by: its number and the error to fields.</summary>
    public Action<Utf8JsonWriter, int, Exception> DescribeError { get; init; } = static (writer, number, error) =>
    {
        writer.WriteText("error", Failure.Describe(error).Sentence);
        writer.WriteNumber("line", number);
    };

    /// <summary>What the exit code is so far.</summary>
    public int ExitCode => _anyBad ? Cli.ExitCode.WorkFailed : Cli.ExitCode.Done;

    /// <summary>Number of answers that wait for one before them.</summary>
    public int AheadCount => _early.Count;

    /// <summary>Answers each line before the next is looked at.</summary>
    /// <param name="answer">From a line's fields to what writes the answer's fields.</param>
    /// <returns>The exit code.</returns>
    public int AnswerEach(Func<JsonFields, Action<Utf8JsonWriter>> answer)
    {
        while (TryNext(wait: true, answer, out int number, out Action<Utf8JsonWriter>? write)) Answer(number, write!);
        return ExitCode;
    }

    /// <summary>Reads the next line that holds; those before it that do not are answered.</summary>
    /// <param name="wait">Whether to wait for a line.</param>
    /// <param name="read">From a line's fields to what is to be done.</param>
    /// <param name="number">The line's number, for <see cref="Answer"/>.</param>
    /// <param name="work">What is to be done.</param>
    /// <returns>Whether there is one: without waiting none yet, otherwise none any more.</returns>
    public bool TryNext<T>(bool wait, Func<JsonFields, T> read, out int number, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T work)
    {
        while (_lines.TryNext(wait, out InputLine line, cancellation))
        {
            number = line.Number;
            try
            {
                var fields = JsonFields.Parse(line, known);
                if (IdField is not null && fields.Any(IdField) is { } id) _ids.Add(number, Written(id));
                work = read(fields);
                return true;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                AnswerBad(number, e);
            }
        }
        (number, work) = (0, default);
        return false;
    }

    /// <summary>Answers a line, once all before it are answered.</summary>
    public void Answer(int number, Action<Utf8JsonWriter> write)
    {
        byte[] line;
        try
        {
            line = JsonOutput.Line(writer =>
            {
                WriteId(writer, number);
                write(writer);
            });
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            AnswerBad(number, e);
            return;
        }
        Put(number, line);
    }

    /// <summary>Answers a line that does not hold.</summary>
    public void AnswerBad(int number, Exception error)
    {
        _anyBad = true;
        Put(number, JsonOutput.Line(writer =>
        {
            WriteId(writer, number);
            DescribeError(writer, number, error);
        }));
    }

    private byte[] Written(JsonElement id)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        try
        {
            id.WriteTo(writer);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new ArgumentException($"Field \"{IdField}\" is no Unicode text: it holds half a surrogate pair or bytes that are not UTF-8.", e);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteId(Utf8JsonWriter writer, int number)
    {
        if (!_ids.TryGetValue(number, out byte[]? id)) return;
        writer.WritePropertyName(IdField!);
        writer.WriteRawValue(id, skipInputValidation: true);
    }

    private void Put(int number, byte[] line)
    {
        _ids.Remove(number);
        _early.Add(number, line);
        while (_early.Remove(_nextNumber, out byte[]? next))
        {
            _output.Write(next);
            _nextNumber++;
        }
    }
}
