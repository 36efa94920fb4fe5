using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;

namespace YiSharp.Tensors;

/// <summary>Work on the items [start, end).</summary>
internal delegate void ParallelBody<TState>(in TState state, int start, int end);

/// <summary>
/// One pool of threads that shares out loops. A loop is cut into chunks, and every item is computed by one chunk and knows nothing of its bounds: so results depend neither
/// on thread count nor on timing.
/// Threads that find no work spin for <see cref="SpinMicroseconds"/>, then park and use no processor time.
/// </summary>
public sealed class Parallelism : IDisposable
{
    /// <summary>Covers the gap between two operations of a decoded token.</summary>
    private const double SpinMicroseconds = 60;

    /// <summary>Enough to even out the threads, few enough that a stretch is long beside what memory takes to get going.</summary>
    private const int StretchesPerThread = 4;

    /// <summary>About 20 microseconds.</summary>
    private const int LooksBeforeYield = 500;

    private static readonly long SpinTicks = (long)(SpinMicroseconds * Stopwatch.Frequency / 1e6);

    private readonly object _gate = new();
    private readonly Thread[] _workers;

    // (generation << 32) | chunks not yet taken. A chunk is taken by comparing and swapping; the fields below may change only
    // when all chunks of a generation are done, so whoever took one reads the right ones.
    private long _ticket;
    private Loop? _loop;
    private int _count;
    private int _grain;
    private int _chunkCount;
    private int _unfinished;
    private int _parked;
    private int _running;
    private volatile bool _disposed;
    private volatile ExceptionDispatchInfo? _failure;

    /// <summary>Starts <paramref name="threadCount"/> − 1 threads beside the caller's.</summary>
    /// <param name="threadCount">Threads that work at once; 0 takes one for each physical core.</param>
    public Parallelism(int threadCount = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threadCount);
        ThreadCount = threadCount == 0 ? PhysicalCoreCount : threadCount;
        _workers = new Thread[ThreadCount - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"YiSharp {i + 1}") };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that work at once, the caller's among them.</summary>
    public int ThreadCount { get; }

    /// <summary>Cores that this process may use, hyper-threads not counted twice.</summary>
    public static int PhysicalCoreCount { get; } = CountPhysicalCores();

    /// <summary>
    /// Calls <paramref name="body"/> for chunks of <paramref name="grain"/> items that cover [0, count), on all threads, and returns when
    /// all are done. Allocates nothing once a state type has been seen. Called from inside a body, or while another thread is in a
    /// loop, it runs on the caller's thread alone.
    /// </summary>
    internal void For<TState>(int count, int grain, in TState state, ParallelBody<TState> body)
    {
        int chunkCount = (count + grain - 1) / grain;
        if (chunkCount <= 1 || _workers.Length == 0 || Interlocked.CompareExchange(ref _running, 1, 0) != 0)
        {
            for (int start = 0; start < count; start += grain) body(in state, start, Math.Min(start + grain, count));
            return;
        }
        Loop<TState> loop = Loop<TState>.Rent(in state, body);
        try
        {
            Share(loop, count, grain, chunkCount);
        }
        finally
        {
            loop.Return();
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>A grain that gives every thread a few long stretches, for loops that do little but read memory in order.</summary>
    /// <param name="count">Items of the loop.</param>
    /// <param name="least">Least items that are worth handing to a thread.</param>
    internal int LongGrain(int count, int least) => Math.Max(least, (count + StretchesPerThread * ThreadCount - 1) / (StretchesPerThread * ThreadCount));

    private void Share(Loop loop, int count, int grain, int chunkCount)
    {
        (_loop, _count, _grain, _chunkCount, _unfinished) = (loop, count, grain, chunkCount, chunkCount);
        long generation = (Volatile.Read(ref _ticket) >> 32) + 1;
        Interlocked.Exchange(ref _ticket, (generation << 32) | (uint)chunkCount);
        if (Volatile.Read(ref _parked) > 0)
        {
            lock (_gate) Monitor.PulseAll(_gate);
        }
        while (TryTakeChunk()) { }

        // The rest is a chunk's time away: to look often costs nothing, and only a thread that is not running is worth giving way to.
        for (int i = 1; Volatile.Read(ref _unfinished) != 0; i++)
        {
            if (i % LooksBeforeYield == 0) Thread.Yield();
            else Thread.SpinWait(1);
        }
        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    private bool TryTakeChunk()
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int left = (int)(uint)ticket;
            if (left == 0) return false;
            if (Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket) != ticket) continue;

            int start = (_chunkCount - left) * _grain;
            try
            {
                _loop!.Run(start, Math.Min(start + _grain, _count));
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
            Interlocked.Decrement(ref _unfinished);
            return true;
        }
    }

    private void Work()
    {
        long idleSince = Stopwatch.GetTimestamp();
        while (!_disposed)
        {
            if (TryTakeChunk())
            {
                idleSince = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetTimestamp() - idleSince < SpinTicks)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Park();
                idleSince = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Park()
    {
        // Announced before the last look at the ticket, and the caller looks here after setting it: one of the two sees the other.
        Interlocked.Increment(ref _parked);
        lock (_gate)
        {
            while ((uint)Volatile.Read(ref _ticket) == 0 && !_disposed) Monitor.Wait(_gate);
        }
        Interlocked.Decrement(ref _parked);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        lock (_gate) Monitor.PulseAll(_gate);
        foreach (Thread worker in _workers) worker.Join();
    }

    private static int CountPhysicalCores()
    {
        var cores = new HashSet<string>();
        const string Folder = "/sys/devices/system/cpu";
        if (OperatingSystem.IsLinux() && Directory.Exists(Folder))
        {
            foreach (string cpu in Directory.EnumerateDirectories(Folder, "cpu*"))
            {
                string siblings = Path.Combine(cpu, "topology", "thread_siblings_list");
                if (File.Exists(siblings)) cores.Add(File.ReadAllText(siblings).Trim());
            }
        }
        return cores.Count == 0 ? Environment.ProcessorCount : Math.Min(cores.Count, Environment.ProcessorCount);
    }

    /// <summary>What a loop does to a chunk.</summary>
    private abstract class Loop
    {
        public abstract void Run(int start, int end);
    }

    /// <summary>A loop's state and body: one object a calling thread and state type, so that a loop allocates nothing.</summary>
    private sealed class Loop<TState> : Loop
    {
        [ThreadStatic]
        private static Loop<TState>? s_free;

        private TState _state = default!;
        private ParallelBody<TState> _body = null!;

        public static Loop<TState> Rent(in TState state, ParallelBody<TState> body)
        {
            Loop<TState> loop = s_free ?? new Loop<TState>();
            s_free = null;
            (loop._state, loop._body) = (state, body);
            return loop;
        }

        public void Return()
        {
            (_state, _body) = (default!, null!);
            s_free = this;
        }

        public override void Run(int start, int end) => _body(in _state, start, end);
    }
}
