namespace YiSharp.Checkpoints;

/// <summary>Counts what a writer has put out, and tells every few megabytes.</summary>
internal sealed class WriteMeter(Action<long, long>? progress, long totalBytes)
{
    private const long StepBytes = 4 << 20;

    private long _written;
    private long _told;

    /// <summary>Counts some bytes more.</summary>
    public void Add(long bytes)
    {
        _written += bytes;
        if (_written - _told < StepBytes && _written < totalBytes) return;
        _told = _written;
        progress?.Invoke(_written, totalBytes);
    }
}
