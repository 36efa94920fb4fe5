using System.Collections.Concurrent;

namespace YiSharp.Cli;

/// <summary>One line of input without its end.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Bytes">UTF-8, probably.</param>
/// <param name="IsTooLong">Whether the line was longer than is read; <paramref name="Bytes"/> is then empty.</param>
internal readonly record struct InputLine(int Number, byte[] Bytes, bool IsTooLong);

/// <summary>
/// Lines of a stream, read ahead by a thread of their own as far as they are there, so that a client that writes a line and waits
/// for the answer gets it, and a file's lines can be worked on together.
/// </summary>
internal sealed class InputLines
{
    /// <summary>Longest line, bytes.</summary>
    public const int MaxBytes = 64 << 20;

    private readonly BlockingCollection<InputLine> _lines = new(boundedCapacity: 64);
    private Exception? _failure;

    public InputLines(Stream input)
    {
        var thread = new Thread(() => Read(input)) { IsBackground = true, Name = "input" };
        thread.Start();
    }

    /// <summary>The next line; waits for it when <paramref name="wait"/>.</summary>
    /// <returns>Whether there is one: without waiting none yet, otherwise none any more.</returns>
    public bool TryNext(bool wait, out InputLine line, CancellationToken cancellation)
    {
        bool any = _lines.TryTake(out line, wait ? Timeout.Infinite : 0, cancellation);
        if (!any && _lines.IsCompleted && _failure is not null) throw new IOException($"The input cannot be read: {_failure.Message}", _failure);
        return any;
    }

    private void Read(Stream input)
    {
        try
        {
            var line = new MemoryStream();
            bool isTooLong = false, isEmpty = true;
            int number = 1;
            var buffer = new byte[64 << 10];
            int count;
            while ((count = input.Read(buffer)) > 0)
            {
                ReadOnlySpan<byte> rest = buffer.AsSpan(0, count);
                while (!rest.IsEmpty)
                {
                    int end = rest.IndexOf((byte)'\n');
                    ReadOnlySpan<byte> part = end < 0 ? rest : rest[..end];
                    isTooLong |= line.Length + part.Length > MaxBytes;
                    if (!isTooLong) line.Write(part);
                    isEmpty = false;
                    rest = end < 0 ? [] : rest[(end + 1)..];
                    if (end < 0) continue;
                    Add(line, ref isTooLong, ref number);
                    isEmpty = true;
                }
            }
            if (!isEmpty) Add(line, ref isTooLong, ref number);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            _failure = e;
        }
        finally
        {
            _lines.CompleteAdding();
        }
    }

    private void Add(MemoryStream line, ref bool isTooLong, ref int number)
    {
        _lines.Add(new InputLine(number++, isTooLong ? [] : line.ToArray(), isTooLong));
        line.SetLength(0);
        if (line.Capacity > 1 << 20) line.Capacity = 0;
        isTooLong = false;
    }
}
