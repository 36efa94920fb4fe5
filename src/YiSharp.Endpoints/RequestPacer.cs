namespace YiSharp.Endpoints;

/// <summary>
/// When a request may leave: a bucket that holds one token and gets another each 60 / <paramref name="requestsPerMinute"/> seconds, so that no minute, wherever it
/// begins, sees more; and never while the endpoint asks to be left alone.
/// </summary>
/// <param name="requestsPerMinute">The limit; null for none.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestPacer(int? requestsPerMinute, TimeProvider time)
{
    private readonly TimeSpan _interval = requestsPerMinute is { } limit ? TimeSpan.FromTicks((TimeSpan.TicksPerMinute + limit - 1) / limit) : TimeSpan.Zero;
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private TimeSpan _nextToken, _pauseEnd;

    /// <summary>Waits until a request may leave, and counts it.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan wait = TakeOrWait();
            if (wait <= TimeSpan.Zero) return;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellation);
        }
    }

    /// <summary>Lets no request leave for a while.</summary>
    public void Pause(TimeSpan duration)
    {
        lock (_lock)
        {
            TimeSpan end = Now + duration;
            if (end > _pauseEnd) _pauseEnd = end;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes the token where there is one and gives zero; otherwise says how long there is none.</summary>
    private TimeSpan TakeOrWait()
    {
        lock (_lock)
        {
            TimeSpan now = Now, earliest = _nextToken > _pauseEnd ? _nextToken : _pauseEnd;
            if (now < earliest) return earliest - now;
            _nextToken = now + _interval;
            return TimeSpan.Zero;
        }
    }
}
