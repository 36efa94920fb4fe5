namespace YiSharp.Data;

/// <summary>Lines of bytes, one after the other, with a bound on what is kept of each.</summary>
/// <param name="stream">Where they come from; stays open.</param>
/// <param name="maxLineBytes">Longest line that is kept.</param>
internal sealed class LineReader(Stream stream, int maxLineBytes)
{
    private byte[] _buffer = new byte[Math.Min(1 << 16, maxLineBytes + 1)];
    private int _start, _end;
    private bool _ended;

    /// <summary>Number of the line, 1-based.</summary>
    public int Number { get; private set; }

    /// <summary>The line without its end; valid until the next call. Empty when <see cref="TooLong"/>.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Whether the line was longer than the bound and has been skipped.</summary>
    public bool TooLong { get; private set; }

    /// <summary>Goes to the next line; false at the end.</summary>
    public bool Next()
    {
        (TooLong, Line) = (false, default);
        int scanned = _start;
        while (true)
        {
            int newline = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                Take(scanned + newline);
                _start = scanned + newline + 1;
                return true;
            }
            if (_ended)
            {
                if (_start == _end && !TooLong) return false;
                Take(_end);
                _start = _end;
                return true;
            }
            if (_end - _start > maxLineBytes)
            {
                TooLong = true;
                _start = _end;
            }
            int kept = _end - _start;
            Fill();
            scanned = _start + kept;
        }
    }

    private void Take(int end)
    {
        Number++;
        if (TooLong || end - _start > maxLineBytes)
        {
            TooLong = true;
            return;
        }
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, end - _start);
        if (Number == 1 && line.Span.StartsWith("\uFEFF"u8)) line = line[3..];
        Line = line;
    }

    /// <summary>Reads more behind what is kept; makes room first.</summary>
    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maxLineBytes + 1L));
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _ended = read == 0;
        _end += read;
    }
}
