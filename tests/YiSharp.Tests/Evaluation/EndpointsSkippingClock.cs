namespace YiSharp.Tests.Evaluation;

/// <summary>A clock on which waits take no time: it jumps to the end of each. Time-outs, told apart by their length, never come unless a test calls <see cref="EndTimeouts"/>.</summary>
internal sealed class EndpointsSkippingClock : TimeProvider
{
    /// <summary>A time-out for requests under this clock.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromHours(12);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly HashSet<SkippedTimer> _timeouts = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Now
    {
        get { lock (_lock) return _now; }
    }

    /// <summary>All waits so far.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get { lock (_lock) return [.. _waits]; }
    }

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SkippedTimer(this, callback, state);
        lock (_lock)
        {
            if (dueTime > LongestWait)
            {
                _timeouts.Add(timer);
                return timer;
            }
            _waits.Add(dueTime);
            if (_now + dueTime is var end && end > _now) _now = end;
        }
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return timer;
    }

    /// <summary>Lets the time of all requests under way run out.</summary>
    public void EndTimeouts()
    {
        SkippedTimer[] ended;
        lock (_lock)
        {
            ended = [.. _timeouts];
            _timeouts.Clear();
        }
        foreach (SkippedTimer timer in ended) timer.Fire();
    }

    private sealed class SkippedTimer(EndpointsSkippingClock clock, TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (clock._lock) clock._timeouts.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
